package dev.fgvc.emd.internal.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.testing.Instances;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EuclideanBoundsTest {

  @ParameterizedTest
  @CsvSource({"37, 1100, 5", "50, 600, 131", "21, 33, 2048", "1, 1, 1"})
  void boundsAreCloseBelowTheDistances(int rows, int columns, int dimension) {
    Random random = new Random(dimension);
    FMatrixRMaj source = Instances.gaussianPoints(rows, dimension, random);
    FMatrixRMaj target = Instances.gaussianPoints(columns, dimension, random);
    assertBounds(source, target, 1e-3);
  }

  @Test
  void boundsStayBelowWhereProductsCancel() {
    Random random = new Random(3);
    FMatrixRMaj source = Instances.gaussianPoints(40, 64, random);
    FMatrixRMaj target = source.copy();
    for (int k = 0; k < 32 * 64; k++) {
      target.data[k] += 1e-5f * (float) random.nextGaussian();
    }
    assertBounds(source, target, 1);
  }

  @ParameterizedTest
  @CsvSource({"1e30f", "3e38f", "1e-30f", "1e-44f"})
  void boundsHoldAtTheEndsOfTheRange(float size) {
    Random random = new Random(4);
    FMatrixRMaj source = Instances.gaussianPoints(20, 16, random);
    FMatrixRMaj target = Instances.gaussianPoints(30, 16, random);
    for (FMatrixRMaj points : new FMatrixRMaj[] {source, target}) {
      for (int k = 0; k < points.getNumElements(); k++) {
        points.data[k] = Math.max(-1, Math.min(1, points.data[k] / 4)) * size;
      }
    }
    assertBounds(source, target, 1);
  }

  @Test
  void aLargeCommonOffsetCostsNoPrecision() {
    Random random = new Random(5);
    FMatrixRMaj source = Instances.gaussianPoints(20, 32, random);
    FMatrixRMaj target = Instances.gaussianPoints(30, 32, random);
    for (FMatrixRMaj points : new FMatrixRMaj[] {source, target}) {
      for (int k = 0; k < points.getNumElements(); k++) {
        points.data[k] += 1000;
      }
    }
    assertBounds(source, target, 1e-4);
  }

  @Test
  void chosenColumnsAreThoseColumns() {
    Random random = new Random(6);
    FMatrixRMaj source = Instances.gaussianPoints(9, 7, random);
    FMatrixRMaj target = Instances.gaussianPoints(12, 7, random);
    EuclideanBounds all = EuclideanBounds.between(Points.of(source), Points.of(target));
    int[] columns = {11, 0, 5};
    CostMatrix chosen = all.withColumns(columns);
    for (int i = 0; i < 9; i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(chosen.get(i, j)).isEqualTo(all.get(i, columns[j]));
      }
    }
    assertThat(chosen.columns()).isEqualTo(3);
  }

  /** Few enough to be kept, visited by several threads at once and in part before. */
  @Test
  void rowsAreTheSameEachTimeTheyAreVisited() {
    Random random = new Random(7);
    FMatrixRMaj source = Instances.gaussianPoints(200, 64, random);
    FMatrixRMaj target = Instances.gaussianPoints(90, 64, random);
    double[][] expected = visited(EuclideanBounds.between(Points.of(source), Points.of(target)));
    EuclideanBounds bounds = EuclideanBounds.between(Points.of(source), Points.of(target));
    bounds.visit(new int[] {150, 3, 3, 40}, 0, 4, (row, values, offset) -> {});
    IntStream.range(0, 8)
        .parallel()
        .forEach(time -> assertThat(visited(bounds)).isDeepEqualTo(expected));
  }

  private static double[][] visited(EuclideanBounds bounds) {
    double[][] rows = new double[bounds.rows()][];
    bounds.visit(
        bounds.allRows(),
        0,
        rows.length,
        (row, values, offset) ->
            rows[row] = Arrays.copyOfRange(values, offset, offset + bounds.columns()));
    return rows;
  }

  private static void assertBounds(FMatrixRMaj source, FMatrixRMaj target, double closeness) {
    EuclideanBounds bounds = EuclideanBounds.between(Points.of(source), Points.of(target));
    // Every other row, backwards: the order is the caller's.
    int[] rows = new int[(source.numRows + 1) / 2];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = 2 * (rows.length - 1 - k);
    }
    int[] visited = {0};
    bounds.visit(
        rows,
        0,
        rows.length,
        (row, values, offset) -> {
          assertThat(row).isEqualTo(rows[visited[0]++]);
          for (int j = 0; j < target.numRows; j++) {
            double distance = bounds.get(row, j);
            assertThat(values[offset + j])
                .as("bound (%d, %d)", row, j)
                .isBetween(distance * (1 - closeness), distance);
          }
        });
    assertThat(visited[0]).isEqualTo(rows.length);
  }
}
