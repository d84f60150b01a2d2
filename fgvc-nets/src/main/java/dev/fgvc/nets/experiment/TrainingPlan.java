package dev.fgvc.nets.experiment;

import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.weights.Weights;
import java.util.Optional;

/**
 * How all networks of a series of experiments are trained, so that they differ only in what an
 * experiment compares.
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
 * @param batchNormDecay of the moving statistics; the authors' 0.9997 needs some ten thousand steps
 * @param smallestCrop least area of a training crop as a part of the image; 0.05 in the paper,
 *     which leaves nothing to see at low resolutions
 * @param start weights to start from in place of random ones; all layers that fit are taken over
 */
public record TrainingPlan(
    Recipe preTraining,
    int referenceImages,
    int extractorFactor,
    Recipe secondStage,
    Recipe fineTuning,
    double batchNormDecay,
    double smallestCrop,
    Optional<Weights> start) {

  /**
   * Refuses what {@link dev.fgvc.nets.arch.Architecture} and {@link dev.fgvc.image.RandomCrop}
   * would refuse later.
   *
   * @param preTraining from random or given weights
   * @param referenceImages size of the data set that the pre-training's epochs are meant for; or 0
   * @param extractorFactor how many times as many steps the network takes whose features measure
   *     similarity, at least 1
   * @param secondStage on a more balanced sampling
   * @param fineTuning on a target domain
   * @param batchNormDecay in [0, 1)
   * @param smallestCrop above 0, at most 1
   * @param start weights to start from in place of random ones
   */
  public TrainingPlan {
    if (referenceImages < 0) {
      throw new IllegalArgumentException("reference images " + referenceImages + " are negative");
    }
    if (extractorFactor < 1) {
      throw new IllegalArgumentException(
          "extractor factor " + extractorFactor + " must be at least 1");
    }
    if (!(batchNormDecay >= 0 && batchNormDecay < 1)) {
      throw new IllegalArgumentException(
          "batch norm decay " + batchNormDecay + " is not within [0, 1)");
    }
    if (!(smallestCrop > 0 && smallestCrop <= 1)) {
      throw new IllegalArgumentException(
          "smallest crop " + smallestCrop + " must be above 0, at most 1");
    }
  }

  /**
   * The paper's schedule (sections 5.1.3 and 5.2), for data sets of its size.
   *
   * @param preTrainingEpochs passes over a source
   * @param secondStageEpochs passes over the more balanced subset
   * @param fineTuningEpochs passes over a target
   * @return the plan, from random weights
   */
  public static TrainingPlan paper(
      int preTrainingEpochs, int secondStageEpochs, int fineTuningEpochs) {
    return new TrainingPlan(
        Recipe.preTraining(preTrainingEpochs),
        0,
        1,
        Recipe.balancedSecondStage(secondStageEpochs),
        Recipe.fineTuning(fineTuningEpochs),
        0.9997,
        0.05,
        Optional.empty());
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
