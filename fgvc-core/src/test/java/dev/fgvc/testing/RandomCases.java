package dev.fgvc.testing;

import java.util.Random;

/**
 * Checks a property on many random instances. Each is drawn from a seed of its own, which a failure
 * names; {@code -Dfgvc.case.seed=SEED} then checks that instance alone.
 */
public final class RandomCases {

  /** Sets the seed of the only instance to be checked. */
  public static final String SEED_PROPERTY = "fgvc.case.seed";

  /** A property of what is drawn. */
  @FunctionalInterface
  public interface Property {

    /**
     * Draws an instance and checks it.
     *
     * @param random the only source of the instance
     * @throws Exception if the instance fails, as an assertion may
     */
    void check(Random random) throws Exception;
  }

  private RandomCases() {}

  /**
   * Checks instances that no run before has drawn.
   *
   * @param count how many
   * @param property what must hold for each
   * @throws AssertionError at the first failure, which is its cause; the message has the seed
   */
  public static void check(int count, Property property) {
    Long only = Long.getLong(SEED_PROPERTY);
    if (only != null) {
      check("the only case", only, property);
      return;
    }
    Random seeds = new Random();
    for (int i = 1; i <= count; i++) {
      check("case " + i + " of " + count, seeds.nextLong(), property);
    }
  }

  private static void check(String which, long seed, Property property) {
    try {
      property.check(new Random(seed));
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          which + " fails; -D" + SEED_PROPERTY + "=" + seed + " checks it alone: " + e, e);
    }
  }

  /**
   * A whole number, in every fifth case one of the two limits, where faults gather.
   *
   * @param random decides
   * @param least the lower limit, included
   * @param most the upper limit, included
   * @return a number from one to the other
   */
  public static int between(Random random, int least, int most) {
    return switch (random.nextInt(10)) {
      case 0 -> least;
      case 1 -> most;
      default -> random.nextInt(least, most + 1);
    };
  }
}
