package dev.fgvc.nets.eval;

import dev.fgvc.metric.ClassErrors;
import dev.fgvc.metric.HeadTailReport;
import dev.fgvc.metric.Outcomes;

/**
 * The errors the paper reports, overall and for each class, with the outcome of each image, so that
 * two of them on the same images can be compared in pairs.
 *
 * @param outcomes of all images, in the order of the data set
 */
public record Errors(Outcomes outcomes) {

  /**
   * The right class is not the best scored one.
   *
   * @return the errors, overall and by class
   */
  public ClassErrors top1() {
    return outcomes.topK(1);
  }

  /**
   * The right class is not among the five best scored ones.
   *
   * @return the errors, overall and by class
   */
  public ClassErrors top5() {
    return outcomes.topK(5);
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
        HeadTailReport.of(top1(), trainingCounts, threshold),
        HeadTailReport.of(top5(), trainingCounts, threshold));
  }

  /**
   * Top-1 and top-5 errors of head and tail.
   *
   * @param top1 the right class is not the best scored one
   * @param top5 the right class is not among the five best scored ones
   */
  public record HeadTail(HeadTailReport top1, HeadTailReport top5) {}
}
