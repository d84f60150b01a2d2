package dev.fgvc.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How many images each class has: the long tail of figure 2 as numbers and as a picture. Immutable.
 */
public final class ClassHistogram {

  /** The number of training images from which a class belongs to the head (table 4). */
  public static final int HEAD_THRESHOLD = 100;

  /** A class with more training images than this is a common one (Liu et al., CVPR 2019). */
  public static final int MANY_ABOVE = 100;

  /** A class with fewer training images than this is a rare one (Liu et al., CVPR 2019). */
  public static final int FEW_BELOW = 20;

  private final int[] counts;

  private ClassHistogram(int[] counts) {
    this.counts = counts;
  }

  /**
   * The histogram of some class sizes.
   *
   * @param counts images of each class, none negative, at least one class
   * @return the histogram
   * @throws IllegalArgumentException if there is no class or a negative count
   */
  public static ClassHistogram of(int[] counts) {
    if (counts.length == 0) {
      throw new IllegalArgumentException("a histogram needs at least one class");
    }
    for (int c = 0; c < counts.length; c++) {
      checkArgument(counts[c] >= 0, "class %s has %s images", c, counts[c]);
    }
    return new ClassHistogram(counts.clone());
  }

  /**
   * Images of each class.
   *
   * @return a new array
   */
  public int[] counts() {
    return counts.clone();
  }

  /**
   * Images of all classes together.
   *
   * @return the sum of the counts
   */
  public long imageCount() {
    return Arrays.stream(counts).asLongStream().sum();
  }

  /**
   * The size of the largest class over that of the smallest.
   *
   * @return at least 1; infinite if a class is empty and another is not; 1 if all are empty
   */
  public double imbalanceRatio() {
    int largest = Arrays.stream(counts).max().orElseThrow();
    int smallest = Arrays.stream(counts).min().orElseThrow();
    return largest == smallest ? 1 : (double) largest / smallest;
  }

  /**
   * The well-represented classes.
   *
   * @param threshold the size from which a class counts as head; the paper's is {@link
   *     #HEAD_THRESHOLD}
   * @return the labels of the classes with at least that many images, ascending
   */
  public int[] headClasses(int threshold) {
    return IntStream.range(0, counts.length).filter(c -> counts[c] >= threshold).toArray();
  }

  /**
   * The under-represented classes.
   *
   * @param threshold the size from which a class counts as head
   * @return the labels of the classes with fewer images, ascending
   */
  public int[] tailClasses(int threshold) {
    return IntStream.range(0, counts.length).filter(c -> counts[c] < threshold).toArray();
  }

  /**
   * The classes with more than {@value #MANY_ABOVE} images: "many shot" of Liu et al., Large-Scale
   * Long-Tailed Recognition in an Open World.
   *
   * @return their labels, ascending
   */
  public int[] manyClasses() {
    return headClasses(MANY_ABOVE + 1);
  }

  /**
   * The classes with {@value #FEW_BELOW} to {@value #MANY_ABOVE} images.
   *
   * @return their labels, ascending
   */
  public int[] mediumClasses() {
    return IntStream.range(0, counts.length)
        .filter(c -> counts[c] >= FEW_BELOW && counts[c] <= MANY_ABOVE)
        .toArray();
  }

  /**
   * The classes with fewer than {@value #FEW_BELOW} images.
   *
   * @return their labels, ascending
   */
  public int[] fewClasses() {
    return tailClasses(FEW_BELOW);
  }

  /**
   * The Gini coefficient of the class sizes: half the mean difference of two classes over the mean
   * size. Computed in whole numbers up to the last division.
   *
   * @return 0 if all classes have the same size; (C - 1) / C if one of C classes has all images; 0
   *     if there are no images
   */
  public double gini() {
    int[] ascending = ascending();
    long total = imageCount();
    BigInteger weighted = BigInteger.ZERO;
    int n = ascending.length;
    for (int i = 0; i < n; i++) {
      weighted = weighted.add(BigInteger.valueOf((2L * i + 1 - n) * ascending[i]));
    }
    return total == 0 ? 0 : weighted.doubleValue() / ((double) n * total);
  }

  /**
   * The size that a part of the classes does not exceed, between neighbours by linear interpolation
   * (type 7 of Hyndman and Fan, the usual one).
   *
   * @param fraction from 0 (the smallest class) to 1 (the largest); 0.5 gives the median
   * @return a size, maybe between two classes
   * @throws IllegalArgumentException if the fraction is out of range or NaN
   */
  public double quantile(double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("quantile " + fraction + " must be from 0 to 1");
    }
    int[] ascending = ascending();
    double place = fraction * (ascending.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, ascending.length - 1);
    return ascending[below] + (place - below) * ((double) ascending[above] - ascending[below]);
  }

  private int[] ascending() {
    int[] ascending = counts.clone();
    Arrays.sort(ascending);
    return ascending;
  }

  /**
   * A picture in plain text: the classes from the largest to the smallest, in groups of neighbours
   * where there are more classes than lines, one bar each.
   *
   * @param lines bars at most, at least 1
   * @param columns length of the longest bar in characters, at least 1
   * @return lines such as {@code " 1- 3 42 ########"}: ranks, mean size, bar
   */
  public String picture(int lines, int columns) {
    checkArgument(
        lines >= 1 && columns >= 1, "a picture of %s lines and %s columns", lines, columns);
    int[] ascending = ascending();
    int n = ascending.length;
    int bars = Math.min(lines, n);
    double largest = Math.max(1, ascending[n - 1]);
    StringBuilder text = new StringBuilder();
    for (int bar = 0; bar < bars; bar++) {
      int from = (int) ((long) bar * n / bars);
      int to = (int) ((long) (bar + 1) * n / bars);
      double mean = 0;
      for (int rank = from; rank < to; rank++) {
        mean += (double) ascending[n - 1 - rank] / (to - from);
      }
      text.append(
          String.format(
              Locale.ROOT,
              "%5d-%5d %7.0f %s%n",
              from + 1,
              to,
              mean,
              "#".repeat((int) Math.round(mean / largest * columns))));
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassHistogram that && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  /** Classes, images and imbalance in one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d classes, %d images, imbalance %.1f",
        counts.length,
        imageCount(),
        imbalanceRatio());
  }
}
