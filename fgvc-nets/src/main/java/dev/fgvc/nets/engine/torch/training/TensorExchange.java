package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.DeviceGroup;
import dev.fgvc.nets.engine.DeviceMemory;
import dev.fgvc.nets.engine.ProcessGroup;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/** The exchanges of a group, of contiguous tensors of floats on {@link #device}. */
interface TensorExchange {

  /** Where the tensors have to lie. */
  Device device();

  void allToAll(Tensor send, Tensor receive);

  void allGather(Tensor send, Tensor receive);

  void broadcast(Tensor values);

  /**
   * The way of a network's tensors: from device to device if the group can, and through the host's
   * memory otherwise.
   *
   * @param device of the network
   * @throws IllegalArgumentException if the group exchanges the memory of a GPU that is not this
   *     device: it is likely another process's
   */
  static TensorExchange of(ProcessGroup group, Device device) {
    if (group instanceof DeviceGroup devices) {
      if (devices.device().equals(device)) {
        return new OnDevice(devices);
      }
      if (devices.device().kind() != Device.Kind.CPU) {
        throw new IllegalArgumentException(
            "this process of the group has "
                + devices.device()
                + ", and the network is on "
                + device
                + ": set TrainingOptions.Builder.device to the group's");
      }
    }
    return new OnHost(group);
  }

  /** From device to device. */
  record OnDevice(DeviceGroup group) implements TensorExchange {

    @Override
    public Device device() {
      return group.device();
    }

    @Override
    public void allToAll(Tensor send, Tensor receive) {
      group.allToAll(memory(send), memory(receive));
    }

    @Override
    public void allGather(Tensor send, Tensor receive) {
      group.allGather(memory(send), memory(receive));
    }

    @Override
    public void broadcast(Tensor values) {
      group.broadcast(memory(values));
    }

    private DeviceMemory memory(Tensor tensor) {
      return new DeviceMemory(device(), tensor.data_ptr().address(), Float.BYTES * tensor.numel());
    }
  }

  /** Through the host's memory. */
  record OnHost(ProcessGroup group) implements TensorExchange {

    @Override
    public Device device() {
      return Device.cpu();
    }

    @Override
    public void allToAll(Tensor send, Tensor receive) {
      group.allToAll(bytes(send), bytes(receive));
    }

    @Override
    public void allGather(Tensor send, Tensor receive) {
      group.allGather(bytes(send), bytes(receive));
    }

    @Override
    public void broadcast(Tensor values) {
      group.broadcast(bytes(values));
    }

    private static ByteBuffer bytes(Tensor tensor) {
      return new BytePointer(tensor.data_ptr_float())
          .capacity(Float.BYTES * tensor.numel())
          .asByteBuffer();
    }
  }
}
