package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.testing.Instances;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.testing.InOtherLocales;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

@InOtherLocales
class SetSelectionTest {

  private final SetSelection selection = SetSelection.create();

  @Test
  void coversBothEndsWhereSingleClassesCrowdTheMiddle() {
    // The target is at -5 and 5. Alone, classes near 0 are as good as any; together they are bad.
    DomainFeatures target = line("target", -5, 5);
    DomainFeatures source = line("source", -5.5f, 0, 0.1f, 5.5f);
    int[] greedy = SourceSelection.create().topK(source, target, 2);
    SelectedSet set = selection.withFreeWeights(source, target, 2);
    assertThat(set.classes()).containsExactly(0, 3);
    assertThat(set.emd()).isCloseTo(0.5, within(1e-6));
    assertThat(set.weights()).containsExactly(0.5, 0.5);
    assertThat(greedy).isNotEqualTo(set.classes());
    assertThat(selection.withImageCounts(source, target, 2).classes()).containsExactly(0, 3);
  }

  @Test
  void neverDoesWorseThanRankingClassesOneByOne() {
    Random random = new Random(8);
    for (int round = 0; round < 20; round++) {
      DomainFeatures source = SourceSelectionTest.domain("s", 30, 3, random);
      DomainFeatures target = SourceSelectionTest.domain("t", 12, 3, random);
      int k = 1 + random.nextInt(29);
      DomainFeatures ranked =
          source.select("ranked", SourceSelection.create().topK(source, target, k));
      double emd = DomainSimilarity.create().between(ranked, target).emd();
      SelectedSet counts = selection.withImageCounts(source, target, k);
      SelectedSet free = selection.withFreeWeights(source, target, k);
      assertThat(counts.emd()).isLessThanOrEqualTo(emd * (1 + 1e-12));
      assertThat(Arrays.stream(counts.weights()).sum()).isCloseTo(1, within(1e-12));
      assertThat(Arrays.stream(free.weights()).sum()).isCloseTo(1, within(1e-12));
      DomainFeatures chosen = source.select("chosen", counts.classes());
      assertThat(DomainSimilarity.create().between(chosen, target).emd())
          .isCloseTo(counts.emd(), within(1e-12));
    }
  }

  @Test
  void takesAnotherGroundDistance() {
    DomainFeatures target = line("target", 0);
    DomainFeatures source = line("source", 1, 50);
    GroundDistance far =
        (from, to) -> {
          DMatrixRMaj near = GroundDistances.ejml().between(from, to);
          CommonOps_DDRM.changeSign(near);
          CommonOps_DDRM.add(near, 100);
          return near;
        };

    SetSelection other = selection.withGroundDistance(far);

    assertThat(selection.withImageCounts(source, target, 1).classes()).containsExactly(0);
    assertThat(other.withImageCounts(source, target, 1).classes()).containsExactly(1);
    assertThat(other.withFreeWeights(source, target, 1).emd()).isEqualTo(50);
  }

  @Test
  void refusesASizeOutOfRange() {
    DomainFeatures domain = line("d", 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> selection.withFreeWeights(domain, domain, 3))
        .withMessageContaining("from 1 to 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> selection.withImageCounts(domain, domain, 0));
  }

  @Test
  void tableHoldsEachPair() {
    DomainFeatures a = line("a", 0, 1);
    DomainFeatures b = line("b", 3);
    DomainFeatures c = line("c", 7, 8, 9);
    SimilarityTable table =
        DomainSimilarity.create().withGamma(0.1).table(List.of(a, b), List.of(b, c, a));
    assertThat(table.get(0, 0).emd()).isCloseTo(2.5, within(1e-12));
    assertThat(table.get(1, 1).emd()).isCloseTo(5, within(1e-12));
    assertThat(table.get(0, 2).similarity()).isEqualTo(1);
    assertThat(table.toString().lines()).hasSize(3);
    assertThat(table.toString()).contains("0.779").contains("1.000");
  }

  @Test
  void bootstrapIntervalsHoldTheEstimateAndComeAgain() {
    Random random = new Random(12);
    ImageDomain source = images("s", 0, random);
    ImageDomain target = images("t", 4, random);
    DomainSimilarity similarity = DomainSimilarity.create();
    SimilarityInterval interval =
        SimilarityInterval.bootstrap(similarity, source, target, 100, 0.9, 1);
    assertThat(interval.estimate().emd()).isBetween(interval.lowEmd(), interval.highEmd());
    assertThat(interval.highEmd() - interval.lowEmd()).isBetween(0.01, 1.0);
    assertThat(interval.lowSimilarity()).isLessThan(interval.highSimilarity());
    assertThat(SimilarityInterval.bootstrap(similarity, source, target, 100, 0.9, 1).lowEmd())
        .isEqualTo(interval.lowEmd());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SimilarityInterval.bootstrap(similarity, source, target, 5, 0.9, 1));
  }

