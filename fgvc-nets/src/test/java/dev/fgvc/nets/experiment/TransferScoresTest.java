package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.eval.Predictions;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;

class TransferScoresTest {

  private static final int CLASSES = 3;

  @Test
  void logMeIsTheLargestEvidenceThatNumPyFinds() {
    FMatrixRMaj features = new FMatrixRMaj(12, 5);
    for (int i = 0; i < 12; i++) {
      for (int j = 0; j < 5; j++) {
        double value = (i * i * 7 + j * j * 13 + i * j * 5) % 11 / 11.0;
        features.set(i, j, (float) (value + (i % CLASSES == j ? 1 : 0)));
      }
    }

    // A direct search over both variances with the density of a 12-dimensional Gaussian, in NumPy.
    assertThat(TransferScores.logMe(new ImageFeatures(features, labels(12)), CLASSES))
        .isCloseTo(-0.42317611946743194, within(1e-5));
  }

  @Test
  void evidenceIsTheDensityOfTheTargetsUnderTheModel() {
    long seed = 11;
    Random random = new Random(seed);
    for (int dimension : new int[] {4, 10, 25}) {
      int images = 10;
      DMatrixRMaj features = new DMatrixRMaj(images, dimension);
      DMatrixRMaj targets = new DMatrixRMaj(images, 1);
      for (int i = 0; i < images; i++) {
        for (int j = 0; j < dimension; j++) {
          features.set(i, j, random.nextGaussian());
        }
        targets.data[i] = features.get(i, 0) + random.nextGaussian();
      }
      var svd = DecompositionFactory_DDRM.svd(images, dimension, true, true, true);
      svd.decompose(features.copy());
      double[] sigma =
          Arrays.stream(svd.getSingularValues(), 0, svd.numberOfSingularValues())
              .map(s -> s * s)
              .toArray();
      DMatrixRMaj left = svd.getU(null, true);
      DMatrixRMaj projected = new DMatrixRMaj(sigma.length, 1);
      CommonOps_DDRM.mult(left, targets, projected);
      double norm = Arrays.stream(targets.data).map(t -> t * t).sum();

      TransferScores.Evidence evidence =
          TransferScores.Evidence.largest(sigma, projected.data, norm, images, dimension);

      assertThat(images * evidence.perImage())
          .as("seed %d, dimension %d", seed, dimension)
          .isCloseTo(
              logDensity(features, targets, evidence.alpha(), evidence.beta()), within(0.02));
    }
  }

  @Test
  void leepIsWhatNumPySays() {
    FMatrixRMaj probabilities = new FMatrixRMaj(12, 4);
    for (int i = 0; i < 12; i++) {
      double[] row = new double[4];
      for (int z = 0; z < 4; z++) {
        row[z] = 1 + (i * 7 + z * 3) % 5;
      }
      double total = Arrays.stream(row).sum();
      for (int z = 0; z < 4; z++) {
        probabilities.set(i, z, (float) (row[z] / total));
      }
    }

    assertThat(TransferScores.leep(new Predictions(probabilities, labels(12)), CLASSES))
        .isCloseTo(-1.0874602567706597, within(1e-6));
  }

  @Test
  void leepIsZeroWhereSourceClassesTellTheTargetApart() {
    FMatrixRMaj certain = new FMatrixRMaj(6, CLASSES);
    for (int i = 0; i < 6; i++) {
      certain.set(i, (i + 1) % CLASSES, 1);
    }

    assertThat(TransferScores.leep(new Predictions(certain, labels(6)), CLASSES)).isZero();
  }

  @Test
  void rankCorrelationTakesMeanRanksForEqualValues() {
    // scipy.stats.spearmanr
    assertThat(
            TransferScores.rankCorrelation(
                new double[] {3, 1, 4, 1, 5}, new double[] {9, 2, 6, 5, 3}))
        .isCloseTo(0.20519567041703085, within(1e-12));
    assertThat(TransferScores.rankCorrelation(new double[] {1, 2, 9}, new double[] {7, 5, 4}))
        .isEqualTo(-1);
    assertThat(TransferScores.rankCorrelation(new double[] {1, 2}, new double[] {3, 3})).isNaN();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TransferScores.rankCorrelation(new double[] {1}, new double[] {1}));
  }

  private static int[] labels(int images) {
    return IntStream.range(0, images).map(i -> i % CLASSES).toArray();
  }

  /** Returns the log density of targets with mean 0 and covariance I / beta + F F' / alpha. */
  private static double logDensity(
      DMatrixRMaj features, DMatrixRMaj targets, double alpha, double beta) {
    int n = features.numRows;
    DMatrixRMaj covariance = new DMatrixRMaj(n, n);
    CommonOps_DDRM.multTransB(1 / alpha, features, features, covariance);
    for (int i = 0; i < n; i++) {
      covariance.add(i, i, 1 / beta);
    }
    DMatrixRMaj solved = new DMatrixRMaj(n, 1);
    CommonOps_DDRM.solve(covariance, targets, solved);
    double quadratic = 0;
    for (int i = 0; i < n; i++) {
      quadratic += targets.data[i] * solved.data[i];
    }
    return -(n * Math.log(2 * Math.PI) + Math.log(CommonOps_DDRM.det(covariance)) + quadratic) / 2;
  }
}
