package dev.fgvc.nets.engine;

/** How gradients change the weights. The learning rate is given at each step. */
public sealed interface Optimizer {

  /**
   * RMSProp in TensorFlow's form, which the authors train with: ms = decay * ms + (1 - decay) *
   * g^2; m = momentum * m + rate * g / sqrt(ms + epsilon); w -= m. The mean square starts at 1, not
   * at 0, and epsilon stands inside the root.
   *
   * @param decay of the mean square, from 0 to below 1
   * @param momentum from 0 to below 1
   * @param epsilon above 0
   */
  record RmsProp(double decay, double momentum, double epsilon) implements Optimizer {

    /**
     * Refuses values outside their ranges.
     *
     * @param decay of the mean square, from 0 to below 1
     * @param momentum from 0 to below 1
     * @param epsilon above 0
     */
    public RmsProp {
      if (!(decay >= 0 && decay < 1 && momentum >= 0 && momentum < 1 && epsilon > 0)) {
        throw new IllegalArgumentException(
            String.format(
                "RMSProp decay %s, momentum %s, epsilon %s: the first two must be in [0, 1), the last above 0",
                decay, momentum, epsilon));
      }
    }

    /**
     * The authors' values: decay 0.9, momentum 0.9, epsilon 1.
     *
     * @return the optimizer
     */
    public static RmsProp paper() {
      return new RmsProp(0.9, 0.9, 1.0);
    }
  }
}
