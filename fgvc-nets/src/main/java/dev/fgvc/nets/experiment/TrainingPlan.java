package dev.fgvc.nets.experiment;

import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.weights.Weights;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How all networks of a series of experiments are trained, so that they differ only in what an
 * experiment compares. {@link #paper} gives the paper's values, {@link #toBuilder} changes some.
 *
 * @param preTraining from random or given weights; its number of epochs is for a data set of {@link
 *     #referenceImages} images, smaller sets get more and larger ones fewer, so that every source
 *     is trained for as many steps
 * @param referenceImages size of the data set that the pre-training's epochs are meant for; 0 gives
 *     every data set the same epochs
 * @param extractorFactor how many times as many steps the network takes whose features measure
 *     similarity; the paper's was trained on the far larger JFT data set (section 4.1)
 * @param secondStage on a more balanced sampling; its rate is only used where an experiment does
 *     not choose one
 * @param fineTuning on a target domain
 * @param batchNormDecay of the moving statistics, in [0, 1); empty for the authors' value of each
 *     architecture, which needs thousands of steps
 * @param auxiliaryHead whether networks that have an auxiliary head are trained with it, as the
 *     authors'; networks refuse crops that are too small for theirs
 * @param smallestCrop least area of a training crop as a part of the image, above 0, at most 1;
 *     {@link RandomCrop#MINIMUM_AREA} in the authors' code, which leaves nothing to see at low
 *     resolutions
 * @param start weights to start from in place of random ones; all layers that fit are taken over
 */
public record TrainingPlan(
    Recipe preTraining,
    int referenceImages,
    int extractorFactor,
    Recipe secondStage,
    Recipe fineTuning,
    OptionalDouble batchNormDecay,
    boolean auxiliaryHead,
    double smallestCrop,
    Optional<Weights> start) {

  /**
   * Refuses what {@link dev.fgvc.nets.arch.Architecture} and {@link RandomCrop} would refuse later.
   */
  public TrainingPlan {
    require(referenceImages >= 0, "reference images " + referenceImages + " are negative");
    require(extractorFactor >= 1, "extractor factor " + extractorFactor + " must be at least 1");
    double decay = batchNormDecay.orElse(0);
    require(decay >= 0 && decay < 1, "batch norm decay " + decay + " is not within [0, 1)");
    require(
        smallestCrop > 0 && smallestCrop <= 1,
        "smallest crop " + smallestCrop + " must be above 0, at most 1");
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalArgumentException(problem);
    }
  }

  /**
   * The paper's schedule (sections 5.1.3 and 5.2), for data sets of its size: networks as the
   * authors train them, with their auxiliary heads and their batch norms' decays.
   *
   * @param preTrainingEpochs passes over a source
   * @param secondStageEpochs passes over the more balanced subset
   * @param fineTuningEpochs passes over a target
   * @return the plan, from random weights
   */
  public static TrainingPlan paper(
      int preTrainingEpochs, int secondStageEpochs, int fineTuningEpochs) {
    return builder(
            Recipe.preTraining(preTrainingEpochs),
            Recipe.balancedSecondStage(secondStageEpochs),
            Recipe.fineTuning(fineTuningEpochs))
        .build();
  }

  /**
   * Starts a plan of three recipes; all else is the paper's until it is set.
   *
   * @param preTraining from random or given weights
   * @param secondStage on a more balanced sampling
   * @param fineTuning on a target domain
   * @return a builder
   */
  public static Builder builder(Recipe preTraining, Recipe secondStage, Recipe fineTuning) {
    return new Builder(preTraining, secondStage, fineTuning);
  }

  /**
   * Starts a change of some of this plan's values.
   *
   * @return a builder that holds these values
   */
  public Builder toBuilder() {
    Builder builder =
        new Builder(preTraining, secondStage, fineTuning)
            .referenceImages(referenceImages)
            .extractorFactor(extractorFactor)
            .auxiliaryHead(auxiliaryHead)
            .smallestCrop(smallestCrop);
    batchNormDecay.ifPresent(builder::batchNormDecay);
    start.ifPresent(builder::start);
    return builder;
  }

  /** A plan under change; each setter returns the builder itself. */
  public static final class Builder {

    private Recipe preTraining;
    private Recipe secondStage;
    private Recipe fineTuning;
    private int referenceImages;
    private int extractorFactor = 1;
    private OptionalDouble batchNormDecay = OptionalDouble.empty();
    private boolean auxiliaryHead = true;
    private double smallestCrop = RandomCrop.MINIMUM_AREA;
    private Optional<Weights> start = Optional.empty();

    private Builder(Recipe preTraining, Recipe secondStage, Recipe fineTuning) {
      this.preTraining = preTraining;
      this.secondStage = secondStage;
      this.fineTuning = fineTuning;
    }

    /**
     * Sets the recipe of the pre-training.
     *
     * @param recipe for a data set of {@link #referenceImages} images
     * @return this builder
     */
    public Builder preTraining(Recipe recipe) {
      preTraining = recipe;
      return this;
    }

    /**
     * Sets the recipe of the second stage.
     *
     * @param recipe on a more balanced sampling
     * @return this builder
     */
    public Builder secondStage(Recipe recipe) {
      secondStage = recipe;
      return this;
    }

    /**
     * Sets the recipe of fine-tuning.
     *
     * @param recipe on a target domain
     * @return this builder
     */
    public Builder fineTuning(Recipe recipe) {
      fineTuning = recipe;
      return this;
    }

    /**
     * Sets the size of the data set that the pre-training's epochs are meant for.
     *
     * @param images at least 0; 0 gives every data set the same epochs
     * @return this builder
     */
    public Builder referenceImages(int images) {
      referenceImages = images;
      return this;
    }

    /**
     * Sets how much longer the network is trained whose features measure similarity.
     *
     * @param times as many steps, at least 1
     * @return this builder
     */
    public Builder extractorFactor(int times) {
      extractorFactor = times;
      return this;
    }

    /**
     * Sets one decay of the batch norms' moving statistics for all architectures.
     *
     * @param decay in [0, 1)
     * @return this builder
     */
    public Builder batchNormDecay(double decay) {
      batchNormDecay = OptionalDouble.of(decay);
      return this;
    }

    /**
     * Sets whether networks are trained with their auxiliary heads.
     *
     * @param present false leaves them out
     * @return this builder
     */
    public Builder auxiliaryHead(boolean present) {
      auxiliaryHead = present;
      return this;
    }

    /**
     * Sets the least area of a training crop.
     *
     * @param part of the image, above 0, at most 1
     * @return this builder
     */
    public Builder smallestCrop(double part) {
      smallestCrop = part;
      return this;
    }

    /**
     * Sets the weights to start from.
     *
     * @param weights all layers that fit are taken over
     * @return this builder
     */
    public Builder start(Weights weights) {
      start = Optional.of(weights);
      return this;
    }

    /**
     * The plan.
     *
     * @return an immutable value
     * @throws IllegalArgumentException if a value is outside its range
     */
    public TrainingPlan build() {
      return new TrainingPlan(
          preTraining,
          referenceImages,
          extractorFactor,
          secondStage,
          fineTuning,
          batchNormDecay,
          auxiliaryHead,
          smallestCrop,
          start);
    }
  }

  /** The network as this plan trains it, for a number of classes and crops of a size. */
  NetworkGraph graph(NetworkChoice choice, int classes, Resolution resolution) {
    if (choice.architecture().isEmpty()) {
      double decay = batchNormDecay.orElse(SmallNetwork.BATCH_NORM_DECAY);
      return SmallNetwork.of(classes, choice.widthMultiplier(), decay, choice.head());
    }
    Architecture.Builder builder =
        choice
            .architecture()
            .get()
            .builder()
            .classes(classes)
            .widthMultiplier(choice.widthMultiplier())
            .head(choice.head())
            .auxiliaryHead(auxiliaryHead)
            .resolution(resolution);
    batchNormDecay.ifPresent(builder::batchNormDecay);
    return builder.build();
  }

  /**
   * The pre-training's recipe for a data set of some size, with its schedule stretched to fit.
   *
   * @param times how many times as many steps
   */
  Recipe preTrainingFor(int images, int times) {
    int reference = referenceImages == 0 ? images : referenceImages;
    double factor = (double) times * reference / images;
    int epochs = (int) Math.max(1, Math.round(preTraining.epochs() * factor));
    double stretch = (double) epochs / preTraining.epochs();
    return preTraining
        .withEpochs(epochs)
        .withLearningRate(preTraining.learningRate().stretched(stretch));
  }
}
