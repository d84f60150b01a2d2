package dev.fgvc.benchmarks.peers;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.backbone.OnnxBackbone;
import dev.fgvc.nets.backbone.OnnxOptions;
import dev.fgvc.nets.backbone.OnnxSettings;
import dev.fgvc.nets.engine.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Features of decoded batches by a model that a peer has exported. */
final class OnnxWork {

  private static final int SAMPLES = 1000;

  private OnnxWork() {}

  static Work features(Settings settings) throws IOException {
    Path folder = settings.path("folder");
    JsonObject inputs =
        JsonParser.parseString(Files.readString(folder.resolve("inputs.json"))).getAsJsonObject();
    Images images =
        new Images(
            NetworkWork.direct(folder.resolve("images.f32")).asFloatBuffer(),
            inputs.get("batch").getAsInt(),
            Resolution.square(inputs.get("side").getAsInt()));
    OnnxBackbone backbone =
        OnnxBackbone.open(
            folder.resolve("model.onnx"),
            OnnxSettings.defaults(),
            OnnxOptions.defaults().withThreads(settings.number("threads")));
    return new Work() {
      @Override
      public double[] run() {
        float[] features = backbone.features(images).data;
        return IntStream.range(0, Math.min(SAMPLES, features.length))
            .mapToDouble(k -> features[k])
            .toArray();
      }

      @Override
      public void close() {
        backbone.close();
      }
    };
  }
}
