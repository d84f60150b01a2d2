package dev.fgvc.nets.train;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A small training run in a process of its own, that writes a line for all that happens to it. */
final class KilledRun {

  static final int EPOCHS = 4;
  static final int STEPS_PER_EPOCH = 6;
  private static final int BATCH = 4;

  private KilledRun() {}

  /** Arguments: the folder of the images, that of the checkpoints, the file of the lines. */
  public static void main(String[] arguments) throws IOException {
    Path log = Path.of(arguments[2]);
    try (FileChannel lines =
        FileChannel.open(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      TrainingRun run =
          train(
              Path.of(arguments[0]),
              Checkpoints.in(Path.of(arguments[1])).every(2),
              new TrainingListener() {
                @Override
                public void resumed(long step, String state) {
                  write(lines, "resumed " + step);
                }

                @Override
                public void step(TrainingStep step) {
                  long bits = Double.doubleToRawLongBits(step.loss().total());
                  write(lines, "step " + step.step() + " " + Long.toHexString(bits));
                }
              });
      write(lines, "averages " + hash(run.averagedWeights()));
      write(lines, "weights " + hash(run.weights()));
      write(lines, "losses " + run.epochLosses());
    }
  }

  static TrainingRun train(Path images, Checkpoints checkpoints, TrainingListener listener)
      throws IOException {
    NetworkGraph graph =
        Architecture.RESNET_V2_50
            .builder()
            .classes(2)
            .widthMultiplier(0.1)
            .batchNormDecay(0.8)
            .build();
    return Trainer.of(Engine.torch(), Recipe.preTraining(EPOCHS).withBatchSize(BATCH))
        .withSeed(3)
        .withCheckpoints(checkpoints)
        .withListener(listener)
        .train(
            "killed", graph, Weights.initialize(graph, 1), dataset(images), Resolution.square(32));
  }

  /** The images, drawn if they are not there yet. */
  static Dataset dataset(Path folder) throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < BATCH * STEPS_PER_EPOCH; i++) {
      Path file = folder.resolve(i + ".jpg");
      if (!Files.exists(file)) {
        SampleImages.write(file, 40 + i, 60 - i);
      }
      images.add(new LabeledImage(file, i % 2));
    }
    return Dataset.of("gradients", List.of("even", "odd"), images);
  }

  private static void write(FileChannel lines, String line) {
    try {
      lines.write(StandardCharsets.UTF_8.encode(line + "\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(Weights weights) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (String name : weights.names()) {
      hasher.putString(name, StandardCharsets.UTF_8);
      for (float value : weights.tensor(name).toArray()) {
        hasher.putInt(Float.floatToRawIntBits(value));
      }
    }
    return hasher.hash().toString();
  }
}
