package dev.fgvc.nets.cluster.c10d;

import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.ProcessGroupException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_nccl;

/**
 * The part of c10d over NCCL. It is in libtorch's artifact for GPUs alone, so its classes are not
 * to be touched before it is known to load.
 */
final class NcclLibrary {

  private static final NativeLibrary NCCL =
      NativeLibrary.builder("NCCL", NativeArtifact.PYTORCH_NCCL, NativeArtifact.CUDA)
          .exception(ProcessGroupException::new)
          .build(() -> Loader.load(torch_nccl.class));

  /** Makes c10d wait on the calling thread, without a watchdog that may end the process. */
  private static final String BLOCKING_WAIT = "TORCH_NCCL_BLOCKING_WAIT";

  /** The interface that NCCL's sockets are on; with the sign, of exactly this name. */
  private static final String SOCKET_INTERFACE = "NCCL_SOCKET_IFNAME";

  private NcclLibrary() {}

  /**
   * Refuses to go on where NCCL cannot connect a process.
   *
   * @param platform as {@link NativeArtifact#platform}
   * @throws dev.fgvc.artifact.MissingArtifactException if the class path lacks NCCL's binding
   * @throws ProcessGroupException if NCCL does not load
   */
  static void require(String platform) {
    if (!platform.startsWith("linux")) {
      throw new ProcessGroupException(
          "NCCL is for Linux, and this is " + platform + ": use GlooGroup");
    }
    requireLoaded(NCCL);
  }

  /**
   * Refuses a GPU that is not there.
   *
   * @param gpus that libtorch sees
   * @param device which this process is to use
   */
  static void requireGpu(int gpus, Device device) {
    if (device.index() >= gpus) {
      throw new ProcessGroupException(
          String.format(
              Locale.ROOT,
              "this process is to compute on GPU %d, and libtorch sees %d: start no more processes"
                  + " on a machine than it has GPUs, check the driver, or use GlooGroup",
              device.index(),
              gpus));
    }
  }

  private static void requireLoaded(NativeLibrary library) {
    Optional<String> reason = library.unavailableBecause();
    if (reason.isPresent() && library.missingArtifacts().isEmpty()) {
      throw new ProcessGroupException(
          reason.get()
              + "; CUDA's libraries and NCCL come from the machine: put the folders of"
              + " libcudart.so and libnccl.so.2 into LD_LIBRARY_PATH");
    }
    library.load();
  }

  static int gpus() {
    return torch.cuda_is_available() ? torch.cuda_device_count() : 0;
  }

  /**
   * Sets what c10d and NCCL read from the environment when they begin. An interface that is set
   * already stays, be it the user's or that of this process's first group, which so decides for all
   * of its groups.
   *
   * @throws ProcessGroupException if the address is none of this machine's
   */
  static void setEnvironment(String address) {
    torch.set_env(BLOCKING_WAIT, "1");
    torch.set_env(SOCKET_INTERFACE, "=" + interfaceOf(address), false);
  }

  /** The name of the network interface that has an address. */
  static String interfaceOf(String address) {
    try {
      NetworkInterface found = NetworkInterface.getByInetAddress(InetAddress.getByName(address));
      if (found == null) {
        throw new ProcessGroupException(
            "no network interface of this machine has the address " + address);
      }
      return found.getName();
    } catch (UnknownHostException | SocketException e) {
      throw new ProcessGroupException("the address " + address + " is not known here", e);
    }
  }
}
