package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.testing.Instances;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The promises of every Euclidean ground distance. */
abstract class EuclideanContract {

  private final GroundDistance euclidean;
  private final IntToDoubleFunction relativeError;

  /**
   * Tests a distance.
   *
   * @param relativeError what is promised for a dimension
   */
  EuclideanContract(GroundDistance euclidean, IntToDoubleFunction relativeError) {
    this.euclidean = euclidean;
    this.relativeError = relativeError;
  }

  /** In double precision. */
  EuclideanContract(GroundDistance euclidean) {
    this(euclidean, dimension -> 1.2e-14 * (dimension + 8));
  }

  @Test
  void measuresThreeFourFive() {
    FMatrixRMaj origin = new FMatrixRMaj(new float[][] {{0, 0}, {3, 0}});
    FMatrixRMaj points = new FMatrixRMaj(new float[][] {{3, 4}, {0, 0}, {3, 0}});
    DMatrixRMaj distance = euclidean.between(origin, points);
    assertThat(distance.get(0, 0)).isCloseTo(5, within(5 * relativeError.applyAsDouble(2)));
    assertThat(distance.get(0, 1)).isZero();
    assertThat(distance.get(1, 0)).isCloseTo(4, within(4 * relativeError.applyAsDouble(2)));
    assertThat(distance.get(1, 2)).isZero();
  }

  @Test
  void refusesMoreThanTheHeapHoldsWithTheSizeAndTheFix() {
    int points = (int) Math.sqrt(Runtime.getRuntime().maxMemory() / 4.0) + 1;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> euclidean.between(new FMatrixRMaj(points, 1), new FMatrixRMaj(points, 1)))
        .withMessageStartingWith("distances of " + points + " x " + points + " points take")
        .withMessageContaining("raise it by -Xmx, or call ExactEmd.solveEuclidean");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,5", "7,513,6", "5,1030,3", "40,30,2048", "33,17,64", "4100,3,2048"})
  void agreesWithTheDirectSumAtAnyShape(int m, int n, int dimension) {
    Random random = new Random(m + 31L * n + dimension);
    compareWithDirectSum(
        Instances.gaussianPoints(m, dimension, random),
        Instances.gaussianPoints(n, dimension, random));
  }

  @ParameterizedTest
  @ValueSource(floats = {1e3f, 1e6f, -1e7f})
  void keepsItsPrecisionUnderALargeCommonOffset(float offset) {
    Random random = new Random(5);
    FMatrixRMaj a = Instances.gaussianPoints(20, 64, random);
    FMatrixRMaj b = Instances.gaussianPoints(30, 64, random);
    for (FMatrixRMaj points : new FMatrixRMaj[] {a, b}) {
      for (int k = 0; k < points.getNumElements(); k++) {
        points.data[k] += offset;
      }
    }
    compareWithDirectSum(a, b);
  }

  @Test
  void keepsItsPrecisionForClosePointsFarFromTheMean() {
    // Two tight clusters far apart: centring cannot help, only the direct sum does.
    Random random = new Random(6);
    FMatrixRMaj a = Instances.gaussianPoints(20, 16, random);
    FMatrixRMaj b = Instances.gaussianPoints(24, 16, random);
    for (FMatrixRMaj points : new FMatrixRMaj[] {a, b}) {
      for (int k = 0; k < points.getNumElements(); k++) {
        points.data[k] = 1e-3f * points.data[k] + (k / 16 % 2 == 0 ? 5000f : -5000f);
      }
    }
    compareWithDirectSum(a, b);
  }

  /** From pairs that are summed directly to pairs far apart, and those just beyond the limit. */
  @ParameterizedTest
  @ValueSource(ints = {16, 2048})
  void keepsItsPrecisionForPairsOfAnyCloseness(int dimension) {
    Random random = new Random(9);
    FMatrixRMaj a = Instances.gaussianPoints(30, dimension, random);
    FMatrixRMaj b = a.copy();
    for (int i = 0; i < 30; i++) {
      float closeness = (float) Math.pow(10, -i / 5.0);
      for (int k = 0; k < dimension; k++) {
        b.data[i * dimension + k] += closeness * (float) random.nextGaussian();
      }
    }
    compareWithDirectSum(a, b);
  }

  @Test
  void identicalPointsAreExactlyZeroApart() {
    FMatrixRMaj points = Instances.gaussianPoints(700, 37, new Random(7));
    DMatrixRMaj distance = euclidean.between(points, points);
    for (int i = 0; i < points.numRows; i++) {
      assertThat(distance.get(i, i)).isZero();
    }
  }

  @Test
  void refusesUnequalDimensionsAndBadValues() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> euclidean.between(new FMatrixRMaj(2, 3), new FMatrixRMaj(4, 5)))
        .withMessageContaining("2x3")
        .withMessageContaining("4x5");
    FMatrixRMaj bad = new FMatrixRMaj(2, 3);
    bad.set(1, 2, Float.NaN);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> euclidean.between(new FMatrixRMaj(2, 3), bad))
        .withMessageContaining("target point 1: feature 2 is NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> euclidean.between(new FMatrixRMaj(0, 3), new FMatrixRMaj(1, 3)));
  }

  private void compareWithDirectSum(FMatrixRMaj a, FMatrixRMaj b) {
    DMatrixRMaj distance = euclidean.between(a, b);
    for (int i = 0; i < a.numRows; i++) {
      for (int j = 0; j < b.numRows; j++) {
        double sum = 0;
        for (int k = 0; k < a.numCols; k++) {
          double difference = (double) a.get(i, k) - b.get(j, k);
          sum += difference * difference;
        }
        double direct = Math.sqrt(sum);
        assertThat(Math.abs(distance.get(i, j) - direct))
            .as("pair (%d, %d)", i, j)
            .isLessThanOrEqualTo(relativeError.applyAsDouble(a.numCols) * direct);
      }
    }
  }
}
