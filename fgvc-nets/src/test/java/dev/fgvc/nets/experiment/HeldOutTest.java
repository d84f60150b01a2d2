package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.testing.CountedDataset;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HeldOutTest {

  private static final Dataset TRAINING = CountedDataset.of(8, 3, 2, 1);

  @Test
  void takesAShareOfEachClassAndLeavesSomeOfEach() {
    DatasetSplits parts = HeldOut.of(TRAINING, 0.25, 3);

    assertThat(parts.validation().imageCounts()).containsExactly(2, 1, 1, 0);
    assertThat(parts.train().imageCounts()).containsExactly(6, 2, 1, 1);
    Set<LabeledImage> all = new HashSet<>(parts.train().images());
    all.addAll(parts.validation().images());
    assertThat(all).containsExactlyInAnyOrderElementsOf(TRAINING.images());
    assertThat(parts.train().classNames()).isEqualTo(TRAINING.classNames());
  }

  @Test
  void neverTakesAllOfAClass() {
    assertThat(HeldOut.of(TRAINING, 0.99, 1).train().imageCounts()).containsOnly(1);
  }

  @Test
  void theSeedDecides() {
    assertThat(HeldOut.of(TRAINING, 0.25, 3).validation().images())
        .isEqualTo(HeldOut.of(TRAINING, 0.25, 3).validation().images())
        .isNotEqualTo(HeldOut.of(TRAINING, 0.25, 4).validation().images());
  }

  @Test
  void refusesSharesThatLeaveNothing() {
    for (double share : new double[] {0, 1, -1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> HeldOut.of(TRAINING, share, 1))
          .withMessageContaining(String.valueOf(share));
    }
  }
}
