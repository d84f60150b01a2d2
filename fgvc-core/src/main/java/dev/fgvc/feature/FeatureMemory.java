package dev.fgvc.feature;

import java.util.Locale;

/**
 * Refuses feature matrices that do not fit into the heap, before memory is taken for them. A
 * bilinear head without a reduction gives 4.2 million features: 17 MB for an image, 34 MB for the
 * sum of a class.
 */
public final class FeatureMemory {

  /** The longest array that every Java gives. */
  private static final long MAX_ARRAY = Integer.MAX_VALUE - 8;

  private static final String FIX =
      "take fewer features, such as those of a compact bilinear head or of one with reduced"
          + " channels";

  private FeatureMemory() {}

  /**
   * Requires room for a matrix of floats.
   *
   * @param what for the message, such as {@code features of birds}
   * @param rows images or classes
   * @param dimension length of each feature vector
   * @throws IllegalArgumentException if it is longer than a Java array or larger than the heap can
   *     become; the message has the size and what to do
   */
  public static void requireMatrix(String what, long rows, long dimension) {
    if (rows * dimension > MAX_ARRAY) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: %d x %d values are more than the %d of a Java array: %s, or fewer rows",
              what,
              rows,
              dimension,
              MAX_ARRAY,
              FIX));
    }
    requireHeap(what, rows, dimension, Float.BYTES, Runtime.getRuntime().maxMemory());
  }

  /**
   * Requires room for the sums of classes, as {@link ClassMeans} keeps them, and then their means.
   *
   * @param what for the message, such as {@code class means of birds}
   * @param classes with images
   * @param dimension length of each feature vector
   * @throws IllegalArgumentException as {@link #requireMatrix}
   */
  public static void requireClassMeans(String what, long classes, long dimension) {
    requireMatrix(what, classes, dimension);
    int bytes = Double.BYTES + Float.BYTES;
    requireHeap(what, classes, dimension, bytes, Runtime.getRuntime().maxMemory());
  }

  /** The same with a given heap. */
  static void requireHeap(String what, long rows, long dimension, int bytes, long heap) {
    if (rows * dimension > heap / bytes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: %d x %d values of %d bytes take %d MiB, more than the %d MiB that the heap may"
                  + " have: raise it by -Xmx, or %s",
              what,
              rows,
              dimension,
              bytes,
              rows * dimension * bytes >> 20,
              heap >> 20,
              FIX));
    }
  }
}
