package dev.fgvc.feature;

import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums of float vectors without any rounding, so that neither order nor grouping of the vectors can
 * show in the result.
 *
 * <p>A sum is kept as doubles that together are its exact value: the first takes each value with
 * one addition, whose error (Knuth, <em>The Art of Computer Programming</em> 2, section 4.2.2) the
 * next one takes in turn. Floats are multiples of 2^-149 and errors shrink by about 2^-53 from one
 * double to the next, so there is always a last one whose error is 0. One double is usually enough
 * for features of a network, two nearly always.
 */
final class ExactSums {

  /** The range of floats, 2^-149 to 2^128, and 2^63 of them, in steps of 53 bits. */
  private static final int MAX_LEVELS = 7;

  /** The sum of the largest floats, as many as a long counts. */
  private static final double MAX_SUM = Float.MAX_VALUE * 0x1p63;

  private final int dimension;

  /** The sums, then what their rounding left, then what rounding that left, and so on. */
  private final List<double[]> levels = new ArrayList<>();

  ExactSums(int dimension) {
    this.dimension = dimension;
    levels.add(new double[dimension]);
  }

  /** Adds a finite vector that starts somewhere in an array. */
  void add(float[] values, int offset) {
    double[] sums = levels.get(0);
    for (int k = 0; k < dimension; k++) {
      double value = values[offset + k];
      double before = sums[k];
      double sum = before + value;
      sums[k] = sum;
      double error = errorOf(before, value, sum);
      if (error != 0) {
        add(1, k, error);
      }
    }
  }

  void add(ExactSums other) {
    for (double[] level : other.levels) {
      for (int k = 0; k < dimension; k++) {
        add(0, k, level[k]);
      }
    }
  }

  ExactSums copy() {
    ExactSums copy = new ExactSums(dimension);
    copy.levels.clear();
    levels.forEach(level -> copy.levels.add(level.clone()));
    return copy;
  }

  private void add(int first, int k, double value) {
    double rest = value;
    for (int level = first; rest != 0; level++) {
      if (level == levels.size()) {
        levels.add(new double[dimension]);
      }
      double[] sums = levels.get(level);
      double before = sums[k];
      double sum = before + rest;
      sums[k] = sum;
      rest = errorOf(before, rest, sum);
    }
  }

  /** Returns exactly how much a + b differs from its rounded sum. */
  private static double errorOf(double a, double b, double sum) {
    double partOfB = sum - a;
    return (a - (sum - partOfB)) + (b - partOfB);
  }

  /** The double nearest to each sum. */
  double[] rounded() {
    return canonical().levels.get(0).clone();
  }

  /**
   * The same sums in the one form in which each double is the nearest to what those before it
   * leave; without levels of zeros, but for the first.
   */
  private ExactSums canonical() {
    ExactSums result = new ExactSums(dimension);
    for (int k = 0; k < dimension; k++) {
      if (hasTwoParts(k)) {
        double high = levels.get(0)[k];
        double low = levels.size() > 1 ? levels.get(1)[k] : 0;
        double sum = high + low;
        result.put(0, k, sum);
        result.put(1, k, errorOf(high, low, sum));
      } else {
        BigDecimal rest = BigDecimal.ZERO;
        for (double[] level : levels) {
          rest = rest.add(new BigDecimal(level[k]));
        }
        for (int level = 0; rest.signum() != 0; level++) {
          double nearest = rest.doubleValue();
          result.put(level, k, nearest);
          rest = rest.subtract(new BigDecimal(nearest));
        }
      }
    }
    return result;
  }

  private boolean hasTwoParts(int k) {
    for (int level = 2; level < levels.size(); level++) {
      if (levels.get(level)[k] != 0) {
        return false;
      }
    }
    return true;
  }

  private void put(int level, int k, double value) {
    if (value != 0) {
      while (level >= levels.size()) {
        levels.add(new double[dimension]);
      }
      levels.get(level)[k] = value;
    }
  }

  /** Equal sums give equal bytes. */
  void writeTo(BinaryWriter writer) {
    List<double[]> canonical = canonical().levels;
    writer.putInt(canonical.size());
    canonical.forEach(writer::putDoubles);
  }

  static ExactSums read(BinaryReader reader, int dimension) {
    int count = reader.integer();
    if (count < 1 || count > MAX_LEVELS) {
      throw reader.problem("sums of " + count + " parts, where 1 to " + MAX_LEVELS + " are usual");
    }
    ExactSums sums = new ExactSums(dimension);
    for (int level = 0; level < count; level++) {
      double[] values = reader.doubles(dimension);
      for (int k = 0; k < dimension; k++) {
        if (!isSumOfFloats(values[k])) {
          throw reader.problem("a part of a sum of floats is " + values[k]);
        }
        sums.put(level, k, values[k]);
      }
    }
    return sums;
  }

  /** Within bounds and a multiple of 2^-149, without which adding need not end. */
  private static boolean isSumOfFloats(double value) {
    double magnitude = Math.abs(value);
    return magnitude <= MAX_SUM
        && (magnitude >= 0x1p-97 || magnitude * 0x1p149 == Math.rint(magnitude * 0x1p149));
  }
}
