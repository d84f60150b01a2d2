package dev.fgvc.nets.experiment.report;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * An axis of a plot.
 *
 * @param label the quantity and its unit
 * @param low the value at its beginning
 * @param high the value at its end
 * @param logarithmic whether equal lengths are equal ratios
 * @param ticks values that are named
 */
record Axis(String label, double low, double high, boolean logarithmic, List<Tick> ticks) {

  private static final MathContext TICK_DIGITS = new MathContext(6);
  private static final Set<BigInteger> FEW_DIGITS =
      Set.of(BigInteger.ONE, BigInteger.TWO, BigInteger.valueOf(5));
  private static final int INTERVALS = 5;

  /** A part of the range that is left free beside the outermost of given values. */
  private static final double ROOM = 0.08;

  /** A value and its name. */
  record Tick(double value, String name) {}

  /** Refuses an axis that nobody can read. */
  Axis {
    ticks = List.copyOf(ticks);
    if (label.isBlank() || !(low < high) || (logarithmic && !(low > 0))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "axis '%s' from %s to %s: it needs a label and a range, above 0 if logarithmic",
              label,
              low,
              high));
    }
  }

  /** An axis over all of some values, with ticks at 1, 2 or 5 times a power of ten. */
  static Axis linear(String label, DoubleStream values) {
    DoubleSummaryStatistics range = finite(values);
    double low = range.getCount() == 0 ? 0 : range.getMin();
    double high = range.getCount() == 0 ? 1 : range.getMax();
    if (low == high) {
      double room = low == 0 ? 1 : Math.abs(low) * ROOM;
      low -= room;
      high += room;
    }
    BigDecimal step = step((high - low) / INTERVALS);
    BigDecimal tick = new BigDecimal(low).divide(step, 0, RoundingMode.FLOOR).multiply(step);
    List<Tick> ticks = new ArrayList<>();
    ticks.add(tick(tick));
    while (tick.doubleValue() < high) {
      tick = tick.add(step);
      ticks.add(tick(tick));
    }
    return new Axis(label, ticks.get(0).value(), tick.doubleValue(), false, ticks);
  }

  private static Tick tick(BigDecimal value) {
    return new Tick(value.doubleValue(), value.toPlainString());
  }

  /** The least of 1, 2 and 5 times a power of ten that is not below a length. */
  private static BigDecimal step(double length) {
    int exponent = (int) Math.floor(Math.log10(length));
    for (int factor : new int[] {1, 2, 5}) {
      BigDecimal step = BigDecimal.valueOf(factor).scaleByPowerOfTen(exponent);
      if (step.doubleValue() >= length) {
        return plain(step);
      }
    }
    return plain(BigDecimal.ONE.scaleByPowerOfTen(exponent + 1));
  }

  private static BigDecimal plain(BigDecimal step) {
    return step.scale() < 0 ? step.setScale(0) : step;
  }

  /** A logarithmic axis over all of some positive values; others have no place on it. */
  static Axis logarithmic(String label, DoubleStream values) {
    DoubleSummaryStatistics range = finite(values.filter(value -> value > 0));
    double low = range.getCount() == 0 ? 1 : range.getMin();
    double high = range.getCount() == 0 ? 10 : range.getMax();
    if (low == high) {
      low /= 2;
      high *= 2;
    }
    boolean all = high <= 10 * low;
    List<Tick> ticks = new ArrayList<>();
    for (int exponent = (int) Math.floor(Math.log10(low));
        Math.pow(10, exponent) <= high;
        exponent++) {
      for (int digit = 1; digit < 10; digit++) {
        double value = BigDecimal.valueOf(digit).scaleByPowerOfTen(exponent).doubleValue();
        if (value >= low && value <= high) {
          ticks.add(new Tick(value, tickLabel(value, all)));
        }
      }
    }
    return new Axis(label, low, high, true, ticks);
  }

  /** The number, or nothing if only 1, 2 and 5 times the powers of ten have labels. */
  static String tickLabel(double tick, boolean all) {
    BigDecimal number = new BigDecimal(tick).round(TICK_DIGITS).stripTrailingZeros();
    return all || FEW_DIGITS.contains(number.unscaledValue()) ? number.toPlainString() : "";
  }

  /** An axis with a tick for each of some values, in ascending order, with room at both ends. */
  static Axis at(String label, double[] values, List<String> names) {
    double low = values[0];
    double high = values[values.length - 1];
    double room = low == high ? 1 : ROOM * (high - low);
    return new Axis(
        label,
        low - room,
        high + room,
        false,
        IntStream.range(0, values.length)
            .mapToObj(i -> new Tick(values[i], names.get(i)))
            .toList());
  }

  /** An axis of things without an order, at 0, 1 and so on. */
  static Axis categories(String label, List<String> names) {
    return new Axis(
        label,
        -0.5,
        names.size() - 0.5,
        false,
        IntStream.range(0, names.size()).mapToObj(i -> new Tick(i, names.get(i))).toList());
  }

  /** The place of a value: 0 at the beginning, 1 at the end. */
  double place(double value) {
    return logarithmic
        ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low);
  }

  private static DoubleSummaryStatistics finite(DoubleStream values) {
    return values.filter(Double::isFinite).summaryStatistics();
  }
}
