package dev.fgvc.random;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The generator SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a counter that grows by the golden
 * ratio's 64 bits, each value mixed by Stafford's variant 13 of the 64-bit finalizer of MurmurHash.
 *
 * <p>Same seed, same bits on every Java: the JDK's own generators leave their algorithms open, and
 * the normal numbers of {@code SplittableRandom} are others on Java 25 than on 17. Here every
 * method is computed from whole numbers, from arithmetic that IEEE 754 rounds in one way, and from
 * {@link StrictMath}. Whole numbers and uniform ones are those of Java 17's {@code
 * SplittableRandom}.
 *
 * <p>Not thread-safe, and no generator for secrets.
 */
public final class SplitMix64 implements RandomGenerator {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  /** The second normal number of a pair, until it is asked for. */
  private double spare = Double.NaN;

  /**
   * Starts a stream.
   *
   * @param seed any number; the streams of two seeds have nothing visible in common
   */
  public SplitMix64(long seed) {
    state = seed;
  }

  @Override
  public long nextLong() {
    state += GOLDEN;
    long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The upper half of Stafford's variant 4. */
  @Override
  public int nextInt() {
    state += GOLDEN;
    long z = (state ^ (state >>> 33)) * 0x62A9D9ED799705F5L;
    return (int) (((z ^ (z >>> 28)) * 0xCB24D0A5C88C35B3L) >>> 32);
  }

  @Override
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound " + bound + " must be at least 1");
    }
    int mask = bound - 1;
    int draw = nextInt();
    if ((bound & mask) == 0) {
      return draw & mask;
    }
    // Draws beyond the last multiple of the bound would favour small values.
    int whole = draw >>> 1;
    while (whole + mask - whole % bound < 0) {
      whole = nextInt() >>> 1;
    }
    return whole % bound;
  }

  @Override
  public int nextInt(int origin, int bound) {
    requireOrder(origin < bound, origin, bound);
    int range = bound - origin;
    if (range > 0) {
      return origin + nextInt(range);
    }
    int draw = nextInt();
    while (draw < origin || draw >= bound) {
      draw = nextInt();
    }
    return draw;
  }

  @Override
  public long nextLong(long bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound " + bound + " must be at least 1");
    }
    long mask = bound - 1;
    long draw = nextLong();
    if ((bound & mask) == 0) {
      return draw & mask;
    }
    long whole = draw >>> 1;
    while (whole + mask - whole % bound < 0) {
      whole = nextLong() >>> 1;
    }
    return whole % bound;
  }

  @Override
  public long nextLong(long origin, long bound) {
    requireOrder(origin < bound, origin, bound);
    long range = bound - origin;
    if (range > 0) {
      return origin + nextLong(range);
    }
    long draw = nextLong();
    while (draw < origin || draw >= bound) {
      draw = nextLong();
    }
    return draw;
  }

  @Override
  public boolean nextBoolean() {
    return nextInt() < 0;
  }

  /** Uniform in [0, 1), a multiple of 2^-24. */
  @Override
  public float nextFloat() {
    return (nextInt() >>> 8) * 0x1p-24f;
  }

  @Override
  public float nextFloat(float bound) {
    return nextFloat(0, bound);
  }

  @Override
  public float nextFloat(float origin, float bound) {
    requireOrder(origin < bound && Float.isFinite(bound - origin), origin, bound);
    return Math.min(nextFloat() * (bound - origin) + origin, Math.nextDown(bound));
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  @Override
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  @Override
  public double nextDouble(double bound) {
    return nextDouble(0, bound);
  }

  @Override
  public double nextDouble(double origin, double bound) {
    requireOrder(origin < bound && Double.isFinite(bound - origin), origin, bound);
    return Math.min(nextDouble() * (bound - origin) + origin, Math.nextDown(bound));
  }

  /** Standard normal, by Marsaglia's polar method (SIAM Review 6, 1964): two from two. */
  @Override
  public double nextGaussian() {
    if (!Double.isNaN(spare)) {
      double second = spare;
      spare = Double.NaN;
      return second;
    }
    double x;
    double y;
    double square;
    do {
      x = 2 * nextDouble() - 1;
      y = 2 * nextDouble() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double factor = Math.sqrt(-2 * StrictMath.log(square) / square);
    spare = y * factor;
    return x * factor;
  }

  @Override
  public double nextGaussian(double mean, double deviation) {
    if (deviation < 0) {
      throw new IllegalArgumentException("deviation " + deviation + " is negative");
    }
    return mean + deviation * nextGaussian();
  }

  /** Exponential with mean 1, by inversion. */
  @Override
  public double nextExponential() {
    return -StrictMath.log(1 - nextDouble());
  }

  @Override
  public void nextBytes(byte[] bytes) {
    long draw = 0;
    for (int i = 0; i < bytes.length; i++) {
      draw = i % Long.BYTES == 0 ? nextLong() : draw >>> Byte.SIZE;
      bytes[i] = (byte) draw;
    }
  }

  /**
   * Draws some of the whole numbers from 0, each at most once; all sets of that size are equally
   * likely. Time and memory grow with the bound.
   *
   * @param count how many, from 0 to the bound
   * @param bound above the largest number
   * @return the numbers, ascending
   * @throws IllegalArgumentException if the count is negative or above the bound
   */
  public int[] distinct(int count, int bound) {
    if (count < 0 || count > bound) {
      throw new IllegalArgumentException(
          "count " + count + " must be from 0 to the bound, " + bound);
    }
    int[] numbers = IntStream.range(0, bound).toArray();
    for (int i = 0; i < count; i++) {
      int j = i + nextInt(bound - i);
      int drawn = numbers[j];
      numbers[j] = numbers[i];
      numbers[i] = drawn;
    }
    return IntStream.of(numbers).limit(count).sorted().toArray();
  }

  private static void requireOrder(boolean ordered, Number origin, Number bound) {
    checkArgument(ordered, "origin %s must be below bound %s, both finite", origin, bound);
  }
}
