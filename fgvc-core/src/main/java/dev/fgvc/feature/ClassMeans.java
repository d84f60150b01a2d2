package dev.fgvc.feature;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/**
 * Gathers the class means of a stream of image features: one pass over any number of images, with
 * double-precision sums.
 *
 * <p>Memory is 8 bytes for each class and dimension; images are not kept. Classes appear as their
 * labels do. Not safe for use by several threads at once.
 *
 * <pre>{@code
 * ClassMeans means = ClassMeans.ofDimension(2048);
 * for (Batch batch : batches) {
 *   means.add(network.features(batch.images()), batch.labels());
 * }
 * DomainFeatures birds = means.toDomain("CUB200");
 * }</pre>
 */
public final class ClassMeans {

  /** A million classes: far beyond any data set, near enough to catch a label that is no label. */
  static final int MAX_CLASSES = 1_000_000;

  private final int dimension;
  private final List<double[]> sums = new ArrayList<>();
  private long[] counts = new long[16];

  private ClassMeans(int dimension) {
    this.dimension = dimension;
  }

  /**
   * An empty collection of classes.
   *
   * @param dimension length of each feature vector, at least 1
   * @return a collector without images
   * @throws IllegalArgumentException if the dimension is less than 1
   */
  public static ClassMeans ofDimension(int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension " + dimension + ": must be at least 1");
    }
    return new ClassMeans(dimension);
  }

  /**
   * Adds a batch of images.
   *
   * @param features one image a row, images x dimension, finite
   * @param labels the class of each row, from 0 to 999,999
   * @return this collector
   * @throws IllegalArgumentException if shapes disagree, a label is out of range or a value is NaN
   *     or infinite; the collector is then unchanged
   */
  public ClassMeans add(FMatrixRMaj features, int[] labels) {
    if (features.numCols != dimension) {
      throw new IllegalArgumentException(
          "features are "
              + features.numRows
              + "x"
              + features.numCols
              + ", but the dimension here is "
              + dimension);
    }
    if (labels.length != features.numRows) {
      throw new IllegalArgumentException(
          labels.length + " labels for " + features.numRows + " rows of features");
    }
    for (int row = 0; row < labels.length; row++) {
      checkLabel(labels[row], row);
      for (int k = 0; k < dimension; k++) {
        float value = features.data[row * dimension + k];
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              "feature " + k + " of image " + row + " (label " + labels[row] + ") is " + value);
        }
      }
    }
    for (int row = 0; row < labels.length; row++) {
      double[] sum = sumOf(labels[row]);
      int offset = row * dimension;
      for (int k = 0; k < dimension; k++) {
        sum[k] += features.data[offset + k];
      }
      counts[labels[row]]++;
    }
    return this;
  }

  private static void checkLabel(int label, int row) {
    if (label < 0 || label >= MAX_CLASSES) {
      throw new IllegalArgumentException(
          "label " + label + " of image " + row + ": must be from 0 to " + (MAX_CLASSES - 1));
    }
  }

  private double[] sumOf(int label) {
    while (sums.size() <= label) {
      // Shared until an image comes: a single wild label must not take memory for all below it.
      sums.add(EMPTY);
    }
    if (label >= counts.length) {
      counts = Arrays.copyOf(counts, Math.max(label + 1, 2 * counts.length));
    }
    double[] sum = sums.get(label);
    if (sum == EMPTY) {
      sum = new double[dimension];
      sums.set(label, sum);
    }
    return sum;
  }

  private static final double[] EMPTY = {};

  /**
   * The number of images added so far.
   *
   * @return at least 0
   */
  public long imageCount() {
    return Arrays.stream(counts).sum();
  }

  /**
   * The domain of all images so far, classes named by their labels.
   *
   * @param name what the domain is called
   * @return means and counts of classes 0 to the largest label
   * @throws IllegalStateException if no image was added, or a label below the largest has none
   */
  public DomainFeatures toDomain(String name) {
    List<String> classNames = new ArrayList<>();
    for (int label = 0; label < sums.size(); label++) {
      classNames.add(Integer.toString(label));
    }
    return toDomain(name, classNames);
  }

  /**
   * The domain of all images so far.
   *
   * @param name what the domain is called
   * @param classNames a name for each label from 0 on
   * @return means and counts
   * @throws IllegalArgumentException if there are fewer names than labels
   * @throws IllegalStateException if no image was added, or a named class has none
   */
  public DomainFeatures toDomain(String name, List<String> classNames) {
    if (sums.isEmpty()) {
      throw new IllegalStateException("domain " + name + " has no images");
    }
    if (classNames.size() < sums.size()) {
      throw new IllegalArgumentException(
          classNames.size() + " class names, but labels go up to " + (sums.size() - 1));
    }
    int classes = classNames.size();
    for (int c = 0; c < classes; c++) {
      if (c >= sums.size() || counts[c] == 0) {
        throw new IllegalStateException(
            "class " + c + " (" + classNames.get(c) + ") of domain " + name + " has no images");
      }
    }
    // Only now that no class is empty: one wild label must not ask for classes x dimension.
    FMatrixRMaj means = new FMatrixRMaj(classes, dimension);
    double[] imageCounts = new double[classes];
    for (int c = 0; c < classes; c++) {
      imageCounts[c] = counts[c];
      double[] sum = sums.get(c);
      for (int k = 0; k < dimension; k++) {
        means.data[c * dimension + k] = (float) (sum[k] / counts[c]);
      }
    }
    return DomainFeatures.of(name, classNames, means, imageCounts);
  }
}
