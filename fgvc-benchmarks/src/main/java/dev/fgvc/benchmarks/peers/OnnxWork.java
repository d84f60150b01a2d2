package dev.fgvc.benchmarks.peers;

import dev.fgvc.benchmarks.Settings;
import dev.fgvc.nets.backbone.OnnxBackbone;
import dev.fgvc.nets.backbone.OnnxOptions;
import dev.fgvc.nets.backbone.OnnxSettings;
import dev.fgvc.nets.engine.Images;
import java.io.IOException;
import java.nio.file.Path;

/** Features of decoded batches by a model that a peer has exported. */
final class OnnxWork {

  private OnnxWork() {}

  static Work features(Settings settings) throws IOException {
    Path folder = settings.path("folder");
    Images images = NetworkWork.batch(folder, NetworkWork.description(folder));
    OnnxBackbone backbone =
        OnnxBackbone.open(
            folder.resolve("model.onnx"),
            OnnxSettings.defaults(),
            OnnxOptions.defaults().withThreads(settings.number("threads")));
    return new Work() {
      @Override
      public double[] run() {
        return NetworkWork.samples(backbone.features(images).data);
      }

      @Override
      public void close() {
        backbone.close();
      }
    };
  }
}
