package dev.fgvc.metric;

import dev.fgvc.data.ClassHistogram;
import java.util.Locale;

/**
 * Errors of the classes that have many training images and of those that have few, apart, as in
 * table 4 of the paper.
 *
 * @param threshold training images from which a class belongs to the head
 * @param head the classes with at least that many
 * @param tail the classes with fewer
 */
public record HeadTailReport(int threshold, Part head, Part tail) {

  /**
   * One side of the threshold.
   *
   * @param classes how many classes it has
   * @param images how many images of them were seen
   * @param error wrong images over images seen, from 0 to 1; NaN if none was seen
   */
  public record Part(int classes, long images, double error) {}

  /**
   * Splits at the paper's threshold, 100 training images.
   *
   * @param errors the errors of each class
   * @param trainingCounts training images of each class
   * @return the report
   * @throws IllegalArgumentException if the numbers of classes differ
   */
  public static HeadTailReport of(ClassErrors errors, int[] trainingCounts) {
    return of(errors, trainingCounts, ClassHistogram.HEAD_THRESHOLD);
  }

  /**
   * Splits at another threshold.
   *
   * @param errors the errors of each class
   * @param trainingCounts training images of each class
   * @param threshold training images from which a class belongs to the head
   * @return the report
   * @throws IllegalArgumentException if the numbers of classes differ
   */
  public static HeadTailReport of(ClassErrors errors, int[] trainingCounts, int threshold) {
    ClassHistogram histogram = histogram(errors, trainingCounts);
    return new HeadTailReport(
        threshold,
        part(errors, histogram.headClasses(threshold)),
        part(errors, histogram.tailClasses(threshold)));
  }

  static ClassHistogram histogram(ClassErrors errors, int[] trainingCounts) {
    if (errors.classCount() != trainingCounts.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "errors of %d classes, training counts of %d",
              errors.classCount(),
              trainingCounts.length));
    }
    return ClassHistogram.of(trainingCounts);
  }

  static Part part(ClassErrors errors, int[] classes) {
    long images = 0;
    long wrong = 0;
    for (int label : classes) {
      images += errors.images(label);
      wrong += errors.errors(label);
    }
    return new Part(classes.length, images, (double) wrong / images);
  }

  /** Two lines in the form of table 4. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Head: >= %d images  %6.2f %% (%d classes)%nTail: <  %d images  %6.2f %% (%d classes)",
        threshold,
        100 * head.error(),
        head.classes(),
        threshold,
        100 * tail.error(),
        tail.classes());
  }
}
