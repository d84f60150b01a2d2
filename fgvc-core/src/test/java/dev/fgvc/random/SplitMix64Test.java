package dev.fgvc.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.Ints;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class SplitMix64Test {

  private static final int DRAWS = 200_000;

  /** The values were computed once, on Java 17; any Java must draw them. */
  @Test
  void drawsTheSameBitsOnEveryJava() {
    assertThat(hash(SplitMix64::nextGaussian)).isEqualTo("dd6bddafbe1e3d4e");
    assertThat(hash(SplitMix64::nextExponential)).isEqualTo("6178bfe364cb0e29");
    assertThat(hash(SplitMix64::nextDouble)).isEqualTo("137cc618495ec3b9");
    assertThat(hash(random -> random.nextInt(1_000_003))).isEqualTo("866c61df836c2a13");
    assertThat(hash(SplitMix64::nextFloat)).isEqualTo("33ec98b1e8434fb8");
    byte[] bytes = new byte[1001];
    new SplitMix64(1).nextBytes(bytes);
    assertThat(Hashing.sha256().hashBytes(bytes).toString()).startsWith("afc173d23aa5e718");
  }

  private static String hash(ToDoubleFunction<SplitMix64> draw) {
    SplitMix64 random = new SplitMix64(1);
    Hasher hasher = Hashing.sha256().newHasher();
    for (int i = 0; i < DRAWS; i++) {
      hasher.putDouble(draw.applyAsDouble(random));
    }
    return hasher.hash().toString().substring(0, 16);
  }

  /** The first outputs of the reference implementation for the seed 1234567. */
  @Test
  void isThePublishedGenerator() {
    SplitMix64 random = new SplitMix64(1234567);

    assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo("6457827717110365317");
    assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo("3203168211198807973");
    assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo("9817491932198370423");
  }

  /** So that orders and crops of images stay those of runs made before. */
  @Test
  void drawsWholeAndUniformNumbersAsSplittableRandomDoes() {
    SplitMix64 random = new SplitMix64(9);
    SplittableRandom jdk = new SplittableRandom(9);

    for (int i = 1; i < 100_000; i++) {
      assertThat(random.nextInt(i)).isEqualTo(jdk.nextInt(i));
      assertThat(random.nextInt(-i, 2 * i)).isEqualTo(jdk.nextInt(-i, 2 * i));
      assertThat(random.nextLong(1L + i * 77_777_777_777L))
          .isEqualTo(jdk.nextLong(1L + i * 77_777_777_777L));
      assertThat(random.nextDouble()).isEqualTo(jdk.nextDouble());
      assertThat(random.nextFloat()).isEqualTo(jdk.nextFloat());
      assertThat(random.nextBoolean()).isEqualTo(jdk.nextBoolean());
    }
  }

  @Test
  void theMomentsOfNormalNumbersAreTheirs() {
    SplitMix64 random = new SplitMix64(2);
    double[] powers = new double[5];
    for (int i = 0; i < DRAWS; i++) {
      double value = random.nextGaussian();
      for (int k = 1; k <= 4; k++) {
        powers[k] += Math.pow(value, k) / DRAWS;
      }
    }

    // Five standard errors.
    assertThat(powers[1]).isCloseTo(0, within(5 * Math.sqrt(1.0 / DRAWS)));
    assertThat(powers[2]).isCloseTo(1, within(5 * Math.sqrt(2.0 / DRAWS)));
    assertThat(powers[3]).isCloseTo(0, within(5 * Math.sqrt(15.0 / DRAWS)));
    assertThat(powers[4]).isCloseTo(3, within(5 * Math.sqrt(96.0 / DRAWS)));
  }

  @Test
  void staysWithinBoundsThatOverflow() {
    SplitMix64 random = new SplitMix64(3);
    for (int i = 0; i < 1000; i++) {
      assertThat(random.nextInt(-2_000_000_000, 2_000_000_000))
          .isBetween(-2_000_000_000, 1_999_999_999);
      assertThat(random.nextLong(Long.MIN_VALUE, Long.MAX_VALUE)).isNotEqualTo(Long.MAX_VALUE);
      assertThat(random.nextDouble(1, Math.nextUp(1.0))).isEqualTo(1);
      assertThat(random.nextFloat(1, Math.nextUp(1f))).isEqualTo(1);
    }
  }

  @Test
  void drawsDistinctNumbersEachAsOften() {
    SplitMix64 random = new SplitMix64(5);
    int[] drawn = new int[7];
    for (int draw = 0; draw < 70_000; draw++) {
      int[] numbers = random.distinct(3, 7);
      assertThat(numbers).hasSize(3).doesNotHaveDuplicates().isSorted();
      for (int number : numbers) {
        drawn[number]++;
      }
    }

    // Five standard errors of a count with probability 3/7.
    assertThat(Ints.asList(drawn)).allMatch(count -> count >= 29_345 && count <= 30_655);
    assertThat(random.distinct(4, 4)).containsExactly(0, 1, 2, 3);
    assertThat(random.distinct(0, 0)).isEmpty();
  }

  @Test
  void refusesEmptyRanges() {
    SplitMix64 random = new SplitMix64(4);

    assertThatIllegalArgumentException().isThrownBy(() -> random.nextInt(0));
    assertThatIllegalArgumentException().isThrownBy(() -> random.nextLong(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> random.distinct(3, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> random.distinct(-1, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> random.nextInt(5, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> random.nextLong(5, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> random.nextDouble(0));
    assertThatIllegalArgumentException().isThrownBy(() -> random.nextFloat(2, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> random.nextGaussian(0, -1));
  }
}
