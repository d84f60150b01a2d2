package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ClassHistogramTest {

  @Test
  void aClassAtTheThresholdBelongsToTheHead() {
    ClassHistogram histogram = ClassHistogram.of(new int[] {100, 99, 250, 3});

    assertThat(histogram.headClasses(100)).containsExactly(0, 2);
    assertThat(histogram.tailClasses(100)).containsExactly(1, 3);
    assertThat(histogram.imageCount()).isEqualTo(452);
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
  void refusesNegativeCountsAndNoClasses() {
    assertThatIllegalArgumentException().isThrownBy(() -> ClassHistogram.of(new int[] {1, -1}));
    assertThatIllegalArgumentException().isThrownBy(() -> ClassHistogram.of(new int[0]));
  }
}
