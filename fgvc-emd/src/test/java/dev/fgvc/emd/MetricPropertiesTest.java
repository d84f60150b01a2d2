package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.testing.RandomCases;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests the properties that make the distance a metric (Rubner et al., IJCV 2000). */
class MetricPropertiesTest {

  private final DomainSimilarity similarity = DomainSimilarity.create();

  @Test
  void isSymmetric() {
    RandomCases.check(
        100,
        random -> {
          DomainFeatures a = domain("a", 30, 3, random);
          DomainFeatures b = domain("b", 30, 3, random);
          double there = similarity.between(a, b).emd();
          assertThat(similarity.between(b, a).emd()).isCloseTo(there, within(1e-12 * (1 + there)));
        });
  }

  @Test
  void obeysTheTriangleInequality() {
    RandomCases.check(
        100,
        random -> {
          DomainFeatures a = domain("a", 25, 2, random);
          DomainFeatures b = domain("b", 25, 2, random);
          DomainFeatures c = domain("c", 25, 2, random);
          double direct = similarity.between(a, c).emd();
          double round = similarity.between(a, b).emd() + similarity.between(b, c).emd();
          assertThat(direct).isLessThanOrEqualTo(round * (1 + 1e-12));
        });
  }

  @Test
  void isZeroFromADomainToItself() {
    RandomCases.check(
        30,
        random -> {
          DomainFeatures a = domain("a", 300, 4, random);
          assertThat(similarity.between(a, a).emd()).isZero();
        });
  }

  private static DomainFeatures domain(String name, int mostClasses, int dimension, Random random) {
    int classes = RandomCases.between(random, 1, mostClasses);
    return SourceSelectionTest.domain(name, classes, dimension, random);
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
