package dev.fgvc.nets.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import org.bytedeco.pytorch.global.torch;

/** The first GPU, where there is one; tests that need it are skipped elsewhere. */
public final class Gpu {

  private Gpu() {}

  /** The device, or a skip that says what is missing. */
  public static Device require() {
    Engine.torch(); // loads the libraries in the order in which they find a GPU
    assumeTrue(
        torch.cuda_is_available() && torch.cuda_device_count() > 0,
        "libtorch sees no GPU: run mvn -Pcuda-torch verify on a machine with one");
    return Device.cuda(0);
  }
}
