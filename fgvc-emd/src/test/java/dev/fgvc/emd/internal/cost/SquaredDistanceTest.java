package dev.fgvc.emd.internal.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fgvc.emd.internal.vector.DistanceSums;
import dev.fgvc.emd.testing.Instances;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SquaredDistanceTest {

  private static final int MOST = 300;

  private final float[] a = Instances.gaussianPoints(1, MOST, new Random(1)).data;
  private final float[] b = Instances.gaussianPoints(1, MOST, new Random(2)).data;

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 64, 250})
  void sumsAllSquaredDifferences(int dimension) {
    double expected = 0;
    for (int k = 0; k < dimension; k++) {
      expected += Math.pow((double) a[3 + k] - b[5 + k], 2);
    }
    assertThat(SquaredDistance.of(a, 3, b, 5, dimension))
        .isCloseTo(expected, within(expected * 1e-14));
  }

  @Test
  void vectorsGiveTheBitsOfLoops() {
    assumeThat(VectorApi.isUsable() && DistanceSums.areUsable())
        .as("needs --add-modules jdk.incubator.vector and vectors of 256 bits")
        .isTrue();
    double[] expected = new double[DistanceSums.SUMS];
    double[] sums = new double[DistanceSums.SUMS];
    for (int whole = 0; whole <= 256; whole += DistanceSums.SUMS) {
      SquaredDistance.setByLoops(expected, a, 2, b, 1, whole);
      DistanceSums.set(sums, a, 2, b, 1, whole);
      assertThat(sums).isEqualTo(expected);
    }
  }
}
