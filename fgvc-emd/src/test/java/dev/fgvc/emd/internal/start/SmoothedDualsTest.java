package dev.fgvc.emd.internal.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.TransportPlan;
import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.testing.Instances;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

class SmoothedDualsTest {

  private static final int ROWS = 120;
  private static final int COLUMNS = 70;

  private final Random random = new Random(5);
  private final double[] supply = Instances.counts(ROWS, 1000, random);
  private final double[] demand = Instances.counts(COLUMNS, 1000, random);

  @Test
  void fewNotablePairsHoldNearlyAllOfAnOptimalPlan() {
    DMatrixRMaj cost = Instances.uniformCosts(ROWS, COLUMNS, random);
    DenseCosts costs = new DenseCosts(cost);
    long[] notable = SmoothedDuals.ofAll(costs, Masses.balanced(supply, demand)).notablePairs();
    assertThat(notable).hasSizeLessThan(8 * (ROWS + COLUMNS)).isSorted();
    ArcSet arcs = ArcSet.of(costs, notable);
    TransportPlan plan = ExactEmd.create().solve(supply, demand, cost);
    double held = 0;
    for (int k = 0; k < plan.flowCount(); k++) {
      held += arcs.indexOf(plan.source(k), plan.target(k)) >= 0 ? plan.flow(k) : 0;
    }
    assertThat(held).isGreaterThan(0.95);
  }

  @Test
  void noPairIsNotableWhereAllCostsAreEqual() {
    DMatrixRMaj cost = new DMatrixRMaj(ROWS, COLUMNS);
    Arrays.fill(cost.data, 0.1);
    SmoothedDuals duals =
        SmoothedDuals.ofAll(new DenseCosts(cost), Masses.balanced(supply, demand));
    assertThat(duals.smoothing()).isZero();
    assertThat(duals.notablePairs()).isEmpty();
    assertThat(ExactEmd.create().solve(supply, demand, cost).distance()).isEqualTo(0.1);
  }
}
