package dev.fgvc.emd.internal.problem;

import java.util.Arrays;

/**
 * Supplies and demands as integers of equal totals, beside the weights that they stand for.
 *
 * <p>Image counts become integers without error. Other weights are rounded down to multiples of
 * 2^-120 of the total, and what that leaves over, less than 2^-99, goes to the largest weight: none
 * becomes negative, and none that is 0 becomes positive.
 *
 * @param supply integer mass of each source
 * @param demand integer mass of each target, with the same total
 * @param moved the mass that moves: all, or in a partial matching the smaller total
 * @param supplyShare share of each source in all supply, rounded
 * @param demandShare share of each target in all demand, rounded
 * @param supplyWeights what the supply stands for, in shares of {@code supplyUnit}; 0 for the mass
 *     that a partial matching leaves in place
 * @param demandWeights the same for the demand, in shares of {@code demandUnit}
 * @param supplyUnit the supply weight that moves
 * @param demandUnit the demand weight that moves
 * @param padding the side that has one element more, for what a partial matching leaves in place
 * @param rounding how much mass may have changed places by rounding, as a share of what moves; 0
 *     for image counts
 */
public record Masses(
    Amounts supply,
    Amounts demand,
    DoubleDouble moved,
    double[] supplyShare,
    double[] demandShare,
    double[] supplyWeights,
    double[] demandWeights,
    DoubleDouble supplyUnit,
    DoubleDouble demandUnit,
    Padding padding,
    double rounding) {

  /** Where the mass that a partial matching leaves in place goes from or to. */
  public enum Padding {
    NONE,
    ONE_MORE_ROW,
    ONE_MORE_COLUMN;

    private Padding transposed() {
      return switch (this) {
        case NONE -> NONE;
        case ONE_MORE_ROW -> ONE_MORE_COLUMN;
        case ONE_MORE_COLUMN -> ONE_MORE_ROW;
      };
    }
  }

  /** The largest total of masses without lower parts. */
  private static final long TOTAL = 1L << Amounts.LOW_BITS;

  /**
   * Total of masses that only lead to estimates: two of them multiplied have no more than the 60
   * bits of masses without lower parts.
   */
  private static final double ROUGH = 1 << 29;

  private static final double EXACT_INTEGERS = 0x1p53;

  /** Totals closer together than this, relative to either, count as equal. */
  private static final double EQUAL_TOTALS = 0x1p-90;

  /**
   * Normalises both sides to the same total. Integers (image counts n_i, m_j of totals N, M) become
   * n_i M and m_j N over their greatest common divisor, without error, if that fits 60 bits.
   */
  public static Masses balanced(double[] supply, double[] demand) {
    Weights from = Weights.of(supply, "supply");
    Weights to = Weights.of(demand, "demand");
    if (from.areIntegers() && to.areIntegers()) {
      long n = (long) from.total.high();
      long m = (long) to.total.high();
      long divisor = gcd(n, m);
      if (n / divisor <= TOTAL / m) {
        Amounts exactSupply = from.times(m / divisor);
        Amounts exactDemand = to.times(n / divisor);
        return of(
            exactSupply, exactDemand, n / divisor * (double) m, from, to, from.total, to.total, 0);
      }
    }
    from = from.scaled(from.exponent());
    to = to.scaled(to.exponent());
    Amounts supplied = filledUp(from.sharesOf(from.total));
    Amounts wanted = filledUp(to.sharesOf(to.total));
    return of(
        supplied,
        wanted,
        TOTAL,
        from,
        to,
        from.total,
        to.total,
        displaced(supplied) + displaced(wanted));
  }

  /**
   * Rounds shares to integers that a flow solver can start with, where these only lead to
   * estimates; none is quite without mass.
   *
   * @param supply shares of about 1 in all
   * @param demand the same
   */
  public static Masses estimated(double[] supply, double[] demand) {
    return balanced(rounded(supply), rounded(demand));
  }

  private static double[] rounded(double[] shares) {
    return Arrays.stream(shares).map(share -> Math.max(1, Math.rint(share * ROUGH))).toArray();
  }

  private static Masses of(
      Amounts supply,
      Amounts demand,
      double total,
      Weights from,
      Weights to,
      DoubleDouble supplyUnit,
      DoubleDouble demandUnit,
      double rounding) {
    return new Masses(
        supply,
        demand,
        supply.sum().get(0),
        shares(supply, total),
        shares(demand, total),
        from.values,
        to.values,
        supplyUnit,
        demandUnit,
        Padding.NONE,
        rounding);
  }

  /**
   * Moves only as much as the smaller side has. Of a source or target that could take more than
   * twice that, no more than twice counts, which changes no plan; so sides of any ratio keep their
   * precision.
   */
  public static Masses partial(double[] supply, double[] demand) {
    Weights from = Weights.of(supply, "supply");
    Weights to = Weights.of(demand, "demand");
    DoubleDouble rest = from.total.minus(to.total);
    if (Math.abs(rest.high()) <= EQUAL_TOTALS * from.total.high()) {
      return balanced(supply, demand);
    }
    boolean moreSupply = rest.high() > 0;
    Weights smaller = moreSupply ? to : from;
    int exponent = smaller.exponent();
    Weights larger = (moreSupply ? from : to).cappedAt(2 * smaller.total.high()).scaled(exponent);
    smaller = smaller.scaled(exponent);
    Amounts small;
    Amounts large;
    double rounding = 0;
    if (smaller.areIntegers() && larger.areIntegers() && larger.total.high() < TOTAL) {
      small = smaller.times(1);
      large = larger.times(1);
    } else {
      small = smaller.sharesOf(larger.total);
      large = larger.sharesOf(larger.total);
      double nodes = (double) supply.length + demand.length;
      rounding = nodes * (0x1p-98 + nodes * 0x1p-116);
    }
    Amounts moved = small.sum();
    Amounts left = large.sum();
    left.subtract(0, moved.high(0), moved.low(0));
    int last = small.size();
    Amounts padded = small.resized(last + 1);
    padded.set(last, left.high(0), left.low(0));
    double total = large.sum().get(0).high();
    double[] weights = Arrays.copyOf(smaller.values, last + 1);
    return new Masses(
        moreSupply ? large : padded,
        moreSupply ? padded : large,
        moved.get(0),
        shares(moreSupply ? large : padded, total),
        shares(moreSupply ? padded : large, total),
        moreSupply ? larger.values : weights,
        moreSupply ? weights : larger.values,
        smaller.total,
        smaller.total,
        moreSupply ? Padding.ONE_MORE_COLUMN : Padding.ONE_MORE_ROW,
        rounding);
  }

  /** The same masses with supply and demand exchanged. */
  public Masses transposed() {
    return new Masses(
        demand,
        supply,
        moved,
        demandShare,
        supplyShare,
        demandWeights,
        supplyWeights,
        demandUnit,
        supplyUnit,
        padding.transposed(),
        rounding);
  }

  /**
   * The same masses with the last one of a side as padding, for a sample of padded masses. They
   * only serve estimates: the mass that moves and the weights stay as they are.
   *
   * @param newPadding the side whose last mass is the padding
   */
  public Masses withPadding(Padding newPadding) {
    return new Masses(
        supply,
        demand,
        moved,
        supplyShare,
        demandShare,
        supplyWeights,
        demandWeights,
        supplyUnit,
        demandUnit,
        newPadding,
        rounding);
  }

  /** The number of sources, without any padding. */
  public int sources() {
    return supply.size() - (padding == Padding.ONE_MORE_ROW ? 1 : 0);
  }

  /** The number of targets, without any padding. */
  public int targets() {
    return demand.size() - (padding == Padding.ONE_MORE_COLUMN ? 1 : 0);
  }

  /** Whether all masses are plain 60-bit integers. */
  public boolean haveNoLowerParts() {
    return !supply.haveLowerParts() && !demand.haveLowerParts();
  }

  /** Gives what lacks to a total of 2^120, or is too much, to the largest, which can bear it. */
  private static Amounts filledUp(Amounts amounts) {
    int largest = largest(amounts);
    Amounts rest = Amounts.of(TOTAL);
    Amounts sum = amounts.sum();
    rest.subtract(0, sum.high(0), sum.low(0));
    amounts.add(largest, rest.high(0), rest.low(0));
    return amounts;
  }

  private static int largest(Amounts amounts) {
    int largest = 0;
    for (int k = 1; k < amounts.size(); k++) {
      largest = amounts.isMore(k, amounts.high(largest), amounts.low(largest)) ? k : largest;
    }
    return largest;
  }

  /**
   * A bound of the share of mass that rounding may have moved: the error of all shares but the
   * largest, which goes to that one.
   */
  private static double displaced(Amounts amounts) {
    int largest = largest(amounts);
    Amounts others = Amounts.of(TOTAL);
    others.subtract(0, amounts.high(largest), amounts.low(largest));
    return 0x1p-99 * (others.get(0).high() / TOTAL) + amounts.size() * 0x1p-118;
  }

  private static double[] shares(Amounts amounts, double total) {
    double[] shares = new double[amounts.size()];
    for (int k = 0; k < shares.length; k++) {
      shares[k] = (amounts.high(k) + amounts.low(k) * 0x1p-60) / total;
    }
    return shares;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /**
   * Checked weights and their sum.
   *
   * @param values finite and not negative; times a power of two where the sum is very large or
   *     small
   * @param total positive
   */
  private record Weights(double[] values, DoubleDouble total) {

    /** Sums with larger exponents are scaled, as subnormal products would lose digits. */
    private static final int PLAIN = 200;

    static Weights of(double[] weights, String what) {
      double sum = 0;
      for (int i = 0; i < weights.length; i++) {
        if (!(weights[i] >= 0) || Double.isInfinite(weights[i])) {
          throw new IllegalArgumentException(
              what + " " + i + " is " + weights[i] + "; it must be finite and not negative");
        }
        sum += weights[i];
      }
      if (!(sum > 0) || Double.isInfinite(sum)) {
        throw new IllegalArgumentException(
            "the " + what + " adds up to " + sum + "; it must be positive and finite");
      }
      return summed(weights.clone());
    }

    private static Weights summed(double[] values) {
      DoubleDouble total = DoubleDouble.ZERO;
      for (double value : values) {
        total = total.plus(value);
      }
      return new Weights(values, total);
    }

    /** The power of two that brings a very large or small sum near 1. */
    int exponent() {
      int exponent = Math.getExponent(total.high());
      return Math.abs(exponent) > PLAIN ? -exponent : 0;
    }

    Weights scaled(int exponent) {
      return exponent == 0
          ? this
          : summed(Arrays.stream(values).map(value -> Math.scalb(value, exponent)).toArray());
    }

    boolean areIntegers() {
      if (total.high() > EXACT_INTEGERS) {
        return false;
      }
      for (double value : values) {
        if (value != Math.rint(value)) {
          return false;
        }
      }
      return true;
    }

    Weights cappedAt(double most) {
      return summed(Arrays.stream(values).map(value -> Math.min(value, most)).toArray());
    }

    /** Integer weights times a factor. */
    Amounts times(long factor) {
      return Amounts.of(Arrays.stream(values).mapToLong(value -> (long) value * factor).toArray());
    }

    /** Shares of a weight in units of 2^-120, rounded down. */
    Amounts sharesOf(DoubleDouble whole) {
      Amounts shares = new Amounts(values.length);
      for (int k = 0; k < values.length; k++) {
        DoubleDouble share = DoubleDouble.of(values[k]).dividedBy(whole).scaled(Amounts.LOW_BITS);
        long high = share.floor();
        DoubleDouble rest = share.minus(DoubleDouble.of(high)).scaled(Amounts.LOW_BITS);
        shares.set(k, high, Math.max(0, Math.min(TOTAL - 1, rest.floor())));
      }
      return shares;
    }
  }
}
