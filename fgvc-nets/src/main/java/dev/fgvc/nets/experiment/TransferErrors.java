package dev.fgvc.nets.experiment;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.ImageFeatures;
import java.util.List;

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
    Measured frozen =
        laboratory
            .measurements()
            .measured(
                "frozen features",
                List.of(network),
                List.of(pass(network, target.train()), pass(network, target.validation())),
                2,
                0,
                compiled -> {
                  FrozenErrors errors =
                      frozen(
                          ImageFeatures.of(compiled.get(0), network.resolution(), target.train()),
                          compiled.get(0),
                          network,
                          target);
                  return Measured.of(errors.probed(), errors.nearest());
                });
    return new TransferErrors(fineTuned, frozen.errors().get(0), frozen.errors().get(1));
  }

  static Measurements.Pass pass(TrainedNetwork network, Dataset dataset) {
    return new Measurements.Pass(dataset, CentralCrop.of(network.resolution()));
  }

  /** Judges the features of a target's training images by its validation images. */
  static FrozenErrors frozen(
      ImageFeatures training, Network compiled, TrainedNetwork network, DatasetSplits target) {
    return FrozenErrors.of(
        training,
        ImageFeatures.of(compiled, network.resolution(), target.validation()),
        target.classCount());
  }

  static Errors fineTuned(
      Laboratory laboratory, TrainedNetwork network, DatasetSplits target, long seed) {
    return laboratory.errors(
        laboratory.fineTune(network, target.train(), seed), target.validation());
  }
}
