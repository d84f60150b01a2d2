package dev.fgvc.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.Dataset;
import dev.fgvc.testing.CountedDataset;
import dev.fgvc.testing.RandomCases;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WeightedSamplerTest {

  private final Dataset dataset = CountedDataset.of(0, 100, 25, 4, 0, 1);

  private Map<String, Sampler> all(Dataset images) {
    Sampler natural = Sampler.natural(images, 1);
    return Map.of(
        "sequential", Sampler.sequential(images),
        "natural", natural,
        "balanced", Sampler.balanced(images, 2),
        "square root", Sampler.squareRoot(images, 3),
        "capped", Sampler.capped(images, 5, 4),
        "repeat factor", Sampler.repeatFactor(images, 0.3, 5),
        "subset", Sampler.subset(images, new int[] {2, 0, 1}, 6),
        "blend", Sampler.blend(natural, Sampler.balanced(images, 7), 5, 8),
        "blend into a subset",
            Sampler.blend(natural, Sampler.subset(images, new int[] {2, 0}, 9), 3, 10));
  }

  @Test
  void aPlaceAskedForAloneIsThatOfItsEpoch() {
    RandomCases.check(
        40,
        random -> {
          int[] counts = counts(random, RandomCases.between(random, 2, 13), 30);
          counts[0] = 3;
          assertPlacesAreThoseOf(RandomCases.between(random, 0, 6), CountedDataset.of(counts));
        });
  }

  private void assertPlacesAreThoseOf(int epoch, Dataset images) {

    all(images)
        .forEach(
            (name, sampler) -> {
              int[] order = sampler.epoch(epoch);
              assertThat(order).as(name).hasSize(sampler.epochSize());
              for (int position = order.length - 1; position >= 0; position--) {
                assertThat(sampler.at(epoch, position)).as(name).isEqualTo(order[position]);
              }
            });
  }

  @Test
  void everyClassHasItsShareRoundedDownOrUpAndItsImagesEquallyOften() {
    RandomCases.check(
        60,
        random -> {
          int[] counts = counts(random, RandomCases.between(random, 1, 10), 40);
          counts[random.nextInt(counts.length)]++; // at least one image
          assertSharesOfRoots(counts, RandomCases.between(random, 0, 1000));
        });
  }

  private static void assertSharesOfRoots(int[] counts, int seed) {
    Dataset images = CountedDataset.of(counts);
    double roots = Arrays.stream(counts).mapToDouble(Math::sqrt).sum();

    int[] shown = timesShown(images, Sampler.squareRoot(images, seed).epoch(seed % 7));

    for (int c = 0, first = 0; c < counts.length; first += counts[c++]) {
      int[] ofClass = Arrays.copyOfRange(shown, first, first + counts[c]);
      double share = images.size() * Math.sqrt(counts[c]) / roots;
      assertThat((double) Arrays.stream(ofClass).sum()).isCloseTo(share, within(1.01));
      assertThat(Arrays.stream(ofClass).max().orElse(0) - Arrays.stream(ofClass).min().orElse(0))
          .isBetween(0, 1);
    }
  }

  @Test
  void sharesAreExactOnAverageOverTheEpochs() {
    Sampler sampler = Sampler.squareRoot(dataset, 11);
    double[] mean = new double[6];
    int epochs = 4000;
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int position : sampler.epoch(epoch)) {
        mean[dataset.images().get(position).label()] += 1.0 / epochs;
      }
    }
    // Roots 10, 5, 2, 1 of 18; 130 places. A rounding has a deviation of at most 1/2.
    double tolerance = 5 * 0.5 / Math.sqrt(epochs);
    assertThat(mean[1]).isCloseTo(130 * 10 / 18.0, within(tolerance));
    assertThat(mean[2]).isCloseTo(130 * 5 / 18.0, within(tolerance));
    assertThat(mean[3]).isCloseTo(130 * 2 / 18.0, within(tolerance));
    assertThat(mean[5]).isCloseTo(130 * 1 / 18.0, within(tolerance));
  }

  @Test
  void aRareImageIsRepeatedByTheRootOfItsRarity() {
    Dataset images = CountedDataset.of(100, 100, 50);
    Sampler sampler = Sampler.repeatFactor(images, 0.4, 1);

    int[] shown = timesShown(images, sampler.epoch(0));

    // Frequencies 0.4, 0.4 and 0.2: factors 1, 1 and the root of 2.
    assertThat(sampler.epochSize()).isEqualTo(271);
    assertThat(Arrays.stream(shown, 0, 200).sum()).isBetween(198, 202);
    assertThat(Arrays.stream(shown, 200, 250).sum()).isBetween(70, 71);
    assertThat(Arrays.copyOfRange(shown, 200, 250)).containsOnly(1, 2);
    assertThatIllegalArgumentException().isThrownBy(() -> Sampler.repeatFactor(images, 0, 1));
  }

  @Test
  void aBlendGoesFromOneSamplerToTheOtherInEqualSteps() {
    Dataset images = CountedDataset.of(99, 1);
    Sampler blend = Sampler.blend(Sampler.natural(images, 1), Sampler.balanced(images, 2), 6, 3);

    for (int epoch = 0; epoch < 9; epoch++) {
      int rare = timesShown(images, blend.epoch(epoch))[99];
      int balancedPlaces = 20 * Math.min(epoch, 5);
      // Half of the balanced places, a random part of both orders, and at most one natural place.
      assertThat((double) rare).isCloseTo(balancedPlaces / 2.0 + 0.5, within(14.0));
      if (epoch == 0) {
        assertThat(rare).isEqualTo(1);
      }
      if (epoch >= 5) {
        assertThat(rare).isEqualTo(50);
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.blend(blend, blend, 1, 1))
        .withMessageContaining("at least 2");
  }

  @Test
  void aGivenSplitIsShownOnceAnEpochWherever() {
    Dataset split =
        Dataset.of(
            "split",
            dataset.classNames(),
            List.of(
                CountedDataset.image(3, 2),
                CountedDataset.image(1, 7),
                CountedDataset.image(5, 0)));
    Sampler sampler = Sampler.subset(dataset, split, 1);

    assertThat(sampler.epoch(0)).containsExactlyInAnyOrder(127, 7, 129);
    Dataset stranger =
        Dataset.of("stranger", dataset.classNames(), List.of(CountedDataset.image(3, 99)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.subset(dataset, stranger, 1))
        .withMessageContaining("is in stranger")
        .withMessageContaining("but not in counts");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.subset(dataset, new int[] {1, 1}, 1))
        .withMessageContaining("twice");
  }

  @Test
  void anEpochOfMoreThanTwoToTheTwentyFourImagesShowsNoneTwice() {
    // Weights of single precision would merge neighbours; 200,000 draws with replacement from so
    // many images would hold about 1,200 twice.
    int size = (1 << 24) + 2;
    int[] large = Samplers.positions(1 << 24);
    int[][] members = {{1 << 24}, large, {(1 << 24) + 1}};
    QuotaSampler sampler = new QuotaSampler(members, new long[] {1, 1 << 24, 1}, size, 5);
    BitSet seen = new BitSet(size);
    for (int i = 0; i < 200_000; i++) {
      seen.set(sampler.at(3, size - 1 - i));
    }
    assertThat(seen.cardinality()).isEqualTo(200_000);
    assertThat(seen.length()).isLessThanOrEqualTo(size);
  }

  @Test
  void twoBillionImagesAreAddressedWithoutTakingMemory() {
    int[] few = {0, 1, 2};
    QuotaSampler sampler =
        new QuotaSampler(
            new int[][] {few, {3}}, new long[] {1L << 40, 1L << 39}, Integer.MAX_VALUE, 1);
    int rare = 0;
    for (int i = 0; i < 30_000; i++) {
      rare += sampler.at(9, i * 70_000) == 3 ? 1 : 0;
    }
    // One in three; the deviation of 30,000 draws is 82.
    assertThat(rare).isBetween(10_000 - 410, 10_000 + 410);
  }

  @Test
  void aKeyedPermutationShufflesEachSizeFairly() {
    int[][] places = new int[5][5];
    for (int key = 0; key < 20_000; key++) {
      int[] order = KeyedPermutation.all(5, key);
      assertThat(order).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
      for (int i = 0; i < 5; i++) {
        places[i][order[i]]++;
      }
    }
    // 4,000 each; a deviation of 57.
    for (int[] row : places) {
      assertThat(Arrays.stream(row)).allMatch(n -> n > 3_700 && n < 4_300);
    }
  }

  @Test
  void placesOutsideAnEpochAreRefused() {
    all(dataset)
        .forEach(
            (name, sampler) -> {
              assertThatIllegalArgumentException()
                  .as(name)
                  .isThrownBy(() -> sampler.at(0, sampler.epochSize()));
              assertThatIllegalArgumentException().as(name).isThrownBy(() -> sampler.at(-1, 0));
            });
  }

  private static int[] timesShown(Dataset images, int[] order) {
    int[] shown = new int[images.size()];
    for (int position : order) {
      shown[position]++;
    }
    return shown;
  }

  private static int[] counts(Random random, int classes, int most) {
    int[] counts = new int[classes];
    Arrays.setAll(counts, c -> RandomCases.between(random, 0, most));
    return counts;
  }
}
