package dev.fgvc.nets.engine.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.DeviceGroup;
import dev.fgvc.nets.engine.DeviceMemory;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.testing.ForwardingGroup;
import dev.fgvc.nets.testing.ThreadedGroup;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** From device to device where group and network have the same, else through the host's memory. */
class TensorExchangeTest {

  /** Notes what it is asked to exchange on its device. */
  private static final class Noting extends ForwardingGroup implements DeviceGroup {

    private final Device device;
    private final List<DeviceMemory> exchanged = new ArrayList<>();

    Noting(ProcessGroup group, Device device) {
      super(group);
      this.device = device;
    }

    @Override
    public Device device() {
      return device;
    }

    @Override
    public void allToAll(DeviceMemory send, DeviceMemory receive) {
      exchanged.addAll(List.of(send, receive));
    }

    @Override
    public void allGather(DeviceMemory send, DeviceMemory receive) {
      exchanged.addAll(List.of(send, receive));
    }

    @Override
    public void broadcast(DeviceMemory values) {
      exchanged.add(values);
    }
  }

  /** The group of one process on a device. */
  private static Noting alone(Device device) throws Throwable {
    return ThreadedGroup.run(1, group -> new Noting(group, device)).get(0);
  }

  @Test
  @SuppressWarnings("try") // the pointer scope is opened for what its closing does
  void tensorsOnTheGroupsDeviceAreExchangedWhereTheyLie() throws Throwable {
    Engine.torch();
    Noting group = alone(Device.cpu());
    try (PointerScope temporaries = new PointerScope()) {
      Tensor whole = torch.zeros(new long[] {5}, TorchTensors.floats());
      Tensor end = whole.narrow(0, 3, 2);
      TensorExchange exchange = TensorExchange.of(group, Device.cpu());

      exchange.allToAll(whole, whole);
      exchange.allGather(end, end);
      exchange.broadcast(whole);

      long address = whole.data_ptr_float().address();
      DeviceMemory all = new DeviceMemory(Device.cpu(), address, 20);
      DeviceMemory part = new DeviceMemory(Device.cpu(), address + 12, 8);
      assertThat(group.exchanged).containsExactly(all, all, part, part, all);
    }
  }

  @Test
  void aNetworkOnAGpuGoesThroughTheHostWhereTheGroupDoes() throws Throwable {
    Noting gloo = alone(Device.cpu());
    ProcessGroup other = new ForwardingGroup(gloo);

    assertThat(TensorExchange.of(gloo, Device.cuda(0)).device()).isEqualTo(Device.cpu());
    assertThat(TensorExchange.of(other, Device.cuda(0)).device()).isEqualTo(Device.cpu());
    assertThat(TensorExchange.of(alone(Device.cuda(1)), Device.cuda(1)).device())
        .isEqualTo(Device.cuda(1));
  }

  /** All processes would compute on one GPU, or none of them on any. */
  @Test
  void refusesANetworkOnAnotherDeviceThanTheGroupsGpu() throws Throwable {
    Noting second = alone(Device.cuda(1));
    for (Device device : List.of(Device.cpu(), Device.cuda(0))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TensorExchange.of(second, device))
          .withMessageContaining("and the network is on " + device)
          .withMessageContaining("set TrainingOptions.Builder.device to the group's");
    }
  }
}
