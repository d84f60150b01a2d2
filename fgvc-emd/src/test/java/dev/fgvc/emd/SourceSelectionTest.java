package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.testing.Instances;
import dev.fgvc.feature.DomainFeatures;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class SourceSelectionTest {

  private static final DomainFeatures LINE =
      DomainFeatures.of(
          "line",
          List.of("far", "near", "at"),
          new FMatrixRMaj(new float[][] {{10, 0}, {1, 0}, {0, 0}}),
          new double[] {5, 1, 2});
  private static final DomainFeatures ORIGIN =
      DomainFeatures.of(
          "origin", List.of("o"), new FMatrixRMaj(new float[][] {{0, 0}}), new double[] {3});

  private final SourceSelection selection = SourceSelection.create();

  @Test
  void ranksTheNearestClassFirst() {
    List<RankedClass> ranked = selection.rank(LINE, ORIGIN);
    assertThat(ranked).extracting(RankedClass::name).containsExactly("at", "near", "far");
    assertThat(ranked.get(2).emd()).isEqualTo(10);
    assertThat(ranked.get(2).similarity()).isCloseTo(Math.exp(-0.1), within(1e-15));
    assertThat(ranked.get(0).similarity()).isEqualTo(1);
  }

  @Test
  void agreesWithTheSolverOnEachClassAlone() {
    Random random = new Random(11);
    DomainFeatures source = domain("source", 12, 8, random);
    DomainFeatures target = domain("target", 9, 8, random);
    for (RankedClass ranked : selection.rank(source, target)) {
      DomainFeatures alone = source.select("alone", new int[] {ranked.index()});
      Similarity similarity = DomainSimilarity.create().between(alone, target);
      assertThat(ranked.emd()).isCloseTo(similarity.emd(), within(1e-12));
    }
  }

  @Test
  void unitesTheChoicesForSeveralTargetsWithoutRepeats() {
    DomainFeatures end =
        DomainFeatures.of(
            "end", List.of("e"), new FMatrixRMaj(new float[][] {{9, 0}}), new double[] {1});
    assertThat(selection.topK(LINE, end, 2)).containsExactly(0, 1);
    assertThat(selection.union(LINE, Map.of(ORIGIN, 2, end, 2))).containsExactly(0, 1, 2);
    assertThat(selection.union(LINE, Map.of(ORIGIN, 1, end, 1))).containsExactly(0, 2);
  }

  @Test
  void refusesAKOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> selection.topK(LINE, ORIGIN, 4))
        .withMessageContaining("k = 4")
        .withMessageContaining("from 1 to 3");
    assertThatIllegalArgumentException().isThrownBy(() -> selection.topK(LINE, ORIGIN, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> selection.union(LINE, Map.of()));
  }

  @Test
  void similarityIsOneForIdenticalDomainsAndFallsWithDistance() {
    DomainFeatures domain = domain("d", 30, 16, new Random(3));
    Similarity same = DomainSimilarity.create().between(domain, domain);
    assertThat(same.emd()).isZero();
    assertThat(same.similarity()).isEqualTo(1);
    assertThat(same.plan().relativeGap()).isZero();
    Similarity other = DomainSimilarity.create().between(LINE, ORIGIN);
    assertThat(other.emd()).isCloseTo((5 * 10 + 1) / 8.0, within(1e-12));
    assertThat(other.similarity()).isCloseTo(Math.exp(-0.01 * 51 / 8), within(1e-14));
    assertThat(DomainSimilarity.create().withGamma(1).between(LINE, ORIGIN).similarity())
        .isCloseTo(Math.exp(-51 / 8.0), within(1e-14));
  }

  @Test
  void refusesBadGammaAndUnequalDimensions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainSimilarity.create().withGamma(0))
        .withMessageContaining("gamma 0.0");
    DomainFeatures flat = domain("flat", 2, 3, new Random(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainSimilarity.create().between(LINE, flat))
        .withMessageContaining("3x2")
        .withMessageContaining("2x3");
  }

  static DomainFeatures domain(String name, int classes, int dimension, Random random) {
    return DomainFeatures.of(
        name,
        Collections.nCopies(classes, "class"),
        Instances.gaussianPoints(classes, dimension, random),
        Instances.counts(classes, 300, random));
  }
}
