package dev.fgvc.nets.train;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A training run for several processes, small in all, with dropout and two kinds of norms. */
public final class SharedRun {

  /** The batches of an update; an epoch has 11, so that its last update has one alone. */
  public static final int BATCHES_PER_UPDATE = 5;

  /** Updates of the run. */
  public static final int STEPS = 6;

  static final Recipe RECIPE =
      Recipe.preTraining(2).withBatchSize(2).withBatchesPerUpdate(BATCHES_PER_UPDATE);

  private static final int IMAGES = 22;
  private static final NetworkGraph GRAPH = graph();

  private SharedRun() {}

  private static NetworkGraph graph() {
    GraphBuilder builder = GraphBuilder.named("net");
    Node node = builder.input(3);
    for (double decay : new double[] {0.75, 0.9}) {
      String scope = "net/" + decay;
      node =
          builder.convolution(
              node,
              scope,
              6,
              Window.square(3, 2, Padding.SAME),
              false,
              new Initializer.TruncatedNormal(0.3));
      node = builder.relu(builder.batchNorm(node, scope + "/norm", true, 1e-3, decay));
    }
    Node features = builder.globalAveragePool(node);
    return builder.build(
        features,
        builder.convolution(
            builder.dropout(features, 0.5),
            "net/Logits",
            2,
            Window.square(1, 1, Padding.SAME),
            true,
            new Initializer.TruncatedNormal(1)));
  }

  /** The images, drawn if they are not there yet. */
  public static Dataset dataset(Path folder) throws IOException {
    Files.createDirectories(folder);
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      Path file = folder.resolve(i + ".jpg");
      if (!Files.exists(file)) {
        SampleImages.write(file, 40 + i, 60 - i);
      }
      images.add(new LabeledImage(file, i % 2));
    }
    return Dataset.of("gradients", List.of("even", "odd"), images);
  }

  /** A trainer that keeps a checkpoint of every step. */
  public static Trainer trainer(Path checkpoints) {
    return Trainer.of(Engine.torch(), RECIPE)
        .withSeed(3)
        .withCheckpoints(Checkpoints.in(checkpoints).every(1).keep(STEPS));
  }

  /** Trains from the start weights of a seed. */
  public static TrainingRun train(Trainer trainer, Dataset dataset, long seed) {
    return trainer.train(
        "shared", GRAPH, Weights.initialize(GRAPH, seed), dataset, Resolution.square(16));
  }
}
