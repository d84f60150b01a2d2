package dev.fgvc.nets.train;

import java.util.List;
import java.util.Locale;

/**
 * How the learning rate falls while training goes on. Schedules count in epochs of the run itself,
 * whatever its sampler, batches and accumulation make of the training set.
 */
@FunctionalInterface
public interface LearningRate {

  /**
   * The rate of one step.
   *
   * @param step updates made before this one, over all epochs
   * @param stepsPerEpoch updates of one epoch, above 0; need not be whole
   * @return the rate, at least 0
   */
  double at(long step, double stepsPerEpoch);

  /**
   * The same schedule drawn out, so that each of its epochs lasts several of the run's.
   *
   * @param factor epochs of the run in one of this schedule, above 0
   * @return the schedule
   */
  default LearningRate stretched(double factor) {
    if (!(factor > 0 && factor < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("a schedule stretched by " + factor + ": above 0 only");
    }
    return (step, stepsPerEpoch) -> at(step, stepsPerEpoch * factor);
  }

  /** Steps of some epochs, rounded down; a product just below a whole number is that number. */
  private static double steps(double epochs, double stepsPerEpoch) {
    return Math.floor(epochs * stepsPerEpoch * (1 + 1e-12));
  }

  /**
   * The same rate at every step.
   *
   * @param rate finite, at least 0
   * @return the schedule
   */
  static LearningRate constant(double rate) {
    return exponentialStaircase(rate, 1, 1);
  }

  /**
   * The authors' schedule ({@code _configure_learning_rate} of their training script): initial *
   * factor ^ floor(step / steps), with steps = floor(epochs * steps of an epoch), at least 1.
   * Theirs divides the images by the batch where this counts the updates that an epoch has.
   *
   * @param initial rate of the first steps, finite, at least 0
   * @param factor of each fall, above 0 and at most 1
   * @param epochsPerDecay epochs between two falls, above 0
   * @return the schedule
   */
  static LearningRate exponentialStaircase(double initial, double factor, double epochsPerDecay) {
    if (!(initial >= 0 && initial < Double.POSITIVE_INFINITY)
        || !(factor > 0 && factor <= 1 && epochsPerDecay > 0)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "rate %s falling by %s every %s epochs: the rate must be finite and at least 0, the"
                  + " factor in (0, 1], the epochs above 0",
              initial,
              factor,
              epochsPerDecay));
    }
    return (step, stepsPerEpoch) -> {
      double steps = Math.max(1, steps(epochsPerDecay, stepsPerEpoch));
      return initial * StrictMath.pow(factor, Math.floor(step / steps));
    };
  }

  /**
   * A rate that falls at given times: initial * factor ^ (number of them that have passed).
   *
   * @param initial rate of the first steps, finite, at least 0
   * @param factor of each fall, above 0 and at most 1
   * @param epochs the times of the falls in epochs of the run, at least 0, in any order; they may
   *     be within an epoch
   * @return the schedule
   */
  static LearningRate falling(double initial, double factor, List<Double> epochs) {
    if (!(initial >= 0 && initial < Double.POSITIVE_INFINITY && factor > 0 && factor <= 1)
        || epochs.stream().anyMatch(epoch -> !(epoch >= 0))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "rate %s falling by %s after %s epochs: the rate must be finite, it and the epochs at least 0,"
                  + " the factor in (0, 1]",
              initial,
              factor,
              epochs));
    }
    List<Double> falls = List.copyOf(epochs);
    return (step, stepsPerEpoch) -> {
      long passed = falls.stream().filter(epoch -> step >= steps(epoch, stepsPerEpoch)).count();
      return initial * StrictMath.pow(factor, passed);
    };
  }

  /**
   * From almost 0 up to the peak in equal steps, then down along half a cosine (Loshchilov and
   * Hutter, ICLR 2017): lowest + (peak - lowest) * (1 + cos(pi * progress)) / 2. Progress is 0 at
   * the first step after the warm-up and would be 1 at the step after the last.
   *
   * @param peak highest rate, finite, at least 0
   * @param lowest rate at the end, from 0 to the peak
   * @param warmUpEpochs until the peak, at least 0; its first step has the rate peak / steps
   * @param epochs of the whole run, above those of the warm-up; later steps have the lowest rate
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
    return (step, stepsPerEpoch) -> {
      double warmUp = steps(warmUpEpochs, stepsPerEpoch);
      if (step < warmUp) {
        return peak * (step + 1) / warmUp;
      }
      double all = Math.max(warmUp + 1, steps(epochs, stepsPerEpoch));
      double progress = Math.min(1, (step - warmUp) / (all - warmUp));
      return lowest + (peak - lowest) * (1 + StrictMath.cos(Math.PI * progress)) / 2;
    };
  }
}
