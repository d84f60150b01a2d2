package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.ImageFeatures;

/**
 * The worth of a network of a source domain to a target, on the target's validation images.
 *
 * @param fineTuned after training all layers on the target, as in the paper's table 7
 * @param probed by a linear probe on its features, whose penalty is chosen by cross-validation on
 *     the target's training images
 * @param nearest by the target's training images nearest in its features, by their angle
 */
public record TransferErrors(Errors fineTuned, Errors probed, Errors nearest) {

  /**
   * Measures. Time: one fine-tuning, and one pass over all images of the target.
   *
   * @param laboratory fine-tunes
   * @param network trained on a source domain
   * @param target to transfer to
   * @param seed of the last layer and the batches
   * @return the errors
   */
  public static TransferErrors of(
      Laboratory laboratory, TrainedNetwork network, DatasetSplits target, long seed) {
    Errors fineTuned = fineTuned(laboratory, network, target, seed);
    try (Network compiled = laboratory.compile(network)) {
      return of(
          fineTuned,
          ImageFeatures.of(compiled, network.resolution(), target.train()),
          ImageFeatures.of(compiled, network.resolution(), target.validation()),
          target.classCount());
    }
  }

  /** Joins the errors after fine-tuning with those on features that are at hand. */
  static TransferErrors of(
      Errors fineTuned, ImageFeatures training, ImageFeatures validation, int classes) {
    FrozenErrors frozen = FrozenErrors.of(training, validation, classes);
    return new TransferErrors(fineTuned, frozen.probed(), frozen.nearest());
  }

  static Errors fineTuned(
      Laboratory laboratory, TrainedNetwork network, DatasetSplits target, long seed) {
    return laboratory.errors(
        laboratory.fineTune(network, target.train(), seed), target.validation());
  }
}
