package dev.fgvc.metric;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Errors and images of each class: the immutable result of a {@link TopKError}. */
public final class ClassErrors {

  private final int k;
  private final long[] images;
  private final long[] errors;

  private ClassErrors(int k, long[] images, long[] errors) {
    this.k = k;
    this.images = images;
    this.errors = errors;
  }

  /**
   * Errors counted elsewhere.
   *
   * @param k how many guesses were allowed, at least 1
   * @param images how many images of each class were seen
   * @param errors how many of them were wrong, from 0 to the class's images
   * @return the result
   * @throws IllegalArgumentException if the lengths differ or a number is out of range
   */
  public static ClassErrors of(int k, long[] images, long[] errors) {
    if (k < 1 || images.length == 0 || images.length != errors.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "top-%d errors of %d classes, images of %d",
              k,
              errors.length,
              images.length));
    }
    for (int c = 0; c < images.length; c++) {
      checkArgument(
          errors[c] >= 0 && errors[c] <= images[c],
          "class %s: %s errors in %s images",
          c,
          errors[c],
          images[c]);
    }
    return new ClassErrors(k, images.clone(), errors.clone());
  }

  /**
   * How many guesses were allowed.
   *
   * @return at least 1
   */
  public int k() {
    return k;
  }

  /**
   * The number of classes.
   *
   * @return at least 1
   */
  public int classCount() {
    return images.length;
  }

  /**
   * Images of a class that were seen.
   *
   * @param label the class
   * @return at least 0
   */
  public long images(int label) {
    return images[label];
  }

  /**
   * Images of a class that were wrong.
   *
   * @param label the class
   * @return from 0 to {@link #images(int)}
   */
  public long errors(int label) {
    return errors[label];
  }

  /**
   * All images that were seen.
   *
   * @return at least 0
   */
  public long imageCount() {
    long sum = 0;
    for (long count : images) {
      sum += count;
    }
    return sum;
  }

  /**
   * The top-k error: wrong images over all images, whatever their class.
   *
   * @return from 0 to 1; NaN if no image was seen
   */
  public double error() {
    return error(label -> true);
  }

  /**
   * The error of one class.
   *
   * @param label the class
   * @return from 0 to 1; NaN if none of its images was seen
   */
  public double error(int label) {
    return (double) errors[label] / images[label];
  }

  /**
   * The error over the images of some classes.
   *
   * @param classes which classes count
   * @return from 0 to 1; NaN if none of their images was seen
   */
  public double error(IntPredicate classes) {
    long wrong = 0;
    long seen = 0;
    for (int label = 0; label < images.length; label++) {
      if (classes.test(label)) {
        wrong += errors[label];
        seen += images[label];
      }
    }
    return (double) wrong / seen;
  }

  /**
   * The mean over the classes of their errors, in which a rare class weighs as much as a common
   * one.
   *
   * @return from 0 to 1, over the classes with images; NaN if no image was seen
   */
  public double meanClassError() {
    double sum = 0;
    int seen = 0;
    for (int label = 0; label < images.length; label++) {
      if (images[label] > 0) {
        sum += error(label);
        seen++;
      }
    }
    return sum / seen;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassErrors that
        && k == that.k
        && Arrays.equals(images, that.images)
        && Arrays.equals(errors, that.errors);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * k + Arrays.hashCode(images)) + Arrays.hashCode(errors);
  }

  /** Such as {@code top-1 error 12.50 % of 400 images}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "top-%d error %.2f %% of %d images", k, 100 * error(), imageCount());
  }
}
