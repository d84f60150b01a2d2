package dev.fgvc.nets.engine.nd4j;

/** The mean cross entropy against smoothed labels (1 - s) * onehot + s / classes. */
final class SmoothedCrossEntropy {

  private final double smoothing;
  private final int images;

  SmoothedCrossEntropy(double smoothing, int images) {
    this.smoothing = smoothing;
    this.images = images;
  }

  /**
   * One image's share of the loss; the logits are replaced by its gradient times a factor.
   *
   * @param weight of the label
   * @param other the class that takes part with a weight of its own
   */
  double lossAndGradient(
      float[] logits, int label, double weight, int other, double otherWeight, double factor) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += StrictMath.exp(logit - largest);
    }
    double logSum = largest + StrictMath.log(sum);
    double all = weight + otherWeight;
    double loss = 0;
    for (int c = 0; c < logits.length; c++) {
      double own = (c == label ? weight : 0) + (c == other ? otherWeight : 0);
      double target = smoothing / logits.length * all + (1 - smoothing) * own;
      double logProbability = logits[c] - logSum;
      loss -= target * logProbability;
      logits[c] = (float) ((StrictMath.exp(logProbability) * all - target) * factor / images);
    }
    return loss * factor / images;
  }
}
