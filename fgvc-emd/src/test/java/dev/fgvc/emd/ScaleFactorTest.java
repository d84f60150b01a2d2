package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.feature.DomainFeatures;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScaleFactorTest {

  @Test
  void theLogarithmicFactorGrowsToOneAtTheReference() {
    ScaleFactor factor = ScaleFactor.logarithmic(1000);
    assertThat(factor.of(1000, 5)).isEqualTo(1);
    assertThat(factor.of(1e6, 5)).isEqualTo(1);
    assertThat(factor.of(30, 5)).isCloseTo(Math.log(31) / Math.log(1001), within(1e-15));
    assertThat(factor.of(31, 5)).isGreaterThan(factor.of(30, 5));
  }

  @Test
  void similaritiesAreMultipliedAndDistancesAreNot() {
    Random random = new Random(1);
    DomainFeatures source = SourceSelectionTest.domain("source", 6, 3, random);
    DomainFeatures target = SourceSelectionTest.domain("target", 4, 3, random);
    Similarity plain = DomainSimilarity.create().between(source, target);
    Similarity scaled =
        DomainSimilarity.create()
            .withScaleFactor((sourceImages, targetImages) -> sourceImages / (sourceImages + 7))
            .withGamma(0.01)
            .between(source, target);
    double images = 0;
    for (double count : source.imageCounts()) {
      images += count;
    }
    assertThat(scaled.emd()).isEqualTo(plain.emd());
    assertThat(scaled.similarity())
        .isCloseTo(plain.similarity() * images / (images + 7), within(1e-15));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesAReferenceWithoutALogarithm(double reference) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ScaleFactor.logarithmic(reference))
        .withMessageContaining("reference images");
  }
}
