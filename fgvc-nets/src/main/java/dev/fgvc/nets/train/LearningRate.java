package dev.fgvc.nets.train;

/** How the learning rate falls while training goes on. */
@FunctionalInterface
public interface LearningRate {

  /**
   * The rate of one step.
   *
   * @param step from 0, over all epochs
   * @param trainingImages size of the training set
   * @param batchSize images of one step
   * @return the rate, at least 0
   */
  double at(long step, int trainingImages, int batchSize);

  /**
   * The same rate at every step.
   *
   * @param rate at least 0
   * @return the schedule
   */
  static LearningRate constant(double rate) {
    return exponentialStaircase(rate, 1, 1);
  }

  /**
   * The authors' schedule ({@code _configure_learning_rate} of their training script): initial *
   * factor ^ floor(step / steps), with steps = floor(images * epochs / batch).
   *
   * @param initial rate of the first steps, at least 0
   * @param factor of each fall, above 0 and at most 1
   * @param epochsPerDecay epochs between two falls, above 0
   * @return the schedule
   */
  static LearningRate exponentialStaircase(double initial, double factor, double epochsPerDecay) {
    if (!(initial >= 0 && factor > 0 && factor <= 1 && epochsPerDecay > 0)) {
      throw new IllegalArgumentException(
          String.format(
              "rate %s falling by %s every %s epochs: the rate must be at least 0, the factor in"
                  + " (0, 1], the epochs above 0",
              initial, factor, epochsPerDecay));
    }
    return (step, trainingImages, batchSize) -> {
      long steps = Math.max(1, (long) (trainingImages * epochsPerDecay / batchSize));
      return initial * Math.pow(factor, Math.floorDiv(step, steps));
    };
  }
}
