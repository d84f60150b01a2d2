package dev.fgvc.nets.eval;

import java.util.Arrays;
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

  /** Whether labels and all probabilities are the same, bit by bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Predictions that
        && Arrays.equals(labels, that.labels)
        && ImageFeatures.sameValues(probabilities, that.probabilities);
  }

  /** Takes the labels alone, so that no probability is read. */
  @Override
  public int hashCode() {
    return Arrays.hashCode(labels);
  }

  /** Images and classes. */
  @Override
  public String toString() {
    return probabilities.numRows + " images, " + probabilities.numCols + " classes";
  }
}
