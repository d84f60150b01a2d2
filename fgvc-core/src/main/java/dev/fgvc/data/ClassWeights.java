package dev.fgvc.data;

import java.util.Arrays;

/**
 * Losses for long-tailed data, published after the paper, as one number for each class: a weight,
 * an offset of the logit or a margin. They replace or complement balanced sampling.
 */
public final class ClassWeights {

  private ClassWeights() {}

  /**
   * Weights by the effective number of images, {@code (1 - beta^n) / (1 - beta)}: each class's loss
   * is divided by it (Cui et al., Class-Balanced Loss, CVPR 2019). With beta 0 all classes weigh
   * the same, towards 1 they weigh as one over their size.
   *
   * @param histogram the training images of each class
   * @param beta from 0 up to but not including 1; the source tries 0.9, 0.99, 0.999 and 0.9999
   * @return one weight a class, their sum being the number of classes with images; 0 for a class
   *     without, which no training image asks for
   * @throws IllegalArgumentException if beta is out of range or there are no images
   */
  public static double[] effectiveNumber(ClassHistogram histogram, double beta) {
    if (!(beta >= 0 && beta < 1)) {
      throw new IllegalArgumentException("beta " + beta + " must be from 0 to below 1");
    }
    int[] counts = histogram.counts();
    double[] weights = new double[counts.length];
    double sum = 0;
    int seen = 0;
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] > 0) {
        // expm1 keeps the digits that 1 - beta^n loses for beta near 1.
        double effective =
            beta == 0 ? 1 : StrictMath.expm1(counts[c] * StrictMath.log(beta)) / (beta - 1);
        weights[c] = 1 / effective;
        sum += weights[c];
        seen++;
      }
    }
    if (seen == 0) {
      throw new IllegalArgumentException("class weights of a histogram without images");
    }
    for (int c = 0; c < weights.length; c++) {
      weights[c] *= seen / sum;
    }
    return weights;
  }

  /**
   * Returns the offset that logit adjustment adds to each class's logit in training, or subtracts
   * from it afterwards: {@code tau * log(n_c / N)} (Menon et al., Long-Tail Learning via Logit
   * Adjustment, ICLR 2021, eq. 9 and 10).
   *
   * @param histogram the training images of each class
   * @param tau how strongly; 1 in the source's loss
   * @return one number a class, at most 0 for a tau that is not negative
   * @throws IllegalArgumentException if tau is not finite or a class has no image, as its prior has
   *     no logarithm
   */
  public static double[] logitAdjustment(ClassHistogram histogram, double tau) {
    if (!Double.isFinite(tau)) {
      throw new IllegalArgumentException("tau " + tau + " must be finite");
    }
    int[] counts = histogram.counts();
    double logTotal = StrictMath.log(histogram.imageCount());
    double[] adjustment = new double[counts.length];
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] == 0) {
        throw new IllegalArgumentException(
            "class " + c + " has no training image: its prior has no logarithm");
      }
      adjustment[c] = tau * (StrictMath.log(counts[c]) - logTotal);
    }
    return adjustment;
  }

  /**
   * Returns what balanced softmax adds to each class's logit in training: {@code log(n_c)} (Ren et
   * al., Balanced Meta-Softmax, NeurIPS 2020), less the logarithm of all images, which no softmax
   * sees. It is {@link #logitAdjustment} with a tau of 1.
   *
   * @param histogram the training images of each class
   * @return one number a class, at most 0
   * @throws IllegalArgumentException if a class has no image
   */
  public static double[] balancedSoftmax(ClassHistogram histogram) {
    return logitAdjustment(histogram, 1);
  }

  /**
   * Label-distribution-aware margins, which the logit of an image's own class has to exceed the
   * others by: {@code C / n_c^(1/4)} (Cao et al., NeurIPS 2019), with the C that gives the smallest
   * class the largest margin.
   *
   * <p>The authors' deferred weights differ from those of this library in one respect: their loss
   * is PyTorch's {@code cross_entropy}, which divides the weighted sum of a batch by the sum of the
   * weights of its images. Here it is divided by the number of images, as in the source of {@link
   * #effectiveNumber}, so that an image weighs the same in every batch. Without class weights both
   * are the same.
   *
   * @param histogram the training images of each class
   * @param largest the margin of the smallest class, above 0; 0.5 in the authors' code, where
   *     logits are cosines, scaled by 30 inside the loss
   * @return one margin a class; 0 for a class without images, which no training image asks for
   * @throws IllegalArgumentException if the margin is out of range or there are no images
   */
  public static double[] ldamMargins(ClassHistogram histogram, double largest) {
    if (!(largest > 0 && largest <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("largest margin " + largest + " must be above 0");
    }
    int[] counts = histogram.counts();
    int smallest = Arrays.stream(counts).filter(count -> count > 0).min().orElse(0);
    if (smallest == 0) {
      throw new IllegalArgumentException("margins of a histogram without images");
    }
    return Arrays.stream(counts)
        .mapToDouble(
            count -> count == 0 ? 0 : largest * Math.sqrt(Math.sqrt((double) smallest / count)))
        .toArray();
  }
}
