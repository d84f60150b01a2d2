package dev.fgvc.nets.train;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.random.SplitMix64;
import java.util.Objects;
import java.util.function.Function;

/**
 * Training in two stages, of which the second starts from the averaged weights of the first. That
 * is the paper's scheme for long-tailed data (section 3.2): learn features from all images as they
 * come, then let the network balance itself on a more balanced subset with a very small learning
 * rate. It is also how networks with a {@linkplain #bilinear bilinear head} are trained.
 *
 * <pre>{@code
 * TwoStage stages = TwoStage.capped(Resolution.square(448), 90, 50, 5, 1);
 * TwoStage.Result result =
 *     stages.train(Trainer.of(engine, stages.first().recipe()), "iNat", graph, start, iNat.train());
 * TwoStage.Comparison errors = result.evaluate(engine, iNat.validation(), Resolution.square(448));
 * }</pre>
 *
 * <p>Each stage draws its own randomness: a first stage that of the seeds that are given, as a run
 * of one stage does, a second one that of {@link #secondSeed}. Otherwise the second would cut, mix
 * and drop as the first has done.
 *
 * @param first the stage on the natural distribution
 * @param second the stage after it, for long-tailed data on a more balanced one
 */
public record TwoStage(Stage first, Stage second) {

  private static final String FIRST_FOLDER = "first-stage";
  private static final String SECOND_FOLDER = "second-stage";

  /** Refuses missing stages. */
  public TwoStage {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
  }

  /**
   * One stage.
   *
   * @param recipe epochs, batches, rates and loss
   * @param sampler makes the sampler for a data set
   * @param transform from a file to the network's input
   */
  public record Stage(Recipe recipe, Function<Dataset, Sampler> sampler, ImageTransform transform) {

    /** Refuses missing parts. */
    public Stage {
      Objects.requireNonNull(recipe, "recipe");
      Objects.requireNonNull(sampler, "sampler");
      Objects.requireNonNull(transform, "transform");
    }

    /**
     * The same for more or fewer epochs; the schedule of the rates stays as it is.
     *
     * @param epochs of the sampler, at least 1
     * @return a new stage
     */
    public Stage withEpochs(int epochs) {
      return withRecipe(recipe.withEpochs(epochs));
    }

    /**
     * The same with other rates.
     *
     * @param schedule the rates
     * @return a new stage
     */
    public Stage withLearningRate(LearningRate schedule) {
      return withRecipe(recipe.withLearningRate(schedule));
    }

    /**
     * The same with other batches.
     *
     * @param images of one step, at least 1
     * @return a new stage
     */
    public Stage withBatchSize(int images) {
      return withRecipe(recipe.withBatchSize(images));
    }

    private Stage withRecipe(Recipe other) {
      return new Stage(other, sampler, transform);
    }

    /**
     * The same with another sampler.
     *
     * @param other makes the sampler for a data set
     * @return a new stage
     */
    public Stage withSampler(Function<Dataset, Sampler> other) {
      return new Stage(recipe, other, transform);
    }

    /**
     * The same with other inputs, such as crops of another resolution.
     *
     * @param other from a file to the network's input
     * @return a new stage
     */
    public Stage withTransform(ImageTransform other) {
      return new Stage(recipe, sampler, other);
    }
  }

  /**
   * The paper's values: {@link Recipe#preTraining} on all images first, then {@link
   * Recipe#balancedSecondStage} on the given more balanced split, both on random crops of one
   * resolution. The paper does not say how many epochs it took, so they are asked for.
   *
   * @param resolution the input size of both stages; the paper's are 299, 448 and 560
   * @param firstEpochs epochs of the first stage, at least 1
   * @param balancedSplit the images of the second stage, all of them in the training set
   * @param secondEpochs epochs of the second stage, at least 1
   * @param seed chooses the orders
   * @return both stages
   */
  public static TwoStage paper(
      Resolution resolution, int firstEpochs, Dataset balancedSplit, int secondEpochs, long seed) {
    return of(
        resolution,
        firstEpochs,
        dataset -> Sampler.subset(dataset, balancedSplit, secondSeed(seed)),
        secondEpochs,
        seed);
  }

