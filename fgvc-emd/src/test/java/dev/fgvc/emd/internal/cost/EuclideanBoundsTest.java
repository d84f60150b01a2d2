package dev.fgvc.emd.internal.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.testing.Instances;
import dev.fgvc.feature.FeatureRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Visited by several threads at once and in part before; some, all or none of them are kept. */
  @ParameterizedTest
  @ValueSource(ints = {0, 70, 200})
  void rowsAreTheSameEachTimeTheyAreVisited(int kept) {
    Random random = new Random(7);
    Points source = Points.of(Instances.gaussianPoints(200, 64, random));
    Points target = Points.of(Instances.gaussianPoints(90, 64, random));
    double[][] expected = visited(EuclideanBounds.between(source, target));
    EuclideanBounds bounds = EuclideanBounds.between(source, target, kept);
    List<Integer> order = new ArrayList<>();
    bounds.visit(new int[] {150, 3, 3, 40}, 0, 4, (row, values, offset) -> order.add(row));
    assertThat(order).containsExactly(150, 3, 3, 40);
    IntStream.range(0, 8)
        .parallel()
        .forEach(time -> assertThat(visited(bounds)).isDeepEqualTo(expected));
    // So few that they are computed anew, and so many that they are taken from all.
    for (int count : new int[] {3, 30}) {
      int[] columns = IntStream.range(0, count).map(j -> (89 + 37 * j) % 90).toArray();
      double[][] chosen = visited(bounds.withColumns(columns));
      for (int i = 0; i < 200; i++) {
        for (int j = 0; j < count; j++) {
          assertThat(chosen[i][j]).isEqualTo(expected[i][columns[j]]);
        }
      }
    }
  }

  @Test
  void rowsThatAreKeptAreComputedOnce() {
    Random random = new Random(8);
    FeatureRows source = FeatureRows.of(Instances.gaussianPoints(50, 8, random));
    int[] read = {0};
    Points counted =
        Points.of(
            new FeatureRows() {
              @Override
              public int count() {
                return source.count();
              }

              @Override
              public int dimension() {
                return source.dimension();
              }

              @Override
              public void copyRow(int row, float[] into, int offset) {
                read[0]++;
                source.copyRow(row, into, offset);
              }
            });
    Points target = Points.of(Instances.gaussianPoints(20, 8, random));
    EuclideanBounds bounds = EuclideanBounds.between(counted, target, 30);
    int before = read[0];
    for (int pass = 0; pass < 3; pass++) {
      visited(bounds);
    }
    assertThat(read[0] - before).isEqualTo(30 + 3 * 20);
  }

  private static double[][] visited(CostMatrix bounds) {
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
