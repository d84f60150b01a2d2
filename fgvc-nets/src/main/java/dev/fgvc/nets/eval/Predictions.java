package dev.fgvc.nets.eval;

import java.util.Locale;
import org.ejml.data.FMatrixRMaj;

/**
 * Class probabilities of images, beside their labels.
 *
 * @param probabilities [images, classes of the networks]; each row sums to 1. Those too small for a
 *     float are 0, so that errors are counted by {@link Evaluation} and not from these
 * @param labels the right class of each image in the data set, whose classes need not be those of
 *     the networks
 */
public record Predictions(FMatrixRMaj probabilities, int[] labels) {

  /** Refuses another number of labels than of rows, and no rows. */
  public Predictions {
    if (labels.length == 0 || probabilities.numRows != labels.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "predictions for %d images with %d labels; both must be the same and at least 1",
              probabilities.numRows,
              labels.length));
    }
  }
}
