package dev.fgvc.nets.train;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.file.WholeFile;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A small training run in a process of its own, with all files that a run writes. */
final class KilledRun {

  static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50
          .builder()
          .classes(2)
          .widthMultiplier(0.1)
          .batchNormDecay(0.8)
          .build();

  static final int EPOCHS = 4;
  static final int STEPS_PER_EPOCH = 6;
  static final int LAST_STEP = EPOCHS * STEPS_PER_EPOCH;

  static final String CHECKPOINTS = "checkpoints";
  static final String METRICS = "metrics.csv";
  static final String EVENTS = "events";
  static final String WEIGHTS = "weights.safetensors";
  static final String AVERAGES = "averages.safetensors";
  static final String LOSSES = "losses.txt";

  /** A line for each start: where the process began. */
  static final String STARTS = "starts.txt";

  private static final int BATCH = 4;

  private KilledRun() {}

  /** Arguments: the folder of the images, that of the run, steps between checkpoints, kept ones. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[1]);
    Files.createDirectories(folder.resolve(EVENTS));
    Checkpoints checkpoints =
        Checkpoints.in(folder.resolve(CHECKPOINTS))
            .every(Integer.parseInt(arguments[2]))
            .keep(Integer.parseInt(arguments[3]));
    try (CsvMetrics table = CsvMetrics.to(folder.resolve(METRICS));
        TensorBoardMetrics events = TensorBoardMetrics.in(folder.resolve(EVENTS))) {
      TrainingRun run =
          Trainer.of(Engine.torch(), Recipe.preTraining(EPOCHS).withBatchSize(BATCH))
              .withSeed(3)
              .withCheckpoints(checkpoints)
              .withListener(table)
              .withListener(events)
              .withListener(new Starts(folder.resolve(STARTS)))
              .train(
                  "killed",
                  GRAPH,
                  Weights.initialize(GRAPH, 1),
                  dataset(Path.of(arguments[0])),
                  Resolution.square(32));
      for (String result : List.of(WEIGHTS, AVERAGES, LOSSES)) {
        WholeFile.deletePartial(folder.resolve(result));
      }
      run.weights().write(folder.resolve(WEIGHTS));
      run.averagedWeights().write(folder.resolve(AVERAGES));
      // At last, as it tells that the run has ended.
      byte[] losses = run.epochLosses().toString().getBytes(StandardCharsets.UTF_8);
      WholeFile.write(folder.resolve(LOSSES), losses);
    }
  }

  private record Starts(Path file) implements TrainingListener {

    @Override
    public void started() {
      resumed(0, "");
    }

    @Override
    public void resumed(long step, String state) {
      try {
        Files.writeString(file, step + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
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
}
