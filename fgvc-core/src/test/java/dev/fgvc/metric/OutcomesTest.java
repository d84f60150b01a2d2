package dev.fgvc.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomesTest {

  private static final double[] SCORES = {
    0.1,
    0.7,
    0.2, // right
    0.5,
    0.3,
    0.2, // second
    0.4,
    0.4,
    0.2, // a tie counts as second
    Double.NaN,
    0,
    0 // never right
  };
  private static final int[] LABELS = {1, 1, 0, 0};

  @Test
  void countsWhatTopKErrorCounts() {
    Outcomes outcomes = Outcomes.of(SCORES, LABELS, 3);

    for (int k : new int[] {1, 2, 3, 5}) {
      ClassErrors expected = TopKError.create(k, 3).add(SCORES, LABELS).result();
      for (int c = 0; c < 3; c++) {
        assertThat(outcomes.topK(k).errors(c)).isEqualTo(expected.errors(c));
        assertThat(outcomes.topK(k).images(c)).isEqualTo(expected.images(c));
      }
    }
    assertThat(outcomes.topK(1).error()).isEqualTo(0.75);
    assertThat(outcomes.topK(5).error()).isEqualTo(0.25);
    assertThat(outcomes.isRight(0, 1)).isTrue();
    assertThat(outcomes.isRight(2, 1)).isFalse();
    assertThat(outcomes.isRight(2, 2)).isTrue();
    assertThat(outcomes.isRight(3, Integer.MAX_VALUE)).isFalse();
    assertThat(outcomes).hasToString("4 images of 3 classes, 3 wrong");
  }

  @Test
  void partsJoinInOrder() {
    Outcomes first = Outcomes.of(new double[] {0.1, 0.7, 0.2}, new int[] {1}, 3);
    Outcomes rest =
        Outcomes.of(Arrays.copyOfRange(SCORES, 3, SCORES.length), new int[] {1, 0, 0}, 3);

    assertThat(Outcomes.concat(List.of(first, rest))).isEqualTo(Outcomes.of(SCORES, LABELS, 3));
  }

  @Test
  void refusesPartsOfOtherClasses() {
    Outcomes three = Outcomes.of(new double[3], new int[1], 3);
    Outcomes two = Outcomes.of(new double[2], new int[1], 2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Outcomes.concat(List.of(three, two)))
        .withMessageContaining("[3, 2]");
    assertThatIllegalArgumentException().isThrownBy(() -> Outcomes.concat(List.of()));
  }

  @Test
  void ranksThatWereKeptGiveTheSameOutcomes() {
    Outcomes outcomes = Outcomes.of(new double[] {1, 2, 3, 1, Double.NaN, 0}, new int[] {0, 1}, 3);

    assertThat(outcomes.ranks()).containsExactly(2, Integer.MAX_VALUE);
    assertThat(Outcomes.ofRanks(outcomes.ranks(), outcomes.labels(), 3)).isEqualTo(outcomes);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Outcomes.ofRanks(new int[] {3}, new int[] {0}, 3))
        .withMessageContaining("image 0 has label 0 and rank 3, with 3 classes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Outcomes.ofRanks(new int[] {0}, new int[] {}, 3))
        .withMessageContaining("1 ranks for 0 labels");
  }
}
