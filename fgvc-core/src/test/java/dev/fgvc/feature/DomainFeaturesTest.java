package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class DomainFeaturesTest {

  private static final DomainFeatures BIRDS =
      DomainFeatures.of(
          "birds",
          List.of("wren", "robin", "owl"),
          new FMatrixRMaj(new float[][] {{1, 2}, {3, 4}, {5, 6}}),
          new double[] {100, 300, 200});

  @Test
  void weightsAreSharesOfImages() {
    assertThat(BIRDS.weights()).containsExactly(100 / 600.0, 0.5, 200 / 600.0);
    assertThat(BIRDS.classCount()).isEqualTo(3);
    assertThat(BIRDS.dimension()).isEqualTo(2);
    assertThat(BIRDS).hasToString("birds (3 classes, dimension 2)");
  }

  @Test
  void averagesImagesOfEachClass() {
    FMatrixRMaj images = new FMatrixRMaj(new float[][] {{1, 0}, {5, 5}, {3, 4}, {7, 1}});
    DomainFeatures domain = DomainFeatures.fromImages("d", images, new int[] {1, 0, 1, 0});
    assertThat(domain.classMeans().data).containsExactly(6, 3, 2, 2);
    assertThat(domain.imageCounts()).containsExactly(2, 2);
    assertThat(domain.classNames()).containsExactly("0", "1");
  }

  @Test
  void sumsInDoublePrecision() {
    // In single precision 2^24 + 1 is 2^24, and the mean would stay behind.
    int images = 3000;
    FMatrixRMaj features = new FMatrixRMaj(images, 1);
    features.data[0] = 1 << 24;
    java.util.Arrays.fill(features.data, 1, images, 1);
    DomainFeatures domain = DomainFeatures.fromImages("d", features, new int[images]);
    assertThat(domain.classMeans().get(0, 0))
        .isCloseTo(((1 << 24) + images - 1) / (float) images, within(1e-3f));
  }

  @Test
  void streamingGivesWhatOneBatchGives() {
    FMatrixRMaj first = new FMatrixRMaj(new float[][] {{1, 2}, {3, 4}});
    FMatrixRMaj second = new FMatrixRMaj(new float[][] {{5, 6}});
    DomainFeatures domain =
        ClassMeans.ofDimension(2)
            .add(first, new int[] {0, 1})
            .add(second, new int[] {0})
            .toDomain("d", List.of("a", "b"));
    assertThat(domain.classMeans().data).containsExactly(3, 4, 3, 4);
    assertThat(domain.imageCounts()).containsExactly(2, 1);
    assertThat(domain.classNames()).containsExactly("a", "b");
  }

  @Test
  void keepsOnlyClassesOfEnoughImages() {
    DomainFeatures large = BIRDS.withMinImages(200);
    assertThat(large.classNames()).containsExactly("robin", "owl");
    assertThat(large.classMeans().data).containsExactly(3, 4, 5, 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BIRDS.withMinImages(301))
        .withMessageContaining("no class of 301 images; its largest has 300.0");
  }

  @Test
  void joinsTwoDomains() {
    DomainFeatures both = BIRDS.concat("both", BIRDS.select("owls", new int[] {2}));
    assertThat(both.classNames()).containsExactly("wren", "robin", "owl", "owl");
    assertThat(both.imageCounts()).containsExactly(100, 300, 200, 200);
    assertThat(both.classMeans().data).containsExactly(1, 2, 3, 4, 5, 6, 5, 6);
    DomainFeatures flat =
        DomainFeatures.of("flat", List.of("x"), new FMatrixRMaj(1, 1), new double[] {1});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BIRDS.concat("bad", flat))
        .withMessageContaining("birds of dimension 2 and flat of dimension 1");
  }

  @Test
  void refusesToJoinCountsWhoseSumOverflows() {
    DomainFeatures huge =
        DomainFeatures.of("huge", List.of("x"), new FMatrixRMaj(1, 1), new double[] {1.5e308});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> huge.concat("twice", huge))
        .withMessageContaining("twice: the sum of image counts overflows");
  }

  @Test
  void selectsInTheOrderAsked() {
    assertThat(BIRDS.select("s", new int[] {2, 0}).classNames()).containsExactly("owl", "wren");
    assertThatIllegalArgumentException().isThrownBy(() -> BIRDS.select("s", new int[] {}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BIRDS.select("s", new int[] {1, 1}))
        .withMessageContaining("class index 1 at position 1");
    assertThatIllegalArgumentException().isThrownBy(() -> BIRDS.select("s", new int[] {3}));
  }

  @Test
  void isNotChangedThroughWhatItTookOrGave() {
    FMatrixRMaj means = new FMatrixRMaj(new float[][] {{1, 2}});
    double[] counts = {4};
    DomainFeatures domain = DomainFeatures.of("d", List.of("c"), means, counts);
    means.set(0, 0, 9);
    counts[0] = 9;
    domain.classMeans().set(0, 1, 9);
    domain.imageCounts()[0] = 9;
    assertThat(domain.classMeans().data).containsExactly(1, 2);
    assertThat(domain.imageCounts()).containsExactly(4);
  }

  @Test
  void refusesSizesThatDisagreeAndBadValues() {
    FMatrixRMaj means = new FMatrixRMaj(2, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainFeatures.of("d", List.of("a"), means, new double[] {1, 1}))
        .withMessageContaining("2 rows of means, 1 class names, 2 image counts");
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DomainFeatures.of("d", List.of("a", "b"), means, new double[] {1, bad}))
          .withMessageContaining("class 1 (b) of domain d has image count " + bad);
    }
    FMatrixRMaj nan = new FMatrixRMaj(new float[][] {{0, Float.NaN}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainFeatures.of("d", List.of("a"), nan, new double[] {1}))
        .withMessageContaining("feature 1 is NaN");
  }

  /** The authors' notebook takes labels so, and so do the readers of files. */
  @Test
  void labelsWithGapsBecomeClassesInAscendingOrder() {
    FMatrixRMaj images = new FMatrixRMaj(new float[][] {{6}, {1}, {3}, {2}});
    int[] labels = {7, 1, 7, 2};
    DomainFeatures domain = DomainFeatures.fromImages("d", images, labels);
    assertThat(domain.classNames()).containsExactly("1", "2", "7");
    assertThat(domain.classMeans().data).containsExactly(1, 2, 4.5f);
    assertThat(domain.imageCounts()).containsExactly(1, 1, 2);

    ClassMeans means = ClassMeans.ofDimension(1).add(images, labels);
    assertThat(means.toDomain("d").classNames()).containsExactly("1", "2", "7");
    List<String> names = List.of("a", "b", "c", "d", "e", "f", "g", "h");
    assertThatIllegalStateException()
        .isThrownBy(() -> means.toDomain("d", names))
        .withMessageContaining("class 0 (a) of domain d has no images");
  }

  @Test
  void refusesBadImagesAndLabels() {
    FMatrixRMaj images = new FMatrixRMaj(2, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainFeatures.fromImages("d", images, new int[] {0}))
        .withMessageContaining("1 labels for 2 rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainFeatures.fromImages("d", images, new int[] {0, -1}))
        .withMessageContaining("label -1 of image 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainFeatures.fromImages("d", new FMatrixRMaj(0, 2), new int[0]));
    assertThatIllegalStateException()
        .isThrownBy(() -> ClassMeans.ofDimension(2).toDomain("d"))
        .withMessageContaining("no images");
  }
}
