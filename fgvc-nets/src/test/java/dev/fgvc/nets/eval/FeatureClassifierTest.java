package dev.fgvc.nets.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureClassifierTest {

  private static final int HELD_OUT = 40;

  // scikit-learn 1.9.1: LogisticRegression(C=1/(penalty*n), tol=1e-10), after StandardScaler where
  // standardized. With two classes it fits one vector where there are two here: C is twice that.
  @ParameterizedTest
  @CsvSource({
    "60, 7, 3, 0.01, true, 0.345328794, 0.705585213, 9",
    "60, 7, 3, 0.1, false, 0.885583022, 0.854417603, 8",
    "30, 50, 5, 0.01, true, 0.076433169, 0.457395474, 6",
    "30, 50, 5, 0.001, false, 0.078567384, 0.450663985, 5",
    "200, 20, 10, 0.0001, true, 1.269681562, 4.216187083, 31",
    "40, 12, 2, 0.01, true, 0.151864227, 0.515909536, 8"
  })
  void probeFindsTheMinimumThatScikitLearnFinds(
      int images,
      int dimension,
      int classes,
      double penalty,
      boolean standardized,
      double loss,
      double heldOutLoss,
      int heldOutErrors) {
    LinearClassifier fitted =
        LinearProbe.create()
            .withPenalty(penalty)
            .withStandardization(standardized)
            .fit(features(images, dimension, classes, 0), classes);

    ImageFeatures heldOut = features(HELD_OUT, dimension, classes, 17);
    assertThat(fitted.hasConverged()).isTrue();
    assertThat(fitted.trainingLoss()).isCloseTo(loss, within(1e-7));
    assertThat(fitted.crossEntropy(heldOut)).isCloseTo(heldOutLoss, within(1e-4));
    assertThat(wrong(fitted, heldOut)).isEqualTo(heldOutErrors);
  }

  // scikit-learn 1.9.1: KNeighborsClassifier(1, metric=...), algorithm="brute".
  @ParameterizedTest
  @CsvSource({"60, 7, 3, 17, 15", "30, 50, 5, 6, 6", "200, 20, 10, 22, 24"})
  void nearestNeighborIsTheOneThatScikitLearnFinds(
      int images, int dimension, int classes, int euclidean, int cosine) {
    NearestNeighbors nearest =
        NearestNeighbors.of(features(images, dimension, classes, 0), classes).withNeighbors(1);

    ImageFeatures heldOut = features(HELD_OUT, dimension, classes, 17);
    assertThat(wrong(nearest, heldOut)).isEqualTo(euclidean);
    assertThat(wrong(nearest.withCosine(true), heldOut)).isEqualTo(cosine);
  }

  @Test
  void penaltyIsTheBestInCrossValidation() {
    // scikit-learn's held-out losses in these three folds: 0.822, 0.439, 0.390 and 0.712.
    LinearProbe probe =
        LinearProbe.create().tunedOn(features(90, 12, 3, 0), 3, List.of(0.001, 0.01, 0.1, 1.0), 3);

    assertThat(probe.penalty()).isEqualTo(0.1);
  }

  @Test
  void probeOfTheSameFeaturesHasTheSameBits() {
    ImageFeatures training = features(60, 70, 3, 0);
    ImageFeatures heldOut = features(HELD_OUT, 70, 3, 17);

    assertThat(LinearProbe.create().fit(training, 3).scores(heldOut.features()).data)
        .isEqualTo(LinearProbe.create().fit(training, 3).scores(heldOut.features()).data);
  }

  @Test
  void probeSaysWhereItDidNotConverge() {
    assertThat(
            LinearProbe.create().withPenalty(1e-300).fit(features(30, 50, 3, 0), 3).trainingLoss())
        .isBetween(0.0, 1e-4);
  }

  @Test
  void standardizationLeavesConstantFeaturesAlone() {
    ImageFeatures plain = features(60, 7, 3, 0);
    FMatrixRMaj wider = new FMatrixRMaj(60, 8);
    for (int i = 0; i < 60; i++) {
      System.arraycopy(plain.features().data, i * 7, wider.data, i * 8, 7);
      wider.set(i, 7, 0.1f);
    }

    assertThat(LinearProbe.create().fit(new ImageFeatures(wider, plain.labels()), 3).trainingLoss())
        .isCloseTo(LinearProbe.create().fit(plain, 3).trainingLoss(), within(1e-9));
  }

  @Test
  void votesDecideAndTheNearestDecidesAmongEqualVotes() {
    ImageFeatures line = line(new float[] {0, 1, 2, 3, 10}, 0, 1, 1, 0, 2);
    NearestNeighbors neighbors = NearestNeighbors.of(line, 3);

    ImageFeatures query = line(new float[] {0.4f}, 0);
    assertThat(wrong(neighbors.withNeighbors(1), query)).isZero();
    assertThat(wrong(neighbors.withNeighbors(2), query)).isZero();
    assertThat(wrong(neighbors.withNeighbors(3), query)).isEqualTo(1);
    assertThat(wrong(neighbors.withNeighbors(4), query)).isZero();
    assertThat(wrong(neighbors.withNeighbors(100), query)).isZero();
  }

  @Test
  void cosineIgnoresLengths() {
    FMatrixRMaj rays = new FMatrixRMaj(new float[][] {{1, 0}, {0, 1}});
    NearestNeighbors neighbors =
        NearestNeighbors.of(new ImageFeatures(rays, new int[] {0, 1}), 2).withNeighbors(1);
    FMatrixRMaj far = new FMatrixRMaj(new float[][] {{100, 99}, {0.1f, 0.2f}});
    ImageFeatures queries = new ImageFeatures(far, new int[] {0, 1});

    assertThat(wrong(neighbors.withCosine(true), queries)).isZero();
  }

  @Test
  void refusesClassesWithoutImagesWrongLabelsAndFeaturesThatAreNotNumbers() {
    ImageFeatures line = line(new float[] {0, 1, 2}, 0, 2, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinearProbe.create().fit(line, 3))
        .withMessage("class 1 has no image to learn from");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NearestNeighbors.of(line, 2))
        .withMessage("label 2 of image 1 is not from 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinearProbe.create().fit(line(new float[] {0, Float.NaN}, 0, 1), 2))
        .withMessage("feature 0 of image 1 is NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LinearProbe.create().tunedOn(line(new float[] {0, 1}, 0, 1), 2, List.of(1.0), 2))
        .withMessageContaining("no class has two images");
    LinearClassifier fitted = LinearProbe.create().fit(line(new float[] {0, 1}, 0, 1), 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fitted.scores(new FMatrixRMaj(1, 2)))
        .withMessage("features of dimension 2 for a classifier of dimension 1");
    assertThatIllegalArgumentException().isThrownBy(() -> LinearProbe.create().withPenalty(0));
  }

  private static long wrong(FeatureClassifier classifier, ImageFeatures images) {
    return Math.round(classifier.errors(images).top1().error() * images.labels().length);
  }

  private static ImageFeatures line(float[] values, int... labels) {
    return new ImageFeatures(new FMatrixRMaj(values.length, 1, true, values), labels);
  }

  /** Numbers that Python computes alike: a pattern, and a hint of the class. */
  private static ImageFeatures features(int images, int dimension, int classes, int shift) {
    FMatrixRMaj features = new FMatrixRMaj(images, dimension);
    for (int i = 0; i < images; i++) {
      for (int j = 0; j < dimension; j++) {
        double value = (i * i * 7 + j * j * 13 + i * j * 5 + shift) % 101 / 101.0;
        boolean hint = j % classes == i % classes && (i * 3 + j) % 4 != 0;
        features.set(i, j, (float) (value + (hint ? 0.4 : 0)));
      }
    }
    return new ImageFeatures(features, IntStream.range(0, images).map(i -> i % classes).toArray());
  }
}
