package dev.fgvc.nets.train;

import java.util.Locale;

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
              Locale.ROOT,
              "rate %s falling by %s every %s epochs: the rate must be at least 0, the factor in"
                  + " (0, 1], the epochs above 0",
              initial,
              factor,
              epochsPerDecay));
    }
    return (step, trainingImages, batchSize) -> {
      long steps = Math.max(1, (long) (trainingImages * epochsPerDecay / batchSize));
      return initial * Math.pow(factor, Math.floorDiv(step, steps));
    };
  }

  /**
   * From almost 0 up to the peak in equal steps, then down along half a cosine (Loshchilov and
   * Hutter, ICLR 2017): final + (peak - final) * (1 + cos(pi * progress)) / 2.
   *
   * @param peak highest rate, at least 0
   * @param lowest rate at the end, from 0 to the peak
   * @param warmUpEpochs until the peak, at least 0; its first step has the rate peak / steps
   * @param epochs of the whole run, above those of the warm-up; later steps keep the lowest rate
   * @return the schedule
   */
  static LearningRate cosine(double peak, double lowest, double warmUpEpochs, double epochs) {
    if (!(lowest >= 0 && peak >= lowest && peak < Double.POSITIVE_INFINITY)
        || !(warmUpEpochs >= 0 && epochs > warmUpEpochs)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "rates from %s to %s over %s epochs after a warm-up of %s: the rates must be at least"
                  + " 0 and fall, the epochs more than the warm-up",
              peak,
              lowest,
              epochs,
              warmUpEpochs));
    }
    return (step, trainingImages, batchSize) -> {
      double warmUp = Math.floor(trainingImages * warmUpEpochs / batchSize);
      if (step < warmUp) {
        return peak * (step + 1) / warmUp;
      }
      double all = Math.max(warmUp + 1, Math.floor(trainingImages * epochs / batchSize));
      double progress = Math.min(1, (step - warmUp) / (all - warmUp));
      return lowest + (peak - lowest) * (1 + Math.cos(Math.PI * progress)) / 2;
    };
  }
}
