package dev.fgvc.nets.engine;

/**
 * The parts of one batch's loss, before the update that follows from it.
 *
 * @param crossEntropy mean over the batch, against smoothed labels
 * @param auxiliary the auxiliary head's cross entropy with its factor; 0 without such a head
 * @param weightDecay the L2 term
 */
public record StepLoss(double crossEntropy, double auxiliary, double weightDecay) {

  /**
   * Returns the loss that is minimised.
   *
   * @return the sum of the parts
   */
  public double total() {
    return crossEntropy + auxiliary + weightDecay;
  }
}
