package dev.fgvc.emd;

import java.util.stream.IntStream;

/**
 * Supplies and demands as integers of equal totals, beside the normalised doubles that they stand
 * for.
 *
 * @param supply integer mass of each source
 * @param demand integer mass of each target, with the same total
 * @param total the sum of either
 * @param supplyShare share of each source in all supply: sums to 1
 * @param demandShare share of each target in all demand: sums to 1
 */
record Masses(
    long[] supply, long[] demand, long total, double[] supplyShare, double[] demandShare) {

  /** Total of masses that are not exact: fine enough for 1e-12, and far from overflow. */
  private static final long FINE_TOTAL = 1L << 60;

  private static final double EXACT_INTEGERS = 0x1p53;

  /**
   * Normalises both sides to the same total. Integers (image counts n_i, m_j of totals N, M) become
   * n_i M and m_j N over their greatest common divisor, without error, if that fits 60 bits. Other
   * weights are multiples of 2^-60 of the total, off by less than one such unit each.
   */
  static Masses balanced(double[] supply, double[] demand) {
    double supplyTotal = checkedSum(supply, "supply");
    double demandTotal = checkedSum(demand, "demand");
    double[] supplyShare = shares(supply, supplyTotal);
    double[] demandShare = shares(demand, demandTotal);
    if (areIntegers(supply, supplyTotal) && areIntegers(demand, demandTotal)) {
      long n = (long) supplyTotal;
      long m = (long) demandTotal;
      long divisor = gcd(n, m);
      if (n / divisor <= FINE_TOTAL / m) {
        return new Masses(
            times(supply, m / divisor),
            times(demand, n / divisor),
            n / divisor * m,
            supplyShare,
            demandShare);
      }
    }
    return new Masses(
        spread(supplyShare), spread(demandShare), FINE_TOTAL, supplyShare, demandShare);
  }

  /** The sum of weights, each of which must be finite and not negative, and one positive. */
  static double checkedSum(double[] weights, String what) {
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0) || Double.isInfinite(weights[i])) {
        throw new IllegalArgumentException(
            what + " " + i + " is " + weights[i] + "; it must be finite and not negative");
      }
      total += weights[i];
    }
    if (!(total > 0) || Double.isInfinite(total)) {
      throw new IllegalArgumentException(
          "the " + what + " adds up to " + total + "; it must be positive and finite");
    }
    return total;
  }

  private static double[] shares(double[] weights, double total) {
    double[] shares = new double[weights.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = weights[i] / total;
    }
    return shares;
  }

  private static boolean areIntegers(double[] weights, double total) {
    if (total > EXACT_INTEGERS) {
      return false;
    }
    for (double weight : weights) {
      if (weight != Math.rint(weight)) {
        return false;
      }
    }
    return true;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private static long[] times(double[] integers, long factor) {
    long[] masses = new long[integers.length];
    for (int i = 0; i < masses.length; i++) {
      masses[i] = (long) integers[i] * factor;
    }
    return masses;
  }

  /** Rounds shares to units of 2^-60; the residue goes, unit by unit, to the largest first. */
  private static long[] spread(double[] shares) {
    long[] masses = new long[shares.length];
    long rest = FINE_TOTAL;
    for (int i = 0; i < masses.length; i++) {
      masses[i] = Math.round(shares[i] * FINE_TOTAL);
      rest -= masses[i];
    }
    int[] bySize =
        IntStream.range(0, shares.length)
            .filter(i -> masses[i] > 0)
            .boxed()
            .sorted((i, k) -> Double.compare(shares[k], shares[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    long each = rest / bySize.length;
    int extra = (int) Math.abs(rest % bySize.length);
    for (int k = 0; k < bySize.length; k++) {
      masses[bySize[k]] += each + (k < extra ? Long.signum(rest) : 0);
    }
    return masses;
  }
}
