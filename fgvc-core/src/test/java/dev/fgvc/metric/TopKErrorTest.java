package dev.fgvc.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.testing.InOtherLocales;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

@InOtherLocales
class TopKErrorTest {

  private static final float NAN = Float.NaN;

  @Test
  void countsALabelThatIsNotAmongTheBest() {
    float[] scores = {
      3, 2, 1, 0,
      3, 2, 1, 0,
      3, 2, 1, 0,
    };
    int[] labels = {0, 1, 2};

    assertThat(TopKError.create(1, 4).add(scores, labels).result().error())
        .isCloseTo(2 / 3.0, within(1e-12));
    assertThat(TopKError.create(2, 4).add(scores, labels).result().error())
        .isCloseTo(1 / 3.0, within(1e-12));
    assertThat(TopKError.create(3, 4).add(scores, labels).result().error()).isZero();
  }

  @Test
  void aTieCountsAgainstTheNetwork() {
    assertThat(errorOf(1, 5, 5, 0)).isEqualTo(1);
    assertThat(errorOf(2, 5, 5, 0)).isEqualTo(0);
    assertThat(errorOf(2, 5, 5, 5)).isEqualTo(1);
  }

  @Test
  void scoresThatAreNotNumbersCountAgainstTheNetwork() {
    assertThat(errorOf(1, NAN, 1, 2)).isEqualTo(1);
    assertThat(errorOf(1, 9, NAN, 2)).isEqualTo(1);
    assertThat(errorOf(2, 9, NAN, 2)).isEqualTo(0);
    assertThat(errorOf(5, NAN, 1, 2)).isEqualTo(1);
    assertThat(errorOf(1, Float.POSITIVE_INFINITY, 1, 2)).isEqualTo(0);
  }

  @Test
  void constantScoresHaveNothingRight() {
    float[] scores = new float[10 * 10];
    int[] labels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

    assertThat(TopKError.create(1, 10).add(scores, labels).result().error()).isEqualTo(1);
    assertThat(TopKError.create(9, 10).add(scores, labels).result().error()).isEqualTo(1);
    assertThat(TopKError.create(10, 10).add(scores, labels).result().error()).isZero();
  }

  @Test
  void doublesAreRankedAsFinelyAsTheyAre() {
    double[] scores = {-1000, -1000 + 1e-12, 0};

    assertThat(TopKError.create(2, 3).add(scores, new int[] {1}).result().error()).isZero();
    assertThat(TopKError.create(2, 3).add(scores, new int[] {0}).result().error()).isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TopKError.create(1, 3).add(scores, new int[] {0, 1}))
        .withMessageContaining("3 scores for 2 images");
  }

  @Test
  void partsMergeToTheWhole() {
    float[] first = {1, 0, 0, 1};
    float[] second = {0, 1, 0, 1};
    TopKError whole =
        TopKError.create(1, 2).add(first, new int[] {0, 0}).add(second, new int[] {0, 1});
    TopKError part = TopKError.create(1, 2).add(second, new int[] {0, 1});
    TopKError merged = TopKError.create(1, 2).add(first, new int[] {0, 0}).merge(part);

    for (ClassErrors result : new ClassErrors[] {whole.result(), merged.result()}) {
      assertThat(result.images(0)).isEqualTo(3);
      assertThat(result.errors(0)).isEqualTo(2);
      assertThat(result.images(1)).isEqualTo(1);
      assertThat(result.errors(1)).isZero();
      assertThat(result.error()).isEqualTo(0.5);
      assertThat(result.meanClassError()).isCloseTo(1 / 3.0, within(1e-12));
    }
  }

  @Test
  void resultsDoNotChangeWithTheCounter() {
    TopKError counter = TopKError.create(1, 2).add(new float[] {1, 0}, new int[] {0});
    ClassErrors before = counter.result();
    counter.add(new float[] {1, 0}, new int[] {1});

    assertThat(before.imageCount()).isEqualTo(1);
    assertThat(before.error()).isZero();
  }

  @Test
  void readsABufferFromItsPositionAndLeavesIt() {
    FloatBuffer scores = FloatBuffer.wrap(new float[] {9, 9, 0, 1}).position(2);

    ClassErrors result = TopKError.create(1, 2).add(scores, new int[] {1}).result();

    assertThat(result.error()).isZero();
    assertThat(scores.position()).isEqualTo(2);
  }

  @Test
  void equalCountsMakeEqualResults() {
    TopKError counter = TopKError.create(1, 2).add(new float[] {1, 0}, new int[] {1});

    assertThat(counter.result()).isEqualTo(counter.result()).hasSameHashCodeAs(counter.result());
    assertThat(counter.result())
        .isEqualTo(ClassErrors.of(1, new long[] {0, 1}, new long[] {0, 1}))
        .isNotEqualTo(ClassErrors.of(2, new long[] {0, 1}, new long[] {0, 1}))
        .isNotEqualTo(ClassErrors.of(1, new long[] {0, 1}, new long[] {0, 0}));
  }

  @Test
  void noImagesHaveNoError() {
    assertThat(TopKError.create(1, 2).result().error()).isNaN();
  }

  @Test
  void refusesWhatDoesNotFitAndAddsNothingOfIt() {
    TopKError counter = TopKError.create(1, 3);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> counter.add(new float[5], new int[] {0, 1}))
        .withMessageContaining("5 scores for 2 images of 3 classes: expected 6");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> counter.add(new float[6], new int[] {0, 3}))
        .withMessageContaining("label 3 of image 1");
    assertThatIllegalArgumentException().isThrownBy(() -> counter.merge(TopKError.create(2, 3)));
    assertThatIllegalArgumentException().isThrownBy(() -> TopKError.create(0, 3));
    assertThat(counter.result().imageCount()).isZero();
  }

  @Test
  void headAndTailAreSplitByTrainingCounts() {
    ClassErrors errors = ClassErrors.of(1, new long[] {10, 10, 4, 0}, new long[] {1, 2, 3, 0});

    HeadTailReport report = HeadTailReport.of(errors, new int[] {100, 500, 99, 5});

    assertThat(report.threshold()).isEqualTo(100);
    assertThat(report.head()).isEqualTo(new HeadTailReport.Part(2, 20, 0.15));
    assertThat(report.tail()).isEqualTo(new HeadTailReport.Part(2, 4, 0.75));
    assertThat(report.toString().lines())
        .containsExactly(
            "Head: >= 100 images   15.00 % (2 classes)",
            "Tail: <  100 images   75.00 % (2 classes)");
    assertThat(HeadTailReport.of(errors, new int[] {1, 1, 1, 1}, 2).head().error()).isNaN();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadTailReport.of(errors, new int[3]))
        .withMessageContaining("errors of 4 classes, training counts of 3");
  }

  /** The error on one image of class 0. */
  private static double errorOf(int k, float... scores) {
    return TopKError.create(k, scores.length).add(scores, new int[] {0}).result().error();
  }
}
