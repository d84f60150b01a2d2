package dev.fgvc.emd.internal.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;

class ArcSetTest {

  private static final int COLUMNS = 7;

  private final DMatrixRMaj matrix = RandomMatrices_DDRM.rectangle(5, COLUMNS, 0, 1, new Random(1));

  /** The pairs that were asked for, in any order. */
  private final List<Long> asked = Collections.synchronizedList(new ArrayList<>());

  private final CostMatrix costs =
      new CostMatrix() {
        private final CostMatrix dense = new DenseCosts(matrix);

        @Override
        public int rows() {
          return dense.rows();
        }

        @Override
        public int columns() {
          return dense.columns();
        }

        @Override
        public double get(int row, int column) {
          asked.add((long) row * COLUMNS + column);
          return dense.get(row, column);
        }

        @Override
        public boolean visitsExactly() {
          return dense.visitsExactly();
        }

        @Override
        public void visit(int[] rows, int from, int to, RowVisitor visitor) {
          dense.visit(rows, from, to, visitor);
        }
      };

  @Test
  void eachArcStandsOnceInOrderWithItsCost() {
    requireArcs(ArcSet.of(costs, new long[] {9, 3}, new long[] {34, 3, 0}), 0, 3, 9, 34);
    assertThat(asked).containsExactlyInAnyOrder(0L, 3L, 9L, 34L);
  }

  @Test
  void onlyCostsOfNewArcsAreAskedFor() {
    ArcSet arcs = ArcSet.of(costs, new long[] {3, 9, 20});
    asked.clear();
    ArcSet more = arcs.with(costs, new long[] {33, 9, 1});
    requireArcs(more, 1, 3, 9, 20, 33);
    assertThat(asked).containsExactlyInAnyOrder(1L, 33L);
    asked.clear();
    requireArcs(more.replacedBy(costs, new long[] {33, 2, 3}), 2, 3, 33);
    assertThat(asked).containsExactly(2L);
    requireArcs(arcs.with(costs, new long[0]), 3, 9, 20);
  }

  private void requireArcs(ArcSet arcs, long... keys) {
    assertThat(arcs.size()).isEqualTo(keys.length);
    for (int k = 0; k < keys.length; k++) {
      assertThat(arcs.row(k)).isEqualTo((int) (keys[k] / COLUMNS));
      assertThat(arcs.column(k)).isEqualTo((int) (keys[k] % COLUMNS));
      assertThat(arcs.cost(k)).isEqualTo(matrix.data[(int) keys[k]]);
      assertThat(arcs.indexOf(keys[k])).isEqualTo(k);
    }
  }
}
