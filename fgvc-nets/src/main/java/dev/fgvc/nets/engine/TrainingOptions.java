package dev.fgvc.nets.engine;

import java.util.List;

/**
 * What a training step minimises and how. The loss is the mean cross entropy against smoothed
 * labels (1 - s) * onehot + s / classes, plus weight decay * sum(w^2) / 2 over the variables under
 * decay.
 *
 * @param optimizer the update rule
 * @param weightDecay coefficient of the L2 term, at least 0; the authors' script passes 4e-5 to
 *     every network
 * @param labelSmoothing s above, in [0, 1); 0.1 in the paper (section 5.1.3)
 * @param auxiliaryWeight factor of the auxiliary head's cross entropy, 0.4 as the authors'
 * @param movingAverageDecay of the average of all variables, in [0, 1); 0 keeps no average. The
 *     first steps use min(decay, (1 + n) / (10 + n)) as TensorFlow does
 * @param frozenScopes variables whose names start with one of these keep their values
 * @param device where it computes
 * @param seed of dropout
 */
public record TrainingOptions(
    Optimizer optimizer,
    double weightDecay,
    double labelSmoothing,
    double auxiliaryWeight,
    double movingAverageDecay,
    List<String> frozenScopes,
    Device device,
    long seed) {

  /** Refuses values outside their ranges. */
  public TrainingOptions {
    requireRange("weight decay", weightDecay, Double.MAX_VALUE);
    requireRange("label smoothing", labelSmoothing, Math.nextDown(1.0));
    requireRange("auxiliary weight", auxiliaryWeight, Double.MAX_VALUE);
    requireRange("moving average decay", movingAverageDecay, Math.nextDown(1.0));
    frozenScopes = List.copyOf(frozenScopes);
  }

  private static void requireRange(String name, double value, double largest) {
    if (!(value >= 0 && value <= largest)) {
      throw new IllegalArgumentException(name + " " + value + " is not between 0 and " + largest);
    }
  }

  /**
   * The authors' values: RMSProp, weight decay 4e-5, label smoothing 0.1, auxiliary weight 0.4,
   * moving average 0.9999; nothing frozen, on the processors.
   *
   * @return the options
   */
  public static TrainingOptions paper() {
    return new TrainingOptions(
        Optimizer.RmsProp.paper(), 4e-5, 0.1, 0.4, 0.9999, List.of(), Device.cpu(), 0);
  }

  /**
   * The same with another weight decay.
   *
   * @param coefficient of the L2 term
   * @return new options
   */
  public TrainingOptions withWeightDecay(double coefficient) {
    return new TrainingOptions(
        optimizer,
        coefficient,
        labelSmoothing,
        auxiliaryWeight,
        movingAverageDecay,
        frozenScopes,
        device,
        seed);
  }

  /**
   * The same with another moving average.
   *
   * @param decay of the average; 0 keeps none
   * @return new options
   */
  public TrainingOptions withMovingAverageDecay(double decay) {
    return new TrainingOptions(
        optimizer, weightDecay, labelSmoothing, auxiliaryWeight, decay, frozenScopes, device, seed);
  }

  /**
   * The same with another optimizer.
   *
   * @param rule the update rule
   * @return new options
   */
  public TrainingOptions withOptimizer(Optimizer rule) {
    return new TrainingOptions(
        rule,
        weightDecay,
        labelSmoothing,
        auxiliaryWeight,
        movingAverageDecay,
        frozenScopes,
        device,
        seed);
  }

  /**
   * The same with frozen variables.
   *
   * @param scopes prefixes of variable names
   * @return new options
   */
  public TrainingOptions withFrozenScopes(List<String> scopes) {
    return new TrainingOptions(
        optimizer,
        weightDecay,
        labelSmoothing,
        auxiliaryWeight,
        movingAverageDecay,
        scopes,
        device,
        seed);
  }

  /**
   * The same with another seed.
   *
   * @param dropoutSeed of dropout
   * @return new options
   */
  public TrainingOptions withSeed(long dropoutSeed) {
    return new TrainingOptions(
        optimizer,
        weightDecay,
        labelSmoothing,
        auxiliaryWeight,
        movingAverageDecay,
        frozenScopes,
        device,
        dropoutSeed);
  }
}