  /**
   * The paper's values where no balanced split is given: the second stage shows at most this many
   * images of each class.
   *
   * @param resolution the input size of both stages
   * @param firstEpochs epochs of the first stage, at least 1
   * @param maximumPerClass images of one class in the second stage at most, at least 1
   * @param secondEpochs epochs of the second stage, at least 1
   * @param seed chooses subset and orders
   * @return both stages
   */
  public static TwoStage capped(
      Resolution resolution, int firstEpochs, int maximumPerClass, int secondEpochs, long seed) {
    return of(
        resolution,
        firstEpochs,
        dataset -> Sampler.capped(dataset, maximumPerClass, secondSeed(seed)),
        secondEpochs,
        seed);
  }

  /**
   * Both stages of a network with a bilinear head (Lin et al., ICCV 2015; Gao et al., CVPR 2016),
   * to be started from weights of a pre-trained network with any head, by {@link
   * Weights#transferToNewTask}: first the last layer alone by {@link Recipe#bilinearLastLayer},
   * then all layers by {@link Recipe#bilinearFineTuning}, both on all images as they come.
   *
   * @param graph the network
   * @param resolution the input size of both stages; theirs is 448, as is that of table 8
   * @param firstEpochs epochs of the first stage, at least 1
   * @param secondEpochs epochs of the second stage, at least 1
   * @param seed chooses the orders
   * @return both stages
   */
  public static TwoStage bilinear(
      NetworkGraph graph, Resolution resolution, int firstEpochs, int secondEpochs, long seed) {
    RandomCrop crops = RandomCrop.of(resolution);
    return new TwoStage(
        new Stage(Recipe.bilinearLastLayer(graph, firstEpochs), natural(seed), crops),
        new Stage(Recipe.bilinearFineTuning(secondEpochs), natural(secondSeed(seed)), crops));
  }

  private static Function<Dataset, Sampler> natural(long seed) {
    return dataset -> Sampler.natural(dataset, seed);
  }

  /**
   * The seed that a second stage takes for its crops, mixing, dropout and, by the methods of this
   * class, its orders.
   *
   * @param seed of the first stage
   * @return another seed, the same for the same
   */
  public static long secondSeed(long seed) {
    return new SplitMix64(seed).nextLong();
  }

  private static TwoStage of(
      Resolution resolution,
      int firstEpochs,
      Function<Dataset, Sampler> second,
      int secondEpochs,
      long seed) {
    RandomCrop crops = RandomCrop.of(resolution);
    return new TwoStage(
        new Stage(Recipe.preTraining(firstEpochs), natural(seed), crops),
        new Stage(Recipe.balancedSecondStage(secondEpochs), second, crops));
  }

  /**
   * The same with another first stage, such as one that fine-tunes.
   *
   * @param stage the first stage
   * @return both stages
   */
  public TwoStage withFirst(Stage stage) {
    return new TwoStage(stage, second);
  }

  /**
   * The same with another second stage, such as one of balanced or square-root sampling.
   *
   * @param stage the second stage
   * @return both stages
   */
  public TwoStage withSecond(Stage stage) {
    return new TwoStage(first, stage);
  }

  /**
   * Trains both stages. Where the trainer keeps checkpoints, each stage has a folder of its own
   * below the trainer's, {@code first-stage} and {@code second-stage}; a call that finds them goes
   * on in the stage that was interrupted, and a finished first stage is not trained again.
   *
   * @param trainer the engine, progress, listeners, damaged images and checkpoints of both stages,
   *     and the seed of the first, from which the second's is made; recipe and sampler are those of
   *     the stages
   * @param task a name for the progress
   * @param graph the network; its classes must be the data set's
   * @param start the weights to start from
   * @param dataset the training images
   * @return both runs
   * @throws IllegalArgumentException if {@link CsvMetrics} or {@link TensorBoardMetrics} are among
   *     the listeners, which are of one run: each stage needs some of its own, see {@link
   *     #train(Trainer, Trainer, String, NetworkGraph, Weights, Dataset)}
   * @throws RuntimeException as {@link Trainer#train(String, NetworkGraph, Weights, Dataset,
   *     ImageTransform)}
   */
  public Result train(
      Trainer trainer, String task, NetworkGraph graph, Weights start, Dataset dataset) {
    return train(trainer, trainer, task, graph, start, dataset);
  }

