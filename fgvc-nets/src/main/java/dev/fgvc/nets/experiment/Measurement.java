package dev.fgvc.nets.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * One quantity, measured once for each seed. Measurements of one experiment list their seeds in the
 * same order, so that differences are taken seed by seed.
 *
 * @param values one for each seed, at least one
 */
public record Measurement(List<Double> values) {

  /** Copies the values. */
  public Measurement {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a measurement needs a value for at least one seed");
    }
  }

  /**
   * A measurement of each of some runs.
   *
   * @param runs one for each seed
   * @param value what is measured of a run
   * @param <R> what a run left
   * @return the measurement
   */
  public static <R> Measurement of(List<R> runs, ToDoubleFunction<? super R> value) {
    return new Measurement(runs.stream().map(run -> value.applyAsDouble(run)).toList());
  }

  /**
   * The mean over the seeds.
   *
   * @return the mean
   */
  public double mean() {
    return values.stream().mapToDouble(Double::doubleValue).sum() / values.size();
  }

  /**
   * How far the seeds are from each other.
   *
   * @return the sample standard deviation; 0 for a single seed
   */
  public double spread() {
    if (values.size() == 1) {
      return 0;
    }
    double mean = mean();
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / (values.size() - 1));
  }

  /**
   * The difference, seed by seed.
   *
   * @param other a measurement with as many seeds
   * @return this less the other
   */
  public Measurement minus(Measurement other) {
    return combine(other, 1, -1);
  }

  /**
   * The smaller value of each seed.
   *
   * @param other a measurement with as many seeds
   * @return the smaller of the two, seed by seed
   */
  public Measurement smaller(Measurement other) {
    requireSameSeeds(other);
    return new Measurement(
        IntStream.range(0, values.size())
            .mapToObj(i -> Math.min(values.get(i), other.values.get(i)))
            .toList());
  }

  private Measurement combine(Measurement other, double own, double others) {
    requireSameSeeds(other);
    return new Measurement(
        IntStream.range(0, values.size())
            .mapToObj(i -> own * values.get(i) + others * other.values.get(i))
            .toList());
  }

  private void requireSameSeeds(Measurement other) {
    checkArgument(
        other.values.size() == values.size(),
        "measurements with %s and %s seeds",
        values.size(),
        other.values.size());
  }

  /**
   * Mean and spread.
   *
   * @param factor what the values are multiplied with, such as 100 for per cent
   * @param digits after the decimal point
   * @return text such as {@code 25.4 ± 0.3}; the mean alone for a single seed
   */
  public String format(double factor, int digits) {
    String number = "%." + digits + "f";
    String mean = String.format(Locale.ROOT, number, factor * mean());
    return values.size() == 1
        ? mean
        : mean + " ± " + String.format(Locale.ROOT, number, factor * spread());
  }
}
