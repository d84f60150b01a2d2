package dev.fgvc.emd.internal.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.cost.PaddedCosts;
import dev.fgvc.emd.internal.problem.Masses.Padding;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

class StrataTest {

  private final CostMatrix costs =
      new DenseCosts(
          new DMatrixRMaj(new double[][] {{5, 2, 9, 2}, {1, 3, 9, 9}, {0, 7, 8, 1}, {6, 6, 6, 5}}));

  @Test
  void groupsNodesByTheNearestOfSome() {
    assertThat(Strata.nearestColumns(costs, new int[] {0, 3})).containsExactly(1, 0, 0, 1);
    assertThat(Strata.nearestRows(costs, new int[] {0, 3})).containsExactly(0, 0, 1, 0);
  }

  @Test
  void sampledNodesShareTheMassOfTheirGroup() {
    double[] masses = {1, 2, 3, 4, 5};
    int[] groups = {0, 0, 2, 2, 1};
    assertThat(Strata.weights(masses, groups, new int[] {0, 2, 3, 4}, 3))
        .containsExactly(3, 3, 4, 5);
  }

  @Test
  void groupsWithoutASampledNodeGiveTheirMassToAllOthers() {
    double[] masses = {1, 2, 3, 4, 5};
    int[] groups = {0, 0, 2, 2, 1};
    assertThat(Strata.weights(masses, groups, new int[] {0, 2, 3}, 3)).containsExactly(4.5, 4.5, 6);
  }

  @Test
  void aPaddedRowHasItsOwnMassAndTakesThatOfNoOther() {
    CostMatrix padded = new PaddedCosts(costs, true);
    double[] masses = {1, 2, 3, 4, 90};
    assertThat(
            Strata.rowWeights(
                padded, masses, Padding.ONE_MORE_ROW, new int[] {0, 2, 4}, new int[] {0, 3}))
        .containsExactly(5, 5, 90);
    // Near the row of zeros there would be all columns.
    assertThat(
            Strata.columnWeights(
                padded,
                new double[] {10, 20, 30, 40},
                Padding.ONE_MORE_ROW,
                new int[] {0, 3, 4},
                new int[] {1, 2}))
        .containsExactly(70, 30);
  }

  @Test
  void aPaddedColumnHasItsOwnMassAndTakesThatOfNoOther() {
    CostMatrix padded = new PaddedCosts(costs, false);
    assertThat(
            Strata.columnWeights(
                padded,
                new double[] {1, 2, 3, 4, 90},
                Padding.ONE_MORE_COLUMN,
                new int[] {0, 3},
                new int[] {1, 2, 4}))
        .containsExactly(7, 3, 90);
    // Near the column of zeros there would be all rows.
    assertThat(
            Strata.rowWeights(
                padded,
                new double[] {10, 20, 30, 40},
                Padding.ONE_MORE_COLUMN,
                new int[] {0, 2},
                new int[] {0, 3, 4}))
        .containsExactly(50, 50);
  }

  @Test
  void theNearestRowsAreTheSameForManyLandmarks() {
    Random random = new Random(3);
    DMatrixRMaj matrix = new DMatrixRMaj(300, 1100);
    Arrays.setAll(matrix.data, k -> random.nextInt(40));
    int[] landmarks = IntStream.range(0, 250).map(k -> 299 - k).toArray();
    int[] nearest = Strata.nearestRows(new DenseCosts(matrix), landmarks);
    for (int j = 0; j < 1100; j++) {
      int first = 0;
      for (int k = 0; k < landmarks.length; k++) {
        first = matrix.get(landmarks[k], j) < matrix.get(landmarks[first], j) ? k : first;
      }
      assertThat(nearest[j]).as("column %d", j).isEqualTo(first);
    }
  }

  @Test
  void aGroupWithoutMassTakesNone() {
    assertThat(Strata.weights(new double[] {0, 2}, new int[] {0, 1}, new int[] {0, 1}, 2))
        .containsExactly(0, 2);
  }
}
