package dev.fgvc.feature;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ejml.data.FMatrixRMaj;

/** Domains from pairs of arrays in NumPy's format. */
final class NpyDomains {

  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private NpyDomains() {}

  static DomainFeatures readMeans(String name, NpyFile means, NpyFile weights) throws IOException {
    requireMatrix(means, "class means");
    if (weights.columns() != 1 && weights.rows() != 1) {
      throw weights.error("expected a vector of image counts, found " + shape(weights));
    }
    requireAsMany(means, weights, "image counts");
    requireOneArray(means.rows(), means.columns(), means);
    // DomainFeatures takes a copy.
    FeatureMemory.requireHeap(
        "class means of " + name,
        means.rows(),
        means.columns(),
        2 * Float.BYTES,
        Runtime.getRuntime().maxMemory());
    double[] counts = new double[means.rows()];
    weights.forEach(
        (row, column, value) -> {
          if (!(value > 0) || Double.isInfinite(value)) {
            throw weights.error(
                "class "
                    + (row + column)
                    + " has image count "
                    + value
                    + "; counts must be positive: leave empty classes out of both arrays");
          }
          counts[row + column] = value;
        });
    FMatrixRMaj values = new FMatrixRMaj(means.rows(), means.columns());
    means.forEach(
        (row, column, value) ->
            values.data[row * values.numCols + column] = finite(value, row, column, means));
    List<String> names = new ArrayList<>();
    for (int c = 0; c < counts.length; c++) {
      names.add(Integer.toString(c));
    }
    return DomainFeatures.of(name, names, values, counts);
  }

  static DomainFeatures averageImages(String name, NpyFile features, NpyFile labels)
      throws IOException {
    requireMatrix(features, "image features");
    requireAsMany(features, labels, "labels");
    NpyLabels classes = NpyLabels.read(labels);
    int dimension = features.columns();
    requireOneArray(classes.names().size(), dimension, features);
    FeatureMemory.requireClassMeans("class means of " + name, classes.names().size(), dimension);
    double[][] sums = new double[classes.names().size()][];
    double[] counts = new double[sums.length];
    for (int c : classes.classOf()) {
      counts[c]++;
    }
    features.forEach(
        (row, column, value) -> {
          finite(value, row, column, features);
          int c = classes.classOf()[row];
          if (sums[c] == null) {
            // An archive may claim more than it holds: take memory as its values come.
            sums[c] = new double[dimension];
          }
          sums[c][column] += value;
        });
    FMatrixRMaj means = new FMatrixRMaj(sums.length, dimension);
    for (int c = 0; c < sums.length; c++) {
      for (int k = 0; k < dimension; k++) {
        means.data[c * dimension + k] = (float) (sums[c][k] / counts[c]);
      }
    }
    return DomainFeatures.of(name, classes.names(), means, counts);
  }

  private static void requireMatrix(NpyFile file, String what) {
    if (file.rank() != 2 || file.rows() == 0 || file.columns() == 0) {
      throw file.error("expected a matrix of " + what + ", found " + shape(file));
    }
    if (file.isText()) {
      throw file.error("expected a matrix of " + what + ", found texts");
    }
  }

  private static void requireAsMany(NpyFile matrix, NpyFile vector, String what) {
    if ((long) vector.rows() * vector.columns() != matrix.rows()) {
      throw vector.error(
          String.format(
              Locale.ROOT,
              "%d %s for %d rows in %s",
              (long) vector.rows() * vector.columns(),
              what,
              matrix.rows(),
              matrix.path()));
    }
  }

  private static void requireOneArray(int rows, int columns, NpyFile file) {
    if ((long) rows * columns > LARGEST_ARRAY) {
      throw file.error(rows + " classes of " + columns + " features are too many for one array");
    }
    file.requireRoom((long) rows * columns, Float.BYTES + Double.BYTES);
  }

  private static float finite(double value, int row, int column, NpyFile file) {
    if (!Float.isFinite((float) value)) {
      throw file.error(
          "row " + row + ", column " + column + ": " + value + " is not a finite float32");
    }
    return (float) value;
  }

  private static String shape(NpyFile file) {
    return file.rank() == 1
        ? "a vector of " + file.rows()
        : "a " + file.rows() + "x" + file.columns() + " matrix";
  }
}
