package dev.fgvc.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.Dataset;
import dev.fgvc.testing.CountedDataset;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {

  /** 50 images of class 0, 8 of class 1, 3 of class 2, none of class 3. */
  private final Dataset dataset = CountedDataset.of(50, 8, 3, 0);

  @Test
  void sequentialKeepsTheOrder() {
    assertThat(Sampler.sequential(dataset).epoch(5)).isEqualTo(IntStream.range(0, 61).toArray());
  }

  @Test
  void naturalShowsEachImageOnceInAnotherOrderEachEpoch() {
    Sampler sampler = Sampler.natural(dataset, 1);

    assertThat(sampler.epoch(0)).hasSize(61).isNotEqualTo(sampler.epoch(1));
    assertThat(sampler.epoch(0)).isNotEqualTo(Sampler.natural(dataset, 2).epoch(0));
    assertThat(sorted(sampler.epoch(0))).isEqualTo(IntStream.range(0, 61).toArray());
    assertThat(sorted(sampler.epoch(1))).isEqualTo(IntStream.range(0, 61).toArray());
  }

  @Test
  void anEpochCanBeAskedForAgainAtAnyTime() {
    for (Sampler sampler :
        List.of(
            Sampler.natural(dataset, 1),
            Sampler.balanced(dataset, 1),
            Sampler.capped(dataset, 5, 1))) {
      int[] third = sampler.epoch(3);
      sampler.epoch(0);
      assertThat(sampler.epoch(3)).isEqualTo(third).hasSize(sampler.epochSize());
      assertThatIllegalArgumentException().isThrownBy(() -> sampler.epoch(-1));
    }
  }

  @Test
  void balancedGivesEachClassItsShareOfTheEpoch() {
    Sampler sampler = Sampler.balanced(dataset, 1);
    int[] moreThanItsShare = new int[3];
    for (int epoch = 0; epoch < 30; epoch++) {
      int[] shown = timesShown(sampler.epoch(epoch));
      int[] perClass = {sum(shown, 0, 50), sum(shown, 50, 58), sum(shown, 58, 61)};
      assertThat(perClass)
          .containsOnly(20, 21)
          .satisfies(c -> assertThat(sum(c, 0, 3)).isEqualTo(61));
      for (int c = 0; c < 3; c++) {
        moreThanItsShare[c] += perClass[c] - 20;
      }
      // 20 or 21 of 50 images: none twice; 8 images: 2 or 3 times; 3 images: 6 or 7 times.
      assertThat(Arrays.copyOfRange(shown, 0, 50)).containsOnly(0, 1);
      assertThat(Arrays.stream(shown, 50, 58)).allMatch(n -> n == 2 || n == 3);
      assertThat(Arrays.stream(shown, 58, 61)).allMatch(n -> n == 6 || n == 7);
    }
    assertThat(moreThanItsShare).doesNotContain(0);
  }

  @Test
  void balancedShowsACommonClassWholeOverTheEpochs() {
    Sampler sampler = Sampler.balanced(dataset, 1);
    boolean[] seen = new boolean[61];
    for (int epoch = 0; epoch < 20; epoch++) {
      for (int position : sampler.epoch(epoch)) {
        seen[position] = true;
      }
    }
    assertThat(seen).doesNotContain(false);
  }

  @Test
  void cappedKeepsOneSubsetOfAtMostSoManyOfEachClass() {
    Sampler sampler = Sampler.capped(dataset, 5, 1);
    int[] first = sampler.epoch(0);
    int[] shown = timesShown(first);

    assertThat(sampler.epochSize()).isEqualTo(13);
    assertThat(sum(shown, 0, 50)).isEqualTo(5);
    assertThat(sum(shown, 50, 58)).isEqualTo(5);
    assertThat(sum(shown, 58, 61)).isEqualTo(3);
    assertThat(sorted(sampler.epoch(1))).isEqualTo(sorted(first));
    assertThat(sampler.epoch(1)).isNotEqualTo(first);
    assertThat(sorted(Sampler.capped(dataset, 5, 2).epoch(0))).isNotEqualTo(sorted(first));
  }

  @Test
  void refusesNoImagesAndNoCap() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.balanced(CountedDataset.of(0), 1));
    assertThatIllegalArgumentException().isThrownBy(() -> Sampler.capped(dataset, 0, 1));
  }

  private static int[] timesShown(int[] order) {
    int[] shown = new int[61];
    for (int position : order) {
      shown[position]++;
    }
    return shown;
  }

  private static int sum(int[] values, int from, int to) {
    return Arrays.stream(values, from, to).sum();
  }

  private static int[] sorted(int[] values) {
    int[] copy = values.clone();
    Arrays.sort(copy);
    return copy;
  }
}