  @Test
  void replicatesComputedApartMakeTheSameInterval() {
    Random random = new Random(12);
    ImageDomain source = images("s", 0, random);
    ImageDomain target = images("t", 4, random);
    DomainSimilarity similarity = DomainSimilarity.create();
    double[] apart = new double[30];
    for (int replicate = 29; replicate >= 0; replicate--) {
      apart[29 - replicate] =
          SimilarityInterval.replicate(similarity, source, target, 8, replicate);
    }

    SimilarityInterval interval =
        SimilarityInterval.of(
            similarity,
            similarity.between(source.classMeans(), target.classMeans()),
            apart,
            0.8,
            SimilarityInterval.Method.BIAS_CORRECTED);

    assertThat(interval)
        .usingRecursiveComparison()
        .ignoringFields("estimate")
        .isEqualTo(SimilarityInterval.bootstrap(similarity, source, target, 30, 0.8, 8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SimilarityInterval.replicate(similarity, source, target, 8, -1));
  }

  /** So few images that resampled class means scatter further than the domains are apart. */
  @Test
  void theIntervalHoldsTheEstimateAlsoWhereAllResampledDistancesAreLarger() {
    Random random = new Random(13);
    ImageDomain source = fewImages("s", random);
    ImageDomain target = fewImages("t", random);
    DomainSimilarity similarity = DomainSimilarity.create();
    SimilarityInterval plain =
        SimilarityInterval.bootstrap(
            similarity, source, target, 200, 0.9, 1, SimilarityInterval.Method.PERCENTILE);
    double emd = plain.estimate().emd();
    assertThat(plain.lowEmd()).isGreaterThan(emd);
    SimilarityInterval corrected =
        SimilarityInterval.bootstrap(similarity, source, target, 200, 0.9, 1);
    assertThat(corrected.lowEmd()).isLessThan(emd);
    assertThat(corrected.highEmd()).isGreaterThan(emd);
    assertThat(corrected.estimate().similarity())
        .isBetween(corrected.lowSimilarity(), corrected.highSimilarity());
    assertThat(corrected.highEmd() - corrected.lowEmd())
        .isCloseTo(plain.highEmd() - plain.lowEmd(), within(1e-12));
  }

  private static ImageDomain fewImages(String name, Random random) {
    FMatrixRMaj features = Instances.gaussianPoints(40, 16, random);
    int[] labels = new int[40];
    Arrays.setAll(labels, i -> i % 10);
    return new ImageDomain(name, features, labels);
  }

  private static ImageDomain images(String name, float offset, Random random) {
    FMatrixRMaj features = Instances.gaussianPoints(400, 2, random);
    int[] labels = new int[400];
    for (int i = 0; i < 400; i++) {
      labels[i] = i % 4;
      features.data[2 * i] += offset + 3 * labels[i];
    }
    return new ImageDomain(name, features, labels);
  }

  private static DomainFeatures line(String name, float... places) {
    FMatrixRMaj means = new FMatrixRMaj(places.length, 1);
    System.arraycopy(places, 0, means.data, 0, places.length);
    double[] counts = new double[places.length];
    Arrays.fill(counts, 10);
    return DomainFeatures.of(
        name, java.util.Collections.nCopies(places.length, "c"), means, counts);
  }
}
