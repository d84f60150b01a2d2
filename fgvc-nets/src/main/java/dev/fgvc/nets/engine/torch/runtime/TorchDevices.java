package dev.fgvc.nets.engine.torch.runtime;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch;

/** The devices that libtorch sees. */
public final class TorchDevices {

  private TorchDevices() {}

  /** Refuses a device that is not there. */
  public static void require(Device device) {
    if (device.kind() != Device.Kind.CUDA) {
      return;
    }
    int count = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
    if (device.index() >= count) {
      throw new EngineException(
          String.format(
              Locale.ROOT,
              "libtorch sees %d CUDA devices, %s was asked for: put the native library with the"
                  + " classifier -gpu on the class path and check the driver, or use Device.cpu()",
              count,
              device));
    }
  }
}
