package dev.fgvc.nets.train;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.Batches;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Follows a {@link Recipe} on a data set. Immutable: each {@code with} method returns a new
 * trainer. On one machine with one number of threads the same seed gives the same run.
 */
public final class Trainer {

  private final Engine engine;
  private final Recipe recipe;
  private final Function<Dataset, Sampler> sampler;
  private final long seed;
  private final Progress progress;

  private Trainer(
      Engine engine,
      Recipe recipe,
      Function<Dataset, Sampler> sampler,
      long seed,
      Progress progress) {
    this.engine = engine;
    this.recipe = recipe;
    this.sampler = sampler;
    this.seed = seed;
    this.progress = progress;
  }

  /**
   * A trainer that samples naturally (every image once an epoch, in random order) and silently.
   *
   * @param engine that computes
   * @param recipe to follow
   * @return the trainer, with seed 0
   */
  public static Trainer of(Engine engine, Recipe recipe) {
    return new Trainer(engine, recipe, dataset -> Sampler.natural(dataset, 0), 0, Progress.none());
  }

  /**
   * The same with another seed for the order and the crops of the images.
   *
   * @param value same seed, same batches
   * @return a new trainer
   */
  public Trainer withSeed(long value) {
    return new Trainer(engine, recipe, dataset -> Sampler.natural(dataset, value), value, progress);
  }

  /**
   * The same with another order of the images, such as a balanced one for the second stage.
   *
   * @param order makes the sampler of a data set
   * @return a new trainer
   */
  public Trainer withSampler(Function<Dataset, Sampler> order) {
    return new Trainer(engine, recipe, order, seed, progress);
  }

  /**
   * The same with a listener, which hears of every step.
   *
   * @param listener the progress
   * @return a new trainer
   */
  public Trainer withProgress(Progress listener) {
    return new Trainer(engine, recipe, sampler, seed, listener);
  }

  /**
   * Trains on random crops of the paper's kind (section 5.1.3).
   *
   * @param task a name for the progress
   * @param graph the network; its classes must be the data set's
   * @param start the weights to start from
   * @param dataset the training images
   * @param resolution of the crops
   * @return the trained weights
   * @throws IllegalArgumentException if network and data set differ in their classes
   * @throws DivergedException if the loss is no longer a number
   */
  public TrainingRun train(
      String task, NetworkGraph graph, Weights start, Dataset dataset, Resolution resolution) {
    return train(task, graph, start, dataset, RandomCrop.of(resolution));
  }

  /**
   * Trains on images made by a transform of one's own.
   *
   * @param task a name for the progress
   * @param graph the network; its classes must be the data set's
   * @param start the weights to start from
   * @param dataset the training images
   * @param transform from a file to the network's input
   * @return the trained weights
   * @throws IllegalArgumentException if network and data set differ in their classes
   * @throws DivergedException if the loss is no longer a number
   */
  public TrainingRun train(
      String task, NetworkGraph graph, Weights start, Dataset dataset, ImageTransform transform) {
    if (graph.classes() != dataset.classCount()) {
      throw new IllegalArgumentException(
          String.format(
              "%s tells %d classes apart, data set '%s' has %d",
              graph.name(), graph.classes(), dataset.name(), dataset.classCount()));
    }
    Sampler order = sampler.apply(dataset);
    try (TrainableNetwork network = engine.compileForTraining(graph, start, recipe.options());
        BatchLoader loader =
            BatchLoader.builder(dataset, transform)
                .sampler(order)
                .batchSize(Math.min(recipe.batchSize(), dataset.size()))
                .dropPartial(true)
                .seed(seed)
                .build()) {
      List<Double> losses = new ArrayList<>();
      long step = 0;
      for (int epoch = 0; epoch < recipe.epochs(); epoch++) {
        try (Batches batches = loader.epoch(epoch)) {
          double sum = 0;
          long inEpoch = 0;
          long total = (long) recipe.epochs() * batches.batchCount();
          while (batches.hasNext()) {
            try (Batch batch = batches.next()) {
              sum += step(network, batch, step, dataset.size()).total();
            }
            step++;
            inEpoch++;
            progress.report(
                task, step, total, String.format(Locale.ROOT, "loss %.3f", sum / inEpoch));
          }
          losses.add(sum / inEpoch);
        }
      }
      return new TrainingRun(network.weights(), network.averagedWeights(), losses, step);
    }
  }

  private StepLoss step(TrainableNetwork network, Batch batch, long step, int trainingImages) {
    double rate = recipe.learningRate().at(step, trainingImages, recipe.batchSize());
    StepLoss loss =
        network.step(
            new Images(batch.images(), batch.size(), batch.resolution()), batch.labels(), rate);
    if (!Double.isFinite(loss.total())) {
      throw new DivergedException(
          String.format(
              "the loss of %s is %s at step %d, learning rate %s: lower the rate or the weight decay",
              network.graph().name(), loss.total(), step, rate));
    }
    return loss;
  }
}
