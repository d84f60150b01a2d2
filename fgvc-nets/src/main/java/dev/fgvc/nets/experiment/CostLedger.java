package dev.fgvc.nets.experiment;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.eval.KeptFeatures;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.weights.Weights;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Counts what a laboratory computes. Safe for use by many threads. */
final class CostLedger {

  /** A training step is a forward pass and one backward for each of activations and weights. */
  private static final int PASSES_OF_A_STEP = 3;

  private static final int PROBES = 3;

  /**
   * Passes that take equally long for an image, but for the size of the last layer.
   *
   * @param options of training, which may leave layers as they are; empty for inference
   */
  private record Kind(
      String network,
      Head head,
      Resolution resolution,
      int batch,
      Optional<TrainingOptions> options) {}

  /** Their number, with one of their graphs. */
  private static final class Line {
    private final NetworkGraph graph;
    private long images;

    Line(NetworkGraph graph) {
      this.graph = graph;
    }
  }

  private final Map<Kind, Line> lines = new LinkedHashMap<>();
  private long trainings;
  private long trained;
  private long evaluated;
  private double multiplyAdds;

  synchronized void training(TrainedNetwork network, Recipe recipe, int epochSize) {
    int batch = recipe.batchSizeFor(epochSize);
    long images = (long) recipe.epochs() * (epochSize / batch) * batch;
    trainings++;
    trained += images;
    multiplyAdds +=
        (double) PASSES_OF_A_STEP * images * network.graph().multiplyAdds(network.resolution());
    add(network, network.resolution(), batch, Optional.of(recipe.options()), images);
  }

  synchronized void evaluation(TrainedNetwork network, Resolution resolution, long images) {
    evaluated += images;
    multiplyAdds += (double) images * network.graph().multiplyAdds(resolution);
    add(network, resolution, KeptFeatures.BATCH_SIZE, Optional.empty(), images);
  }

  private void add(
      TrainedNetwork network,
      Resolution resolution,
      int batch,
      Optional<TrainingOptions> options,
      long images) {
    NetworkChoice choice = network.choice();
    Kind kind = new Kind(choice.description(), choice.head(), resolution, batch, options);
    lines.computeIfAbsent(kind, each -> new Line(network.graph())).images += images;
  }

  synchronized ExperimentCost total() {
    return new ExperimentCost(trainings, trained, evaluated, multiplyAdds, Optional.empty());
  }

  /** Times a few batches of each kind on one device. */
  synchronized ExperimentCost timed(Engine engine, InferenceOptions options, int devices) {
    double seconds = 0;
    for (Map.Entry<Kind, Line> each : lines.entrySet()) {
      Line line = each.getValue();
      seconds += line.images * secondsAnImage(engine, options, each.getKey(), line) / devices;
    }
    return new ExperimentCost(
        trainings,
        trained,
        evaluated,
        multiplyAdds,
        Optional.of(Duration.ofMillis(Math.round(1000 * seconds))));
  }

  private static double secondsAnImage(
      Engine engine, InferenceOptions options, Kind kind, Line line) {
    Weights weights = Weights.initialize(line.graph, 1);
    Images images =
        new Images(
            Images.allocate(kind.batch(), kind.resolution()), kind.batch(), kind.resolution());
    if (kind.options().isEmpty()) {
      try (Network network = engine.compile(line.graph, weights, options)) {
        return seconds(() -> network.logits(images)) / kind.batch();
      }
    }
    int[] labels = new int[kind.batch()];
    TrainingOptions training = kind.options().get().toBuilder().device(options.device()).build();
    try (TrainableNetwork network = engine.compileForTraining(line.graph, weights, training)) {
      return seconds(() -> network.step(images, labels, 0)) / kind.batch();
    }
  }

  /**
   * The time of one call, after a first one that allocates and chooses kernels: of the fastest, as
   * other processes may share the machine.
   */
  private static double seconds(Runnable work) {
    work.run();
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < PROBES; i++) {
      long start = System.nanoTime();
      work.run();
      fastest = Math.min(fastest, System.nanoTime() - start);
    }
    return fastest / 1e9;
  }
}
