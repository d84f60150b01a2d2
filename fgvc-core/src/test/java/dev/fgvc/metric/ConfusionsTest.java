package dev.fgvc.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.testing.InOtherLocales;
import java.util.Random;
import org.junit.jupiter.api.Test;

@InOtherLocales
class ConfusionsTest {

  @Test
  void theWorstPairsComeFirst() {
    float[] scores = {
      0, 1, 0,
      0, 2, 1,
      1, 0, 0,
      1, 0, 0,
      0, 0, 1,
    };
    Confusions confusions = Confusions.create(3).add(scores, new int[] {0, 0, 0, 2, 2});

    assertThat(confusions.worstPairs(5))
        .containsExactly(
            new Confusions.Pair(0, 1, 2, 2 / 3.0), new Confusions.Pair(2, 0, 1, 1 / 2.0));
    assertThat(confusions.worstPairs(1)).hasSize(1);
    assertThat(confusions.count(0, 1)).isEqualTo(2);
    assertThat(confusions.count(0, 0)).isEqualTo(1);
    assertThat(confusions.count(1, 2)).isZero();
  }

  @Test
  void aTieOrNoNumberIsAConfusionWithTheLowestOfTheBestOthers() {
    float nan = Float.NaN;
    assertThat(takenFor(2, 5, 5, 5)).isEqualTo(0);
    assertThat(takenFor(0, 5, 4, 5)).isEqualTo(2);
    assertThat(takenFor(0, 5, nan, 9)).isEqualTo(1);
    assertThat(takenFor(0, nan, 1, 2)).isEqualTo(2);
    assertThat(takenFor(0, 0, -0f, 0)).isEqualTo(1);
  }

  @Test
  void countsAsManyErrorsAsTheTopOneErrorAndPartsMergeToTheWhole() {
    Random random = new Random(3);
    Confusions whole = Confusions.create(4);
    Confusions merged = Confusions.create(4);
    TopKError error = TopKError.create(1, 4);
    for (int batch = 0; batch < 20; batch++) {
      float[] scores = new float[40];
      int[] labels = new int[10];
      for (int i = 0; i < 40; i++) {
        scores[i] = random.nextInt(4);
        labels[i / 4] = random.nextInt(4);
      }
      error.add(scores, labels);
      whole.add(scores, labels);
      merged.merge(Confusions.create(4).add(scores, labels));
    }
    long errors = whole.worstPairs(99).stream().mapToLong(Confusions.Pair::count).sum();

    assertThat(errors).isEqualTo(Math.round(error.result().error() * 200)).isPositive();
    assertThat(merged.worstPairs(99)).isEqualTo(whole.worstPairs(99));
  }

  @Test
  void manyMediumAndFewAreReportedApart() {
    ClassErrors errors = ClassErrors.of(1, new long[] {10, 10, 4, 2}, new long[] {1, 2, 3, 0});

    FrequencyReport report = FrequencyReport.of(errors, new int[] {101, 100, 19, 20});

    assertThat(report.many()).isEqualTo(new HeadTailReport.Part(1, 10, 0.1));
    assertThat(report.medium()).isEqualTo(new HeadTailReport.Part(2, 12, 2 / 12.0));
    assertThat(report.few()).isEqualTo(new HeadTailReport.Part(1, 4, 0.75));
    assertThat(report.toString().lines())
        .containsExactly(
            "Many:   >  100 images   10.00 % (1 classes)",
            "Medium: 20 to 100       16.67 % (2 classes)",
            "Few:    <   20 images   75.00 % (1 classes)");
  }

  @Test
  void refusesWhatDoesNotFit() {
    Confusions confusions = Confusions.create(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> confusions.add(new float[3], new int[] {3}))
        .withMessageContaining("label 3 of image 0");
    assertThatIllegalArgumentException().isThrownBy(() -> confusions.merge(Confusions.create(2)));
    assertThatIllegalArgumentException().isThrownBy(() -> Confusions.create(1));
  }

  @Test
  void refusesToCountClassesThatAreNotThere() {
    Confusions confusions =
        Confusions.create(3).add(new float[] {0, 1, 0, 0, 0, 1}, new int[] {0, 1});

    assertThat(confusions).hasToString("2 images of 3 classes, 2 taken for others");
    for (int[] pair : new int[][] {{0, 5}, {-1, 4}, {3, 3}, {0, -1}}) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> confusions.count(pair[0], pair[1]));
    }
  }

  /** Returns the class that an image is counted as. */
  private static int takenFor(int label, float... scores) {
    return Confusions.create(scores.length)
        .add(scores, new int[] {label})
        .worstPairs(1)
        .get(0)
        .predicted();
  }
}
