package dev.fgvc.nets.experiment;

import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.eval.LinearProbe;
import dev.fgvc.nets.eval.NearestNeighbors;
import java.util.List;

/**
 * Errors of two classifiers on frozen features.
 *
 * @param probed by a linear probe, whose penalty is chosen by cross-validation on the training
 *     images
 * @param nearest by the nearest training images, by their angle
 */
record FrozenErrors(Errors probed, Errors nearest) {

  private static final List<Double> PENALTIES = List.of(0.003, 0.03, 0.3);
  private static final int FOLDS = 3;

  /** Fits to the training images and judges by the validation images. */
  static FrozenErrors of(ImageFeatures training, ImageFeatures validation, int classes) {
    return new FrozenErrors(
        LinearProbe.create()
            .tunedOn(training, classes, PENALTIES, FOLDS)
            .fit(training, classes)
            .errors(validation),
        NearestNeighbors.of(training, classes).withCosine(true).errors(validation));
  }
}
