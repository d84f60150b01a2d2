package dev.fgvc.emd.internal.problem;

/**
 * A number of twice double precision, the unevaluated sum of two doubles (Dekker, Numer. Math. 18,
 * 1971; Hida, Li and Bailey, ARITH 2001). Sums, products and quotients have a relative error below
 * {@link #ROUNDING}, as long as no part is subnormal.
 *
 * @param high the number rounded to a double
 * @param low what that rounding dropped
 */
public record DoubleDouble(double high, double low) {

  public static final DoubleDouble ZERO = new DoubleDouble(0, 0);

  /** Relative error of one operation. */
  public static final double ROUNDING = 0x1p-102;

  public static DoubleDouble of(double value) {
    return new DoubleDouble(value, 0);
  }

  /** An integer, exact. */
  public static DoubleDouble of(long value) {
    long upper = value >> 32 << 32;
    return sum(upper, value - upper);
  }

  /** a + b, exact. */
  public static DoubleDouble sum(double a, double b) {
    double high = a + b;
    return new DoubleDouble(high, lost(a, b, high));
  }

  /** The exact error of rounding a + b to {@code high} (Knuth's two-sum). */
  public static double lost(double a, double b, double high) {
    double part = high - a;
    return (a - (high - part)) + (b - part);
  }

  /** a x b, exact unless a part is subnormal. */
  static DoubleDouble product(double a, double b) {
    double high = a * b;
    return new DoubleDouble(high, Math.fma(a, b, -high));
  }

  public DoubleDouble plus(DoubleDouble other) {
    double upper = high + other.high;
    double lower = low + other.low;
    double rest = lost(high, other.high, upper) + lower;
    double restLost = lost(low, other.low, lower);
    double sum = upper + rest;
    double tail = rest - (sum - upper) + restLost;
    return sum(sum, tail);
  }

  public DoubleDouble plus(double other) {
    return plus(of(other));
  }

  public DoubleDouble minus(DoubleDouble other) {
    return plus(other.negated());
  }

  public DoubleDouble negated() {
    return new DoubleDouble(-high, -low);
  }

  public DoubleDouble times(double other) {
    DoubleDouble product = product(high, other);
    return sum(product.high, product.low + low * other);
  }

  public DoubleDouble times(DoubleDouble other) {
    DoubleDouble product = product(high, other.high);
    return sum(product.high, product.low + (high * other.low + low * other.high));
  }

  public DoubleDouble dividedBy(DoubleDouble divisor) {
    double first = high / divisor.high;
    DoubleDouble rest = minus(divisor.times(first));
    double second = rest.high / divisor.high;
    DoubleDouble last = rest.minus(divisor.times(second));
    return sum(first, second).plus(last.high / divisor.high);
  }

  /** Times a power of two. */
  DoubleDouble scaled(int exponent) {
    return new DoubleDouble(Math.scalb(high, exponent), Math.scalb(low, exponent));
  }

  public boolean isLessThan(DoubleDouble other) {
    return high < other.high || (high == other.high && low < other.low);
  }

  /** The largest integer that is not larger, for numbers from 0 on and below 2^62. */
  long floor() {
    double whole = Math.floor(high);
    return (long) whole + (long) Math.floor((high - whole) + low);
  }

  /** A double that is not larger than this number less an error. */
  public double lessAtLeast(double error) {
    double value = high + (low - error);
    return Math.nextDown(value);
  }
}
