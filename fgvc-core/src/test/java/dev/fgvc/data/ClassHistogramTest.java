package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.testing.InOtherLocales;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

@InOtherLocales
class ClassHistogramTest {

  @Test
  void aClassAtTheThresholdBelongsToTheHead() {
    ClassHistogram histogram = ClassHistogram.of(new int[] {100, 99, 250, 3});

    assertThat(histogram.headClasses(100)).containsExactly(0, 2);
    assertThat(histogram.tailClasses(100)).containsExactly(1, 3);
    assertThat(histogram.imageCount()).isEqualTo(452);
  }

  @Test
  void equalSizesMakeEqualHistograms() {
    ClassHistogram histogram = ClassHistogram.of(new int[] {3, 1});

    assertThat(histogram).isEqualTo(ClassHistogram.of(new int[] {3, 1}));
    assertThat(histogram).hasSameHashCodeAs(ClassHistogram.of(new int[] {3, 1}));
    assertThat(histogram).isNotEqualTo(ClassHistogram.of(new int[] {1, 3}));
  }

  @Test
  void imbalanceIsTheLargestOverTheSmallestClass() {
    assertThat(ClassHistogram.of(new int[] {12, 3, 6}).imbalanceRatio()).isEqualTo(4);
    assertThat(ClassHistogram.of(new int[] {12, 0}).imbalanceRatio()).isInfinite();
    assertThat(ClassHistogram.of(new int[] {0, 0}).imbalanceRatio()).isEqualTo(1);
  }

  @Test
  void pictureGoesFromTheLargestToTheSmallestInGroups() {
    String picture = ClassHistogram.of(new int[] {2, 8, 4, 6}).picture(2, 7);

    assertThat(picture.lines())
        .containsExactly("    1-    2       7 ######", "    3-    4       3 ###");
  }

  @Test
  void manyMediumAndFewMeetAtHundredAndTwenty() {
    ClassHistogram histogram = ClassHistogram.of(new int[] {101, 100, 20, 19, 0});

    assertThat(histogram.manyClasses()).containsExactly(0);
    assertThat(histogram.mediumClasses()).containsExactly(1, 2);
    assertThat(histogram.fewClasses()).containsExactly(3, 4);
  }

  @Test
  void giniGoesFromEqualClassesToOneThatHasAll() {
    assertThat(ClassHistogram.of(new int[] {7, 7, 7}).gini()).isZero();
    assertThat(ClassHistogram.of(new int[] {0, 9, 0, 0}).gini()).isEqualTo(0.75);
    // Mean difference of two of 1, 2, 3: 8 / 9; half of it over the mean 2: 2 / 9.
    assertThat(ClassHistogram.of(new int[] {3, 1, 2}).gini()).isCloseTo(2 / 9.0, within(1e-15));
    assertThat(ClassHistogram.of(new int[2]).gini()).isZero();
  }

  @Test
  void quantilesLieBetweenTheClassesInOrderOfSize() {
    ClassHistogram histogram = ClassHistogram.of(new int[] {40, 10, 20});

    assertThat(histogram.quantile(0)).isEqualTo(10);
    assertThat(histogram.quantile(0.5)).isEqualTo(20);
    assertThat(histogram.quantile(0.75)).isEqualTo(30);
    assertThat(histogram.quantile(1)).isEqualTo(40);
    assertThatIllegalArgumentException().isThrownBy(() -> histogram.quantile(Double.NaN));
  }

  @Test
  void statisticsOfRandomSizesAreThoseOfTheirDefinitions() {
    long seed = System.nanoTime();
    System.out.println("seed of the class sizes: " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 100; round++) {
      int[] counts = random.ints(1 + random.nextInt(40), 1, 2_000).toArray();
      ClassHistogram histogram = ClassHistogram.of(counts);
      double mean = Arrays.stream(counts).average().orElseThrow();
      // Half of the relative mean difference, over all pairs of classes.
      double difference = 0;
      for (int one : counts) {
        for (int other : counts) {
          difference += Math.abs(one - other);
        }
      }
      double pairs = (double) counts.length * counts.length;
      assertThat(histogram.gini())
          .as("seed %d", seed)
          .isCloseTo(difference / pairs / mean / 2, within(1e-12));

      // The quantile is the value that as many are below as the share says, linear in between.
      int[] sorted = counts.clone();
      Arrays.sort(sorted);
      double share = random.nextDouble();
      double place = share * (counts.length - 1);
      int below = sorted[(int) Math.floor(place)];
      int above = sorted[(int) Math.ceil(place)];
      assertThat(histogram.quantile(share))
          .as("seed %d", seed)
          .isCloseTo(below + (place - Math.floor(place)) * (above - below), within(1e-9));

      int threshold = random.nextInt(2_100);
      assertThat(histogram.headClasses(threshold))
          .hasSize((int) Arrays.stream(counts).filter(count -> count >= threshold).count());
      assertThat(histogram.headClasses(threshold).length + histogram.tailClasses(threshold).length)
          .isEqualTo(counts.length);
      assertThat(histogram.imbalanceRatio())
          .isEqualTo((double) sorted[counts.length - 1] / sorted[0]);
    }
  }

  @Test
  void effectiveNumbersWeighRareClassesMore() {
    ClassHistogram histogram = ClassHistogram.of(new int[] {1, 2, 0});

    // Effective numbers 1 and 1 + beta = 1.5; weights 1 and 2/3, scaled to the sum 2.
    assertThat(ClassWeights.effectiveNumber(histogram, 0.5))
        .containsExactly(new double[] {1.2, 0.8, 0}, within(1e-15));
    assertThat(ClassWeights.effectiveNumber(histogram, 0)).containsExactly(1, 1, 0);
    // Towards 1 the weights become those of one over the size.
    assertThat(ClassWeights.effectiveNumber(histogram, Math.nextDown(1.0)))
        .containsExactly(new double[] {4 / 3.0, 2 / 3.0, 0}, within(1e-9));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassWeights.effectiveNumber(histogram, 1));
  }

  @Test
  void logitsAreAdjustedByThePriors() {
    assertThat(ClassWeights.logitAdjustment(ClassHistogram.of(new int[] {1, 3}), 2))
        .containsExactly(new double[] {2 * Math.log(0.25), 2 * Math.log(0.75)}, within(1e-15));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassWeights.logitAdjustment(ClassHistogram.of(new int[] {1, 0}), 1))
        .withMessageContaining("class 1 has no training image");
  }

  @Test
  void marginsFallWithTheFourthRootOfTheImages() {
    ClassHistogram histogram = ClassHistogram.of(new int[] {81, 16, 1, 0});

    assertThat(ClassWeights.ldamMargins(histogram, 0.6))
        .containsExactly(new double[] {0.2, 0.3, 0.6, 0}, within(1e-15));
    assertThatIllegalArgumentException().isThrownBy(() -> ClassWeights.ldamMargins(histogram, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassWeights.ldamMargins(ClassHistogram.of(new int[] {0}), 0.5));
  }

  @Test
  void refusesNegativeCountsAndNoClasses() {
    assertThatIllegalArgumentException().isThrownBy(() -> ClassHistogram.of(new int[] {1, -1}));
    assertThatIllegalArgumentException().isThrownBy(() -> ClassHistogram.of(new int[0]));
  }
}
