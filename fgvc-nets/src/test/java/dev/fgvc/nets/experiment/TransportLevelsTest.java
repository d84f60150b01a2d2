package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.ImageDomain;
import dev.fgvc.testing.InOtherLocales;
import java.util.List;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

@InOtherLocales
class TransportLevelsTest {

  @Test
  void classesOfOneImageEachGiveTheSameOnBothLevels() {
    ImageDomain source = new ImageDomain("s", column(0, 1, 5), new int[] {0, 1, 2});
    ImageDomain target = new ImageDomain("t", column(2, 3), new int[] {0, 1});

    TransportLevels.Pair pair =
        TransportLevels.compare(List.of(source), List.of(target)).pairs().get(0);

    // thirds of 0, 1, 5 to halves of 2, 3: in order, 2/3 + 1/6 + 2/6 + 2/3
    assertThat(pair.classEmd()).isCloseTo(11 / 6.0, within(1e-6));
    assertThat(pair.imageEmd()).isCloseTo(pair.classEmd(), within(1e-9));
  }

  @Test
  void wideClassesWithTheSameMeansAreOnlyToldApartByTheirImages() {
    ImageDomain wide = new ImageDomain("wide", column(-4, 4), new int[] {0, 0});
    ImageDomain narrow = new ImageDomain("narrow", column(-1, 1), new int[] {0, 0});

    TransportLevels levels = TransportLevels.compare(List.of(wide), List.of(narrow));

    assertThat(levels.pairs().get(0).classEmd()).isZero();
    assertThat(levels.pairs().get(0).imageEmd()).isCloseTo(3, within(1e-9));
    assertThat(levels).asString().contains("wide", "narrow", "2 x 2");
  }

  @Test
  void eachPairLiesWithinWhatItsClassMeansTell() {
    Random random = new Random(11);
    List<ImageDomain> domains =
        List.of(noise("a", random, 0), noise("b", random, 1), noise("c", random, 3));

    TransportLevels levels = TransportLevels.compare(domains, domains);

    assertThat(levels.pairs())
        .hasSize(9)
        .allSatisfy(
            pair ->
                assertThat(pair.imageEmd())
                    .isBetween(pair.lowerBound() - 1e-9, pair.upperBound() + 1e-9))
        .allSatisfy(pair -> assertThat(pair.imageGap()).isLessThan(1e-9));
    assertThat(levels.rankCorrelation()).isGreaterThan(0.8);
  }

  private static ImageDomain noise(String name, Random random, double offset) {
    FMatrixRMaj features = new FMatrixRMaj(60, 8);
    int[] labels = new int[60];
    for (int i = 0; i < 60; i++) {
      labels[i] = i % 5;
      for (int k = 0; k < 8; k++) {
        features.set(i, k, (float) (offset + labels[i] + random.nextGaussian()));
      }
    }
    return new ImageDomain(name, features, labels);
  }

  private static FMatrixRMaj column(float... values) {
    return new FMatrixRMaj(values.length, 1, true, values);
  }
}
