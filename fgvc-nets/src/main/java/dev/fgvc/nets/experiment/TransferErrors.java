package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.eval.LinearProbe;
import dev.fgvc.nets.eval.NearestNeighbors;
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

  private static final List<Double> PENALTIES = List.of(0.003, 0.03, 0.3);
  private static final int FOLDS = 3;

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
    TrainedNetwork tuned = laboratory.fineTune(network, target.train(), seed);
    Errors fineTuned = laboratory.errors(tuned, target.validation());
    int classes = target.classCount();
    try (Network compiled = laboratory.compile(network)) {
      ImageFeatures training = ImageFeatures.of(compiled, network.resolution(), target.train());
      ImageFeatures validation =
          ImageFeatures.of(compiled, network.resolution(), target.validation());
      Errors probed =
          LinearProbe.create()
              .tunedOn(training, classes, PENALTIES, FOLDS)
              .fit(training, classes)
              .errors(validation);
      Errors nearest = NearestNeighbors.of(training, classes).withCosine(true).errors(validation);
      return new TransferErrors(fineTuned, probed, nearest);
    }
  }
}
