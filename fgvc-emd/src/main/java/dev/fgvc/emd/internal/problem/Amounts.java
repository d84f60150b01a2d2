package dev.fgvc.emd.internal.problem;

import java.util.Arrays;

/**
 * Masses or flows, integers of up to 120 bits each: {@code high x 2^60 + low}.
 *
 * <p>Image counts leave the lower parts at 0, and operations with amounts of no lower part do not
 * touch them; so they cost no more than plain longs.
 */
public final class Amounts {

  /** Bits of a lower part. */
  static final int LOW_BITS = 60;

  private static final long CARRY = 1L << LOW_BITS;

  private final long[] high;

  /** From 0 (included) to 2^60 (excluded). */
  private final long[] low;

  private Amounts(long[] high, long[] low) {
    this.high = high;
    this.low = low;
  }

  /** Amounts of nothing. */
  public Amounts(int size) {
    this(new long[size], new long[size]);
  }

  /** Amounts without lower parts. */
  public static Amounts of(long... high) {
    return new Amounts(high, new long[high.length]);
  }

  /** The upper part of an amount, in units of 2^60. */
  public long high(int k) {
    return high[k];
  }

  /** The lower part of an amount, from 0 (included) to 2^60 (excluded). */
  public long low(int k) {
    return low[k];
  }

  /** The upper parts as a new array, for amounts without lower parts. */
  public long[] toLongs() {
    if (haveLowerParts()) {
      throw new IllegalStateException("amounts with lower parts do not fit longs");
    }
    return high.clone();
  }

  public int size() {
    return high.length;
  }

  public Amounts copy() {
    return new Amounts(high.clone(), low.clone());
  }

  /** Amounts for more elements, the further ones 0. */
  Amounts resized(int size) {
    return new Amounts(Arrays.copyOf(high, size), Arrays.copyOf(low, size));
  }

  public boolean isPositive(int k) {
    return (high[k] | low[k]) > 0;
  }

  public void set(int k, long newHigh, long newLow) {
    high[k] = newHigh;
    low[k] = newLow;
  }

  public boolean isLess(int k, long otherHigh, long otherLow) {
    return high[k] < otherHigh || (high[k] == otherHigh && low[k] < otherLow);
  }

  public boolean isMore(int k, long otherHigh, long otherLow) {
    return high[k] > otherHigh || (high[k] == otherHigh && low[k] > otherLow);
  }

  public void add(int k, long addedHigh, long addedLow) {
    high[k] += addedHigh;
    if (addedLow != 0) {
      long sum = low[k] + addedLow;
      if (sum >= CARRY) {
        sum -= CARRY;
        high[k]++;
      }
      low[k] = sum;
    }
  }

  public void subtract(int k, long takenHigh, long takenLow) {
    high[k] -= takenHigh;
    if (takenLow != 0) {
      long rest = low[k] - takenLow;
      if (rest < 0) {
        rest += CARRY;
        high[k]--;
      }
      low[k] = rest;
    }
  }

  /** The sum of all, as a single amount. */
  Amounts sum() {
    Amounts sum = new Amounts(1);
    for (int k = 0; k < size(); k++) {
      sum.add(0, high[k], low[k]);
    }
    return sum;
  }

  boolean haveLowerParts() {
    return Arrays.stream(low).anyMatch(part -> part != 0);
  }

  /** An amount in units of 2^60, rounded to twice double precision. */
  public DoubleDouble get(int k) {
    return DoubleDouble.of(high[k]).plus(DoubleDouble.of(low[k]).scaled(-LOW_BITS));
  }
}
