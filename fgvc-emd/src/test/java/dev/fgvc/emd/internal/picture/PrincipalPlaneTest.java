package dev.fgvc.emd.internal.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class PrincipalPlaneTest {

  @Test
  void planeIsThatOfTheTwoLargestVariances() {
    Random random = new Random(5);
    FMatrixRMaj points = new FMatrixRMaj(300, 40);
    double[] weights = new double[300];
    for (int i = 0; i < 300; i++) {
      weights[i] = 1 + random.nextInt(3);
      for (int k = 0; k < 40; k++) {
        double deviation = k == 17 ? 9 : k == 3 ? 4 : 0.3;
        points.set(i, k, (float) (7 + deviation * random.nextGaussian()));
      }
    }
    double[][] places = PrincipalPlane.coordinates(points, weights);
    assertThat(Math.abs(correlation(points, 17, places, 0))).isCloseTo(1, within(1e-2));
    assertThat(Math.abs(correlation(points, 3, places, 1))).isCloseTo(1, within(1e-2));
  }

  @Test
  void planeOfIdenticalOrOneDimensionalPointsIsFlat() {
    FMatrixRMaj same = new FMatrixRMaj(4, 3);
    same.fill(2);
    assertThat(PrincipalPlane.coordinates(same, new double[] {1, 1, 1, 1}))
        .isDeepEqualTo(new double[4][2]);
    FMatrixRMaj line = new FMatrixRMaj(new float[][] {{0}, {3}});
    double[][] places = PrincipalPlane.coordinates(line, new double[] {1, 2});
    assertThat(Math.abs(places[0][0] - places[1][0])).isCloseTo(3, within(1e-12));
    assertThat(places[0][1]).isZero();
  }

  private static double correlation(FMatrixRMaj points, int feature, double[][] places, int axis) {
    int n = places.length;
    double meanA = IntStream.range(0, n).mapToDouble(i -> points.get(i, feature)).sum() / n;
    double meanB = IntStream.range(0, n).mapToDouble(i -> places[i][axis]).sum() / n;
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < n; i++) {
      double a = points.get(i, feature) - meanA;
      double b = places[i][axis] - meanB;
      ab += a * b;
      aa += a * a;
      bb += b * b;
    }
    return ab / Math.sqrt(aa * bb);
  }
}
