package dev.fgvc.emd.internal.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
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
  void aGroupWithoutMassTakesNone() {
    assertThat(Strata.weights(new double[] {0, 2}, new int[] {0, 1}, new int[] {0, 1}, 2))
        .containsExactly(0, 2);
  }
}
