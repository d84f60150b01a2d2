package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.testing.InOtherLocales;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

@InOtherLocales
class DistanceScaleTest {

  private static final DomainFeatures ORIGIN = single("origin", 0);

  @Test
  void suggestsTheGammaThatMakesTheMedianSimilarityOneOverE() {
    DomainSimilarity paper = DomainSimilarity.create();
    List<DomainFeatures> sources =
        List.of(single("far", 700), single("near", 100), single("middle", 400));

    DistanceScale scale = paper.table(sources, List.of(ORIGIN)).distanceScale();

    assertThat(scale).isEqualTo(new DistanceScale(100, 400, 700));
    DomainSimilarity own = paper.withGamma(scale.suggestedGamma());
    assertThat(own.between(sources.get(2), ORIGIN).similarity())
        .isCloseTo(1 / Math.E, within(1e-12));
    assertThat(scale).asString().contains("similarities from 0.001 to 0.368", "gamma 0.0025");
  }

  @Test
  void anEvenNumberOfPairsHasTheMeanOfTheMiddleOnes() {
    List<DomainFeatures> sources = List.of(single("a", 1), single("b", 2));
    List<DomainFeatures> targets = List.of(ORIGIN, single("c", 10));

    // distances 1, 2, 9 and 8
    assertThat(DomainSimilarity.create().table(sources, targets).distanceScale().median())
        .isEqualTo(5);
  }

  @Test
  void saysWhenThereIsNothingToSuggest() {
    DomainSimilarity similarity = DomainSimilarity.create();

    DistanceScale zero = similarity.table(List.of(ORIGIN), List.of(ORIGIN)).distanceScale();

    assertThatIllegalStateException()
        .isThrownBy(zero::suggestedGamma)
        .withMessageContaining("median distance is 0.0");
    assertThat(zero).asString().endsWith("suggested gamma none");
    assertThatIllegalStateException()
        .isThrownBy(() -> similarity.table(List.of(), List.of(ORIGIN)).distanceScale())
        .withMessageContaining("no pair");
  }

  private static DomainFeatures single(String name, float place) {
    return DomainFeatures.of(
        name, List.of("0"), new FMatrixRMaj(1, 1, true, place), new double[] {1});
  }
}
