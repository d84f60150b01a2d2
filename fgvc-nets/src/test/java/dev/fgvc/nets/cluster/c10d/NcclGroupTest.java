package dev.fgvc.nets.cluster.c10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.artifact.MissingArtifactException;
import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.DeviceMemory;
import dev.fgvc.nets.engine.ProcessGroupException;
import dev.fgvc.nets.testing.Gpu;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups of GPUs: their refusals, anywhere, and their exchanges, where there are GPUs. */
class NcclGroupTest {

  @TempDir private Path folder;

  private NcclGroup.Builder alone() {
    return NcclGroup.builder(0, 1).store(folder.resolve("store"));
  }

  private static boolean isBuiltForGpus() {
    return NcclGroupTest.class
            .getClassLoader()
            .getResource(
                "org/bytedeco/pytorch/" + NativeArtifact.platform() + "-gpu/libjnitorch_nccl.so")
        != null;
  }

  @Test
  void saysWhatTheClassPathLacks() {
    assumeTrue(NativeArtifact.platform().startsWith("linux"), "NCCL is for Linux");
    assumeTrue(!isBuiltForGpus(), "the class path lacks nothing");

    assertThatExceptionOfType(MissingArtifactException.class)
        .isThrownBy(() -> alone().device(Device.cuda(0)).join())
        .withMessageStartingWith("NCCL is not usable here: add to the class path ")
        .withMessageContaining(NativeArtifact.PYTORCH_NCCL.library().toString())
        .withMessageContaining("with the classifier " + NativeArtifact.platform() + "-gpu");
    assertThat(folder.resolve("store-0")).as("nobody waits for this process").doesNotExist();
  }

  @Test
  void isForLinuxAlone() {
    assertThatExceptionOfType(ProcessGroupException.class)
        .isThrownBy(() -> NcclLibrary.require("windows-x86_64"))
        .withMessage("NCCL is for Linux, and this is windows-x86_64: use GlooGroup");
  }

  @Test
  void refusesMoreProcessesThanGpus() {
    NcclLibrary.requireGpu(2, Device.cuda(1));
    assertThatExceptionOfType(ProcessGroupException.class)
        .isThrownBy(() -> NcclLibrary.requireGpu(2, Device.cuda(2)))
        .withMessageStartingWith(
            "this process is to compute on GPU 2, and libtorch sees 2: start no more processes on"
                + " a machine than it has GPUs");
  }

  @Test
  void refusesAProcessWithoutAGpu() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> alone().device(Device.cpu()))
        .withMessageContaining("use GlooGroup");
    assertThatIllegalStateException()
        .isThrownBy(() -> alone().join())
        .withMessage("no GPU was set: each process needs one of its own");
  }

  @Test
  void socketsAreOnTheInterfaceOfTheAddress() throws Exception {
    String loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()).getName();
    assertThat(NcclLibrary.interfaceOf(InetAddress.getLoopbackAddress().getHostAddress()))
        .isEqualTo(loopback);
    // An address that is kept for documentation.
    assertThatThrownBy(() -> NcclLibrary.interfaceOf("192.0.2.1"))
        .isInstanceOf(ProcessGroupException.class)
        .hasMessage("no network interface of this machine has the address 192.0.2.1");
  }

  @Test
  void refusesAnAddressOfAnotherMachineBeforeOthersMeetThisProcess() {
    assertThatExceptionOfType(ProcessGroupException.class)
        .isThrownBy(() -> alone().device(Device.cuda(0)).address("192.0.2.1").join())
        .withMessage("no network interface of this machine has the address 192.0.2.1");
    assertThat(folder.resolve("store-0")).doesNotExist();
  }

  @Test
  void exchangesWhatLiesOnGpus() throws Exception {
    Gpu.require();
    int size = Math.min(4, torch.cuda_device_count());

    LocalWorkers.of(Exchanging.class, size)
        .withArguments(List.of(folder.toString()))
        .withLogs(folder.resolve("logs"))
        .run();

    for (int rank = 0; rank < size; rank++) {
      assertThat(Files.readString(folder.resolve("rank-" + rank))).isEqualTo(expected(size));
    }
  }

  private static String expected(int size) {
    StringBuilder ranks = new StringBuilder();
    for (int rank = 0; rank < size; rank++) {
      ranks.append(rank).append(' ');
    }
    return ranks + "0";
  }

  /** Writes what all ranks sent, from memory of GPUs, and what rank 0 sent from the host's. */
  static final class Exchanging {

    private Exchanging() {}

    @SuppressWarnings("try") // the pointer scope is opened for what its closing does
    public static void main(String[] arguments) throws Exception {
      try (NcclGroup group = NcclGroup.join();
          PointerScope temporaries = new PointerScope()) {
        Device device = group.device();
        ByteBuffer fromFirst = ByteBuffer.allocateDirect(1).put(0, (byte) group.rank());
        group.broadcast(fromFirst);
        Tensor own = ByteTensors.on(device, ByteTensors.of(bytes(1, group.rank())));
        Tensor all = ByteTensors.on(device, ByteTensors.of(bytes(group.size(), 0)));
        group.allGather(memory(device, own), memory(device, all));
        StringBuilder result = new StringBuilder();
        for (int rank = 0; rank < group.size(); rank++) {
          result.append(all.select(0, rank).item_byte()).append(' ');
        }
        result.append(fromFirst.get(0));
        Files.writeString(Path.of(arguments[0], "rank-" + group.rank()), result);
      }
    }

    private static ByteBuffer bytes(int count, int value) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(count);
      while (buffer.hasRemaining()) {
        buffer.put((byte) value);
      }
      return buffer.flip();
    }

    private static DeviceMemory memory(Device device, Tensor tensor) {
      return new DeviceMemory(device, tensor.data_ptr().address(), tensor.numel());
    }
  }
}
