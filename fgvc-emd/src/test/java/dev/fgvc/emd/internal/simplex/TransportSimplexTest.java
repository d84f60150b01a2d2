package dev.fgvc.emd.internal.simplex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.cost.CancellableCosts;
import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.cost.PassProgress;
import dev.fgvc.emd.internal.problem.Amounts;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Potentials;
import dev.fgvc.progress.Progress;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TransportSimplexTest {

  private static final int NODES = 300;

  @Test
  @Timeout(600)
  void thousandsOfPivotsLeavePotentialsWhereTheyWere() {
    DMatrixRMaj matrix = new DMatrixRMaj(NODES, NODES);
    Random random = new Random(5);
    Arrays.setAll(matrix.data, k -> 1 + random.nextDouble());
    CostMatrix costs = new DenseCosts(matrix);
    Masses masses =
        Masses.balanced(
            random.ints(NODES, 1, 100).asDoubleStream().toArray(),
            random.ints(NODES, 1, 100).asDoubleStream().toArray());
    ArcSet arcs = ArcSet.of(costs, LongStream.range(0, (long) NODES * NODES).toArray());
    FlowTree tree = cornerTree(costs, arcs, masses);
    double tolerance = 0x1p-46;
    TransportSimplex simplex = new TransportSimplex(tree);

    simplex.optimise(
        arcs,
        tolerance,
        tolerance,
        new CancellableCosts(costs, () -> false, new PassProgress(Progress.none())));

    assertThat(simplex.pivots()).isGreaterThan(3 * NODES);
    for (int k = 0; k < arcs.size(); k++) {
      int column = tree.rows + arcs.column(k);
      double reduced = arcs.cost(k) - tree.potential(arcs.row(k)) - tree.potential(column);
      assertThat(reduced).isGreaterThanOrEqualTo(-tolerance);
      if (tree.hasArc(arcs.row(k), column)) {
        assertThat(reduced).isLessThanOrEqualTo(tolerance);
      }
    }
    // All costs are from 1 to 2, so no potential is far from the first one, which was 0.
    for (int node = 0; node < tree.nodes(); node++) {
      assertThat(tree.potential(node)).isBetween(-10.0, 10.0);
    }
  }

  /** A start that says nothing of the costs, for the longest way to the optimum. */
  private static FlowTree cornerTree(CostMatrix costs, ArcSet arcs, Masses masses) {
    long[] left = masses.supply().toLongs();
    long[] wanted = masses.demand().toLongs();
    long[] flow = new long[arcs.size()];
    int i = 0;
    int j = 0;
    while (i < NODES && j < NODES) {
      long moved = Math.min(left[i], wanted[j]);
      flow[i * NODES + j] += moved;
      left[i] -= moved;
      wanted[j] -= moved;
      if (left[i] == 0) {
        i++;
      } else {
        j++;
      }
    }
    return TreeBuilder.build(costs, arcs, Amounts.of(flow), new Potentials(NODES, NODES));
  }
}
