package dev.fgvc.nets.eval;

import dev.fgvc.metric.ClassErrors;
import dev.fgvc.metric.HeadTailReport;
import dev.fgvc.metric.Outcomes;

/**
 * The errors the paper reports, overall and for each class.
 *
 * @param top1 the right class is not the best scored one
 * @param top5 the right class is not among the five best scored ones
 */
public record Errors(ClassErrors top1, ClassErrors top5) {

  /**
   * Counts the errors in outcomes.
   *
   * @param outcomes of all images
   * @return both errors
   */
  public static Errors of(Outcomes outcomes) {
    return new Errors(outcomes.topK(1), outcomes.topK(5));
  }

  /**
   * Head and tail apart, as in table 4.
   *
   * @param trainingCounts training images of each class
   * @param threshold training images from which a class belongs to the head; 100 in the paper
   * @return both errors for both sides
   * @throws IllegalArgumentException if the numbers of classes differ
   */
  public HeadTail headTail(int[] trainingCounts, int threshold) {
    return new HeadTail(
        HeadTailReport.of(top1, trainingCounts, threshold),
        HeadTailReport.of(top5, trainingCounts, threshold));
  }

  /**
   * Top-1 and top-5 errors of head and tail.
   *
   * @param top1 the right class is not the best scored one
   * @param top5 the right class is not among the five best scored ones
   */
  public record HeadTail(HeadTailReport top1, HeadTailReport top5) {}
}
