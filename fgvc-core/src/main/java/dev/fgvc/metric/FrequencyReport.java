package dev.fgvc.metric;

import dev.fgvc.data.ClassHistogram;
import java.util.Locale;

/**
 * Errors of common, middling and rare classes apart, as the long-tailed literature after the paper
 * reports them: more than 100 training images, 20 to 100, fewer than 20 (Liu et al., CVPR 2019).
 *
 * @param many the classes with more than {@value ClassHistogram#MANY_ABOVE} training images
 * @param medium the classes between
 * @param few the classes with fewer than {@value ClassHistogram#FEW_BELOW} training images
 */
public record FrequencyReport(
    HeadTailReport.Part many, HeadTailReport.Part medium, HeadTailReport.Part few) {

  /**
   * Splits the classes by their training images.
   *
   * @param errors the errors of each class
   * @param trainingCounts training images of each class
   * @return the report
   * @throws IllegalArgumentException if the numbers of classes differ
   */
  public static FrequencyReport of(ClassErrors errors, int[] trainingCounts) {
    ClassHistogram histogram = HeadTailReport.histogram(errors, trainingCounts);
    return new FrequencyReport(
        HeadTailReport.part(errors, histogram.manyClasses()),
        HeadTailReport.part(errors, histogram.mediumClasses()),
        HeadTailReport.part(errors, histogram.fewClasses()));
  }

  /** Three lines, the common classes first. */
  @Override
  public String toString() {
    return String.format(
            Locale.ROOT,
            "Many:   >  %d images  %6.2f %% (%d classes)%n",
            ClassHistogram.MANY_ABOVE,
            100 * many.error(),
            many.classes())
        + String.format(
            Locale.ROOT,
            "Medium: %d to %d      %6.2f %% (%d classes)%n",
            ClassHistogram.FEW_BELOW,
            ClassHistogram.MANY_ABOVE,
            100 * medium.error(),
            medium.classes())
        + String.format(
            Locale.ROOT,
            "Few:    <   %d images  %6.2f %% (%d classes)",
            ClassHistogram.FEW_BELOW,
            100 * few.error(),
            few.classes());
  }
}
