package dev.fgvc.nets.engine.torch.runtime;

import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.engine.EngineException;
import java.io.IOException;
import java.util.List;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** libtorch, unpacked before any part of it is loaded. */
public final class TorchLibrary {

  /** The way to libtorch for all of this package. */
  public static final NativeLibrary LIBTORCH =
      NativeLibrary.builder(
              "libtorch", NativeArtifact.PYTORCH, NativeArtifact.OPENBLAS, NativeArtifact.JAVACPP)
          .exception(EngineException::new)
          .advice(
              "lower the number of images a batch or the resolution, use Precision.BF16, or where"
                  + " it is JavaCPP that refuses raise org.bytedeco.javacpp.maxBytes and"
                  + " org.bytedeco.javacpp.maxPhysicalBytes",
              "try Precision.FP32, Device.cpu() or Engine.nd4j(); after an error of a GPU, start"
                  + " the process again")
          .build(() -> load());

  /**
   * The libraries that others need. JavaCPP unpacks one library after the other and loads each at
   * once, in an order of its own. A part for GPUs misses what it needs, where nothing has been
   * unpacked before, and is passed over without a word, so that the first process on a machine
   * would see no GPU. And where an earlier process was killed while it unpacked torch_cpu, a part
   * that is loaded before it brings in the half that is there, which ends this process and each one
   * after it.
   */
  private static final List<String> NEEDED = List.of("c10", "torch_cpu", "c10_cuda", "torch_cuda");

  private TorchLibrary() {}

  private static void load() throws IOException {
    Properties platform = Loader.loadProperties();
    String prefix = platform.getProperty("platform.library.prefix", "");
    String suffix = platform.getProperty("platform.library.suffix", "");
    for (String extension : List.of("-gpu", "")) {
      String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + extension + "/";
      for (String name : NEEDED) {
        // Does nothing where the file is whole already, or not on the class path.
        Loader.cacheResource(torch.class, folder + prefix + name + suffix);
      }
    }
    GpuLibrarySearch.shorten();
    Loader.load(torch.class);
    CpuFeature.limitLibtorch();
  }
}
