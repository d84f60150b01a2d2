package dev.fgvc.emd.internal.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.testing.Instances;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaddedCostsTest {

  private static final int ROWS = 6;
  private static final int COLUMNS = 40;

  private final Random random = new Random(9);
  private final CostMatrix within =
      EuclideanBounds.between(
          Points.of(Instances.gaussianPoints(ROWS, 5, random)),
          Points.of(Instances.gaussianPoints(COLUMNS, 5, random)));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void boundsAreThoseOfTheCostsWithinAndZeros(boolean moreRows) {
    CostMatrix padded = new PaddedCosts(within, moreRows);
    int[] rows = moreRows ? new int[] {6, 2, 5, 6, 6, 0} : new int[] {3, 2, 5};
    assertThat(padded.boundUnit()).isEqualTo(within.boundUnit());
    int[] visited = {0};
    padded.visitBounds(
        rows,
        0,
        rows.length,
        (row, bounds, start) -> {
          assertThat(row).isEqualTo(rows[visited[0]++]);
          for (int j = 0; j < padded.columns(); j++) {
            float expected = row < ROWS && j < COLUMNS ? bound(row, j) : 0;
            assertThat(bounds[start + j]).as("bound (%d, %d)", row, j).isEqualTo(expected);
          }
        });
    assertThat(visited[0]).isEqualTo(rows.length);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void chosenColumnsAreThoseColumnsWhereverThePaddedOneStands(boolean moreRows) {
    CostMatrix padded = new PaddedCosts(within, moreRows);
    int[][] choices =
        moreRows
            ? new int[][] {{39, 0, 7}}
            : new int[][] {{39, 0, 7}, {39, 0, 40}, {40}, {40, 3}, {1, 40, 40}};
    for (int[] columns : choices) {
      CostMatrix chosen = padded.withColumns(columns);
      assertThat(chosen.rows()).isEqualTo(padded.rows());
      assertThat(chosen.columns()).isEqualTo(columns.length);
      chosen.visit(
          chosen.allRows(),
          0,
          chosen.rows(),
          (row, values, offset) -> {
            for (int j = 0; j < columns.length; j++) {
              assertThat(chosen.get(row, j)).isEqualTo(padded.get(row, columns[j]));
              boolean zero = row == ROWS || columns[j] == COLUMNS;
              assertThat(values[offset + j])
                  .isEqualTo(zero ? 0 : bound(row, columns[j]) * within.boundUnit());
            }
          });
    }
  }

  private float bound(int row, int column) {
    float[] bound = new float[1];
    within.visitBounds(
        new int[] {row}, 0, 1, (same, bounds, start) -> bound[0] = bounds[start + column]);
    return bound[0];
  }
}
