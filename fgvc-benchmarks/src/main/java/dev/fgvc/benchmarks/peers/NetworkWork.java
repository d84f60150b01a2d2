package dev.fgvc.benchmarks.peers;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.benchmarks.Settings;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.ImportedNetwork;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.nets.weights.WeightsImport;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Inference and training steps with weights that a peer has written and one batch of images. */
final class NetworkWork {

  /** So many logits or features are compared, from the first on. */
  private static final int SAMPLES = 1000;

  /** Classes of the class means; few enough that each has images. */
  private static final int CLASSES = 50;

  private NetworkWork() {}

  /** The files' content. Work keeps no more of it than it needs, since its memory is compared. */
  private record Inputs(NetworkGraph graph, Weights weights, Images images, int[] labels) {

    static Inputs read(Settings settings) throws IOException {
      Path folder = settings.path("folder");
      JsonObject inputs = description(folder);
      Images images = batch(folder, inputs);
      IntBuffer classes = direct(folder.resolve("labels.i32")).asIntBuffer();
      int[] labels = new int[classes.remaining()];
      classes.get(labels);
      Architecture architecture =
          Architecture.valueOf(inputs.get("network").getAsString().toUpperCase(Locale.ROOT));
      Path file = folder.resolve("weights.safetensors");
      if (architecture.name().startsWith("RESNET")) {
        NetworkGraph graph =
            architecture.builder().classes(inputs.get("classes").getAsInt()).build();
        return new Inputs(graph, Weights.read(file), images, labels);
      }
      ImportedNetwork imported = WeightsImport.pytorch(file).network(architecture);
      return new Inputs(imported.graph(), imported.weights(), images, labels);
    }
  }

  private static Precision precision(Settings settings) {
    return Precision.valueOf(settings.text("precision").toUpperCase(Locale.ROOT));
  }

  /** The entries of inputs.json, which describe the other files in the folder. */
  static JsonObject description(Path folder) throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve("inputs.json")))
        .getAsJsonObject();
  }

  /** The batch of images in the folder, as its description says. */
  static Images batch(Path folder, JsonObject description) throws IOException {
    return new Images(
        direct(folder.resolve("images.f32")).asFloatBuffer(),
        description.get("batch").getAsInt(),
        Resolution.square(description.get("side").getAsInt()));
  }

  private static ByteBuffer direct(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(channel.size()));
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw new EOFException(file + " became shorter");
        }
      }
      return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** The logits of one batch; copying and changing the layout of the images is part of it. */
  static Work inference(Settings settings) throws IOException {
    Inputs inputs = Inputs.read(settings);
    Precision precision = precision(settings);
    Network compiled =
        Engine.named(settings.text("engine", "torch"))
            .compile(
                inputs.graph(),
                inputs.weights(),
                InferenceOptions.defaults().withPrecision(precision).withDevice(settings.device()));
    ImageBatch images =
        settings.text("images", "floats").equals("bytes")
            ? bytes(settings, inputs.images())
            : inputs.images();
    return new Work() {
      @Override
      public double[] run() {
        return samples(compiled.logits(images).data);
      }

      @Override
      public void close() {
        compiled.close();
      }
    };
  }

  /** The same images as decoders give them. */
  private static ByteImages bytes(Settings settings, Images images) throws IOException {
    return new ByteImages(
        direct(settings.path("folder").resolve("images.u8")), images.count(), images.resolution());
  }

  /** From some batches of bytes to the mean features of classes, which the labels run through. */
  static Work classMeans(Settings settings) throws IOException {
    Inputs inputs = Inputs.read(settings);
    ByteImages images = bytes(settings, inputs.images());
    int batches = settings.number("batches");
    int[][] labels = new int[batches][];
    for (int batch = 0; batch < batches; batch++) {
      int shift = batch;
      labels[batch] =
          Arrays.stream(inputs.labels()).map(label -> (label + shift) % CLASSES).toArray();
    }
    List<String> names = Collections.nCopies(CLASSES, "");
    Network compiled =
        Engine.named(settings.text("engine", "torch"))
            .compile(
                inputs.graph(),
                inputs.weights(),
                InferenceOptions.defaults()
                    .withPrecision(precision(settings))
                    .withDevice(settings.device()));
    return new Work() {
      @Override
      public double[] run() {
        try (DeviceClassMeans means = compiled.classMeans(CLASSES)) {
          for (int[] classes : labels) {
            means.add(images, classes);
          }
          return samples(means.toDomain("gathered", names).classMeans().data);
        }
      }

      @Override
      public void close() {
        compiled.close();
      }
    };
  }

  /** The values that are compared with those of a peer. */
  static double[] samples(float[] values) {
    return IntStream.range(0, Math.min(SAMPLES, values.length))
        .mapToDouble(k -> values[k])
        .toArray();
  }

  /** One step of RMSProp with the paper's values, without a moving average; its cross entropy. */
  static Work trainingStep(Settings settings) throws IOException {
    Inputs inputs = Inputs.read(settings);
    double rate = Double.parseDouble(settings.text("rate"));
    TrainableNetwork compiled =
        Engine.named(settings.text("engine", "torch"))
            .compileForTraining(
                inputs.graph(),
                inputs.weights(),
                TrainingOptions.paper().toBuilder()
                    .movingAverageDecay(0)
                    .dropout(false)
                    .bfloat16(precision(settings) == Precision.BF16)
                    .device(settings.device())
                    .build());
    Images images = inputs.images();
    int[] labels = inputs.labels();
    return new Work() {
      @Override
      public double[] run() {
        return new double[] {compiled.step(images, labels, rate).crossEntropy()};
      }

      @Override
      public void close() {
        compiled.close();
      }
    };
  }
}
