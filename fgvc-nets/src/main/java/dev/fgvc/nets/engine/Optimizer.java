package dev.fgvc.nets.engine;

import java.util.Locale;

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

    /** Decay of the mean square, in the authors' script. */
    public static final double PAPER_DECAY = 0.9;

    /** Momentum of the paper's section 5.1.3. */
    public static final double PAPER_MOMENTUM = 0.9;

    /** Epsilon inside the root, in the authors' script. */
    public static final double PAPER_EPSILON = 1;

    /** Refuses values outside their ranges. */
    public RmsProp {
      if (!(decay >= 0 && decay < 1 && momentum >= 0 && momentum < 1 && epsilon > 0)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "RMSProp decay %s, momentum %s, epsilon %s: the first two must be in [0, 1), the"
                    + " last above 0",
                decay,
                momentum,
                epsilon));
      }
    }

    /**
     * The authors' values: decay {@value #PAPER_DECAY}, momentum {@value #PAPER_MOMENTUM}, epsilon
     * {@value #PAPER_EPSILON}.
     *
     * @return the optimizer
     */
    public static RmsProp paper() {
      return new RmsProp(PAPER_DECAY, PAPER_MOMENTUM, PAPER_EPSILON);
    }
  }

  /**
   * Stochastic gradient descent with momentum: m = momentum * m + g; w -= rate * m, or with
   * Nesterov's look ahead w -= rate * (g + momentum * m).
   *
   * @param momentum from 0 to below 1; 0 is plain descent
   * @param nesterov whether the step looks ahead
   */
  record Sgd(double momentum, boolean nesterov) implements Optimizer {

    /** Refuses a momentum outside its range. */
    public Sgd {
      if (!(momentum >= 0 && momentum < 1)) {
        throw new IllegalArgumentException("SGD momentum " + momentum + " must be in [0, 1)");
      }
    }
  }

  /**
   * Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019, algorithm 2): m = beta1 * m
   * + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2; w -= rate * (m' / (sqrt(v') + epsilon) +
   * decay * w), with m' = m / (1 - beta1^t) and v' = v / (1 - beta2^t) at the t-th update. The
   * decay is {@link TrainingOptions#weightDecay}, for the variables under decay; it is then no part
   * of the loss.
   *
   * @param beta1 decay of the mean, from 0 to below 1
   * @param beta2 decay of the mean square, from 0 to below 1
   * @param epsilon above 0
   */
  record AdamW(double beta1, double beta2, double epsilon) implements Optimizer {

    /** Refuses values outside their ranges. */
    public AdamW {
      if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "AdamW beta1 %s, beta2 %s, epsilon %s: the first two must be in [0, 1), the last"
                    + " above 0",
                beta1,
                beta2,
                epsilon));
      }
    }

    /**
     * The customary values: 0.9, 0.999, 1e-8.
     *
     * @return the optimizer
     */
    public static AdamW withDefaults() {
      return new AdamW(0.9, 0.999, 1e-8);
    }
  }

  /**
   * Whether weight decay acts on the weights directly and not through the gradient.
   *
   * @return true for {@link AdamW}
   */
  default boolean decouplesWeightDecay() {
    return this instanceof AdamW;
  }
}