  /**
   * Trains both stages, each with listeners of its own, such as metrics.
   *
   * <pre>{@code
   * Trainer trainer = Trainer.of(engine, stages.first().recipe());
   * stages.train(
   *     trainer.withListener(firstMetrics),
   *     trainer.withListener(secondMetrics),
   *     "iNat", graph, start, iNat.train());
   * }</pre>
   *
   * @param ofFirst as for one trainer of both stages
   * @param ofSecond the same for the second stage, whose seed is made from this one's
   * @param task a name for the progress
   * @param graph the network; its classes must be the data set's
   * @param start the weights to start from
   * @param dataset the training images
   * @return both runs
   * @throws IllegalArgumentException if both have the same {@link CsvMetrics} or {@link
   *     TensorBoardMetrics}
   * @throws RuntimeException as {@link Trainer#train(String, NetworkGraph, Weights, Dataset,
   *     ImageTransform)}
   */
  public Result train(
      Trainer ofFirst,
      Trainer ofSecond,
      String task,
      NetworkGraph graph,
      Weights start,
      Dataset dataset) {
    requireOwnMetrics(ofFirst, ofSecond);
    TrainingRun firstRun =
        train(
            first,
            first.recipe(),
            FIRST_FOLDER,
            ofFirst,
            task + ", first stage",
            graph,
            start,
            dataset);
    TrainingRun secondRun = trainSecond(ofSecond, task, graph, firstRun.averagedWeights(), dataset);
    return new Result(graph, firstRun, secondRun);
  }

  /** Refuses at once what the first step of the second stage would. */
  private static void requireOwnMetrics(Trainer ofFirst, Trainer ofSecond) {
    for (TrainingListener listener : ofFirst.listeners()) {
      if (listener instanceof RunMetrics metrics && ofSecond.listeners().contains(metrics)) {
        throw new IllegalArgumentException(
            metrics.file
                + " holds the figures of one run, and both stages would write to it: give each"
                + " stage a trainer with metrics of its own");
      }
    }
  }

  /**
   * Trains the second stage alone, after a first stage that was trained elsewhere.
   *
   * @param trainer as for {@link #train}
   * @param task a name for the progress
   * @param graph the network; its classes must be the data set's
   * @param afterFirst the weights that the first stage ended with, averaged
   * @param dataset the training images
   * @return the run
   */
  public TrainingRun trainSecond(
      Trainer trainer, String task, NetworkGraph graph, Weights afterFirst, Dataset dataset) {
    return train(
        second,
        secondRecipe(second.recipe()),
        SECOND_FOLDER,
        trainer.withSeed(secondSeed(trainer.seed())),
        task + ", second stage",
        graph,
        afterFirst,
        dataset);
  }

  /**
   * A recipe with the dropout of a second stage.
   *
   * @param recipe of the stage
   * @return the same with the {@link #secondSeed} of its options' seed
   */
  public static Recipe secondRecipe(Recipe recipe) {
    TrainingOptions options = recipe.options();
    return recipe.withOptions(options.toBuilder().seed(secondSeed(options.seed())).build());
  }

  private static TrainingRun train(
      Stage stage,
      Recipe recipe,
      String folder,
      Trainer trainer,
      String task,
      NetworkGraph graph,
      Weights start,
      Dataset dataset) {
    return trainer
        .withRecipe(recipe)
        .withSampler(stage.sampler())
        .withCheckpointsBelow(folder)
        .train(task, graph, start, dataset, stage.transform());
  }

  /**
   * The results of both stages.
   *
   * @param graph the network
   * @param first the run of the first stage
   * @param second the run of the second
   */
  public record Result(NetworkGraph graph, TrainingRun first, TrainingRun second) {

    /**
     * Measures the averaged weights of both stages on central crops, as in table 4 and figure 4.
     *
     * @param engine that computes
     * @param validation images with the classes of the training set
     * @param resolution of the crops
     * @return the errors before and after the second stage
     */
    public Comparison evaluate(Engine engine, Dataset validation, Resolution resolution) {
      return new Comparison(
          errors(engine, first, validation, resolution),
          errors(engine, second, validation, resolution));
    }

    private Errors errors(Engine engine, TrainingRun run, Dataset images, Resolution resolution) {
      try (Network network = engine.compile(graph, run.averagedWeights())) {
        return Evaluation.of(network, resolution).errors(images);
      }
    }
  }

  /**
   * The errors of both stages; {@link Errors#headTail} tells head and tail apart.
   *
   * @param before after the first stage alone
   * @param after after both stages
   */
  public record Comparison(Errors before, Errors after) {}
}
