package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.feature.DomainFeatures;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What makes the distance a metric (Rubner et al., IJCV 2000). */
class MetricPropertiesTest {

  private final DomainSimilarity similarity = DomainSimilarity.create();

  @Property(tries = 100)
  void isSymmetric(
      @ForAll @IntRange(min = 1, max = 30) int m,
      @ForAll @IntRange(min = 1, max = 30) int n,
      @ForAll long seed) {
    Random random = new Random(seed);
    DomainFeatures a = SourceSelectionTest.domain("a", m, 3, random);
    DomainFeatures b = SourceSelectionTest.domain("b", n, 3, random);
    double there = similarity.between(a, b).emd();
    assertThat(similarity.between(b, a).emd())
        .isCloseTo(there, org.assertj.core.api.Assertions.within(1e-12 * (1 + there)));
  }

  @Property(tries = 100)
  void obeysTheTriangleInequality(
      @ForAll @IntRange(min = 1, max = 25) int m,
      @ForAll @IntRange(min = 1, max = 25) int n,
      @ForAll @IntRange(min = 1, max = 25) int k,
      @ForAll long seed) {
    Random random = new Random(seed);
    DomainFeatures a = SourceSelectionTest.domain("a", m, 2, random);
    DomainFeatures b = SourceSelectionTest.domain("b", n, 2, random);
    DomainFeatures c = SourceSelectionTest.domain("c", k, 2, random);
    double direct = similarity.between(a, c).emd();
    double round = similarity.between(a, b).emd() + similarity.between(b, c).emd();
    assertThat(direct).isLessThanOrEqualTo(round * (1 + 1e-12));
  }

  @Property(tries = 30)
  void isZeroFromADomainToItself(@ForAll @IntRange(min = 1, max = 300) int m, @ForAll long seed) {
    DomainFeatures a = SourceSelectionTest.domain("a", m, 4, new Random(seed));
    assertThat(similarity.between(a, a).emd()).isZero();
  }

  /** The size of iNaturalist 2017, dense and streamed: 5089 classes. */
  @Test
  void isZeroFromTheLargestDomainToItself() {
    int classes = 5089;
    DomainFeatures a = SourceSelectionTest.domain("a", classes, 8, new Random(1));
    Similarity dense = similarity.between(a, a);
    assertThat(dense.emd()).isZero();
    assertThat(dense.similarity()).isEqualTo(1);
    assertThat(dense.plan().flowCount()).isEqualTo(classes);
    TransportPlan streamed =
        ExactEmd.create()
            .solveEuclidean(a.imageCounts(), a.imageCounts(), a.classMeans(), a.classMeans());
    assertThat(streamed.distance()).isZero();
    assertThat(streamed.relativeGap()).isZero();
  }
}
