package dev.fgvc.nets.train;

import dev.fgvc.loader.Mixing;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.TrainingOptions;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Everything about a training run but the network, the data and the start.
 *
 * @param epochs passes over the training set, at least 1
 * @param batchSize images that go through the network at once, at least 1; all of an epoch where it
 *     has fewer. A last batch that is not full is left out
 * @param batchesPerUpdate batches whose mean gradient makes one update, at least 1: what memory
 *     holds need not be what the optimizer sees. Batch norms see single batches
 * @param learningRate the schedule
 * @param options loss and optimizer
 * @param mixing of the images and classes of a batch
 * @param classWeightsFrom the epoch, counted from 0, from which on the options' class weights
 *     count; before it all classes weigh 1. 0 for the whole run
 */
public record Recipe(
    int epochs,
    int batchSize,
    int batchesPerUpdate,
    LearningRate learningRate,
    TrainingOptions options,
    Mixing mixing,
    int classWeightsFrom) {

  /** Batch size of the paper's section 5.1.3. */
  public static final int PAPER_BATCH_SIZE = 32;

  /** The rate that pre-training starts with (section 5.1.3). */
  public static final double PRE_TRAINING_RATE = 0.045;

  /** Epochs after which pre-training's rate falls (section 5.1.3). */
  public static final int PRE_TRAINING_EPOCHS_PER_DECAY = 2;

  /** The rate that fine-tuning for transfer starts with (section 5.1.3). */
  public static final double FINE_TUNING_RATE = 0.0045;

  /** Epochs after which fine-tuning's rate falls (section 5.1.3). */
  public static final int FINE_TUNING_EPOCHS_PER_DECAY = 4;

  /** The factor by which either rate falls (section 5.1.3). */
  public static final double RATE_DECAY = 0.94;

  /** The constant rate of the second stage for long-tailed data (section 5.2). */
  public static final double SECOND_STAGE_RATE = 1e-6;

  /**
   * The rate that {@link #bilinearLastLayer} starts with: {@code ft_last_layer.solver} of Gao et
   * al. (CVPR 2016).
   */
  public static final double BILINEAR_LAST_LAYER_RATE = 1;

  /** The constant rate of {@link #bilinearFineTuning}: {@code ft_all.solver} of Gao et al. */
  public static final double BILINEAR_FINE_TUNING_RATE = 0.001;

  /** Batch size of {@link #bilinearFineTuning}. */
  public static final int BILINEAR_FINE_TUNING_BATCH_SIZE = 8;

  /** Batch size of {@link #smallData}. */
  public static final int SMALL_DATA_BATCH_SIZE = 16;

  /** The rate that {@link #smallData} starts with. */
  public static final double SMALL_DATA_RATE = 0.02;

  /** Refuses counts below 1. */
  public Recipe {
    if (epochs < 1 || batchSize < 1 || batchesPerUpdate < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d epochs with %d batches of %d an update: all must be at least 1",
              epochs,
              batchesPerUpdate,
              batchSize));
    }
    Objects.requireNonNull(mixing, "mixing");
    if (classWeightsFrom < 0) {
      throw new IllegalArgumentException(
          "class weights from epoch " + classWeightsFrom + ": must be at least 0");
    }
  }

  /**
   * A recipe with an update for each batch, and no mixing.
   *
   * @param epochs passes over the training set, at least 1
   * @param batchSize images of one step, at least 1
   * @param learningRate the schedule
   * @param options loss and optimizer
   */
  public Recipe(int epochs, int batchSize, LearningRate learningRate, TrainingOptions options) {
    this(epochs, batchSize, 1, learningRate, options, Mixing.none(), 0);
  }

  /**
   * The images of one batch in a run.
   *
   * @param epochSize images that the sampler shows in an epoch, at least 1
   * @return the batch size, or the epoch's if that is smaller
   */
  public int batchSizeFor(int epochSize) {
    if (epochSize < 1) {
      throw new IllegalArgumentException("an epoch of " + epochSize + " images: at least 1");
    }
    return Math.min(batchSize, epochSize);
  }

  /**
   * The updates of one epoch of a run, which the learning rate's schedule counts with. The last may
   * have fewer batches than the others.
   *
   * @param epochSize images that the sampler shows in an epoch, at least 1
   * @return at least 1
   */
  public int updatesPerEpoch(int epochSize) {
    int batches = epochSize / batchSizeFor(epochSize);
    return 1 + (batches - 1) / batchesPerUpdate;
  }

  /**
   * Training from scratch as in section 5.1.3: rate {@value #PRE_TRAINING_RATE}, times {@value
   * #RATE_DECAY} every {@value #PRE_TRAINING_EPOCHS_PER_DECAY} epochs.
   *
   * @param epochs passes over the training set
   * @return the recipe
   */
  public static Recipe preTraining(int epochs) {
    return new Recipe(
        epochs,
        PAPER_BATCH_SIZE,
        LearningRate.exponentialStaircase(
            PRE_TRAINING_RATE, RATE_DECAY, PRE_TRAINING_EPOCHS_PER_DECAY),
        TrainingOptions.paper());
  }

  /**
   * Fine-tuning for transfer as in section 5.1.3: rate {@value #FINE_TUNING_RATE}, times {@value
   * #RATE_DECAY} every {@value #FINE_TUNING_EPOCHS_PER_DECAY} epochs.
   *
   * @param epochs passes over the training set
   * @return the recipe
   */
  public static Recipe fineTuning(int epochs) {
    return new Recipe(
        epochs,
        PAPER_BATCH_SIZE,
        LearningRate.exponentialStaircase(
            FINE_TUNING_RATE, RATE_DECAY, FINE_TUNING_EPOCHS_PER_DECAY),
        TrainingOptions.paper());
  }

  /**
   * The second stage for long-tailed data of section 5.2: a constant, very small rate on a more
   * balanced sampling of the training set.
   *
   * @param epochs passes
   * @return the recipe, with rate {@value #SECOND_STAGE_RATE}
   */
  public static Recipe balancedSecondStage(int epochs) {
    return new Recipe(
        epochs,
        PAPER_BATCH_SIZE,
        LearningRate.constant(SECOND_STAGE_RATE),
        TrainingOptions.paper());
  }

  /**
   * The first of two stages in which networks with a {@linkplain Head bilinear head} are trained:
   * the last layer alone, at a high rate. Features of length 1 ask for it. The values are those of
   * Gao et al. (CVPR 2016; {@code ft_last_layer.solver} of their code): rate {@value
   * #BILINEAR_LAST_LAYER_RATE}, times 0.25 after a third, a half, two thirds and five sixths of the
   * run, momentum 0.9, weight decay 5e-6, 32 images an update, plain cross entropy. They ran for
   * 320 epochs; any head will do, and the channels' reduction is trained too if it has one.
   *
   * @param graph the network, for the names of its layers
   * @param epochs passes over the training set
   * @return the recipe
   */
  public static Recipe bilinearLastLayer(NetworkGraph graph, int epochs) {
    List<Double> falls =
        Stream.of(1 / 3.0, 1 / 2.0, 2 / 3.0, 5 / 6.0).map(f -> f * epochs).toList();
    return new Recipe(
        epochs,
        PAPER_BATCH_SIZE,
        LearningRate.falling(BILINEAR_LAST_LAYER_RATE, 0.25, falls),
        bilinear(5e-6).trainableScopes(graph.headScopes()).build());
  }

  /**
   * The second of these stages: all layers, at a small rate. The values are those of Gao et al.
   * ({@code ft_all.solver}): rate {@value #BILINEAR_FINE_TUNING_RATE} throughout, momentum 0.9,
   * weight decay 5e-4, batches of {@value #BILINEAR_FINE_TUNING_BATCH_SIZE}, plain cross entropy.
   * They ran for 27 epochs, on a network without batch norms.
   *
   * @param epochs passes over the training set
   * @return the recipe
   */
  public static Recipe bilinearFineTuning(int epochs) {
    return new Recipe(
        epochs,
        BILINEAR_FINE_TUNING_BATCH_SIZE,
        LearningRate.constant(BILINEAR_FINE_TUNING_RATE),
        bilinear(5e-4).build());
  }

  private static TrainingOptions.Builder bilinear(double weightDecay) {
    return TrainingOptions.paper().toBuilder()
        .optimizer(new Optimizer.Sgd(0.9, false))
        .weightDecay(weightDecay)
        .labelSmoothing(0)
        .movingAverageDecay(0)
        .dropout(false);
  }

  /**
   * Training on a few hundred images, from scratch or from other weights, for some ten to a
   * thousand steps. The paper's recipes are for far more: the mean squares of their RMSProp start
   * at 1 and hold the first steps back, and the moving statistics of batch norms, whose decay is
   * 0.9997, are mostly those of the start after hundreds of steps, so that evaluation measures
   * another network than was trained. Here it is momentum 0.9, a cosine from {@value
   * #SMALL_DATA_RATE} to 0, batches of {@value #SMALL_DATA_BATCH_SIZE}, and moving statistics that
   * warm up over the run, as the averages of the weights do in all recipes ({@link
   * TrainingOptions#batchNormDecayAt}). Loss, weight decay and averages are the paper's. From
   * scratch, a rate of 0.05 learns faster.
   *
   * @param epochs passes over the training set
   * @return the recipe
   */
  public static Recipe smallData(int epochs) {
    return new Recipe(
        epochs,
        SMALL_DATA_BATCH_SIZE,
        LearningRate.cosine(SMALL_DATA_RATE, 0, 0, epochs),
        TrainingOptions.paper().toBuilder()
            .optimizer(new Optimizer.Sgd(0.9, false))
            .batchNormWarmUp(true)
            .build());
  }

  private Recipe with(Consumer<Components> change) {
    Components changed = new Components(this);
    change.accept(changed);
    return changed.toRecipe();
  }

  /** The components of a recipe under change. */
  private static final class Components {

    int epochs;
    int batchSize;
    int batchesPerUpdate;
    LearningRate learningRate;
    TrainingOptions options;
    Mixing mixing;
    int classWeightsFrom;

    Components(Recipe recipe) {
      epochs = recipe.epochs;
      batchSize = recipe.batchSize;
      batchesPerUpdate = recipe.batchesPerUpdate;
      learningRate = recipe.learningRate;
      options = recipe.options;
      mixing = recipe.mixing;
      classWeightsFrom = recipe.classWeightsFrom;
    }

    Recipe toRecipe() {
      return new Recipe(
          epochs, batchSize, batchesPerUpdate, learningRate, options, mixing, classWeightsFrom);
    }
  }

  /**
   * The same with another schedule.
   *
   * @param schedule the rates
   * @return a new recipe
   */
  public Recipe withLearningRate(LearningRate schedule) {
    return with(changed -> changed.learningRate = schedule);
  }

  /**
   * The same with other batches.
   *
   * @param images of one step
   * @return a new recipe
   */
  public Recipe withBatchSize(int images) {
    return with(changed -> changed.batchSize = images);
  }

  /**
   * The same with another loss or optimizer.
   *
   * @param other the options
   * @return a new recipe
   */
  public Recipe withOptions(TrainingOptions other) {
    return with(changed -> changed.options = other);
  }

  /**
   * The same for more or fewer passes.
   *
   * @param passes over the training set, at least 1
   * @return a new recipe
   */
  public Recipe withEpochs(int passes) {
    return with(changed -> changed.epochs = passes);
  }

  /**
   * The same with gradients accumulated over several batches.
   *
   * @param batches of one update, at least 1; the last update of an epoch may have fewer
   * @return a new recipe
   */
  public Recipe withBatchesPerUpdate(int batches) {
    return with(changed -> changed.batchesPerUpdate = batches);
  }

  /**
   * The same with the images of each batch mixed with each other, and their classes too.
   *
   * @param value such as {@link Mixing#mixup}; the batches are those of the trainer's seed
   * @return a new recipe
   */
  public Recipe withMixing(Mixing value) {
    return with(changed -> changed.mixing = value);
  }

  /**
   * The same with the options' class weights counting from some epoch on, after the features were
   * learnt with all images weighing the same (deferred re-weighting, Cao et al., NeurIPS 2019,
   * where the rate falls at that epoch too, and each batch's loss is divided by the sum of its
   * images' weights rather than by their number).
   *
   * @param epoch counted from 0; 0 for the whole run
   * @return a new recipe
   */
  public Recipe withClassWeightsFrom(int epoch) {
    return with(changed -> changed.classWeightsFrom = epoch);
  }

  /** The options of the network's loss, whose class weights are left to the trainer if deferred. */
  TrainingOptions engineOptions() {
    return classWeightsFrom == 0 ? options : options.toBuilder().classWeights(List.of()).build();
  }
}
