package dev.fgvc.nets.cluster.c10d;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.DeviceMemory;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors of the bytes that are exchanged, in the pointer scope that is open. Those of buffers and
 * of memory own nothing.
 */
final class ByteTensors {

  private ByteTensors() {}

  /** The bytes between a buffer's position and limit. */
  static Tensor of(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("a buffer on the Java heap; use a direct one");
    }
    return torch.from_blob(
        new BytePointer(buffer.slice()),
        new long[] {buffer.remaining()},
        new TensorOptions(ScalarType.Byte));
  }

  static Tensor of(DeviceMemory memory) {
    TensorOptions options = new TensorOptions(ScalarType.Byte);
    if (isGpu(memory.device())) {
      options = options.device(new DeviceOptional(gpu(memory.device())));
    }
    return torch.from_blob(pointer(memory.address()), new long[] {memory.bytes()}, options);
  }

  /** A pointer to an address, which need not be one of the host. */
  private static Pointer pointer(long value) {
    // A named class would load JavaCPP where all classes are initialized.
    return new Pointer((Pointer) null) {
      {
        address = value;
      }
    };
  }

  /** The same bytes on a device; a copy if they are elsewhere. */
  static Tensor on(Device device, Tensor bytes) {
    return isGpu(device) ? bytes.to(gpu(device), ScalarType.Byte) : bytes;
  }

  private static boolean isGpu(Device device) {
    return device.kind() == Device.Kind.CUDA;
  }

  private static org.bytedeco.pytorch.Device gpu(Device device) {
    return new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) device.index());
  }
}
