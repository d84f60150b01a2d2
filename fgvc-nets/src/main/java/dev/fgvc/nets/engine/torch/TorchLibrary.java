package dev.fgvc.nets.engine.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's native libraries, unpacked before any of them is loaded.
 *
 * <p>JavaCPP unpacks one library after the other and loads each at once, those for GPUs first.
 * Where nothing has been unpacked before, these miss what they need and are passed over without a
 * word, so that the first process on a machine would see no GPU.
 */
final class TorchLibrary {

  private static final List<String> NAMES = List.of("c10", "torch_cpu", "c10_cuda", "torch_cuda");

  private TorchLibrary() {}

  /**
   * Loads libtorch, if that has not been done.
   *
   * @throws NoClassDefFoundError if the binding is not on the class path
   * @throws UnsatisfiedLinkError if no native library is there or one cannot be loaded
   */
  static void load() {
    Properties platform = Loader.loadProperties();
    String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/";
    for (String name : NAMES) {
      String library =
          platform.getProperty("platform.library.prefix", "")
              + name
              + platform.getProperty("platform.library.suffix", "");
      try {
        Loader.cacheResource(torch.class, folder + library); // null where it is not on the path
      } catch (IOException e) {
        throw new UncheckedIOException("unpacking " + folder + library, e);
      }
    }
    Loader.load(torch.class);
  }
}
