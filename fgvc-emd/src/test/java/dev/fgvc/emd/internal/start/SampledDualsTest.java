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

class SampledDualsTest {

  private static final int ROWS = 120;
  private static final int COLUMNS = 70;

  private final Random random = new Random(5);
  private final double[] supply = Instances.counts(ROWS, 1000, random);
  private final double[] demand = Instances.counts(COLUMNS, 1000, random);

  @Test
  void fewNotablePairsHoldNearlyAllOfAnOptimalPlan() {
    DMatrixRMaj cost = Instances.uniformCosts(ROWS, COLUMNS, random);
    DenseCosts costs = new DenseCosts(cost);
    long[] notable = SampledDuals.fit(costs, Masses.balanced(supply, demand)).notablePairs();
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
    SampledDuals duals = SampledDuals.fit(new DenseCosts(cost), Masses.balanced(supply, demand));
    assertThat(duals.smoothing()).isZero();
    assertThat(duals.notablePairs()).isEmpty();
    assertThat(ExactEmd.create().solve(supply, demand, cost).distance()).isEqualTo(0.1);
  }

  @Test
  void whatAPartialMatchingAddsIsAlwaysInTheSample() {
    for (int time = 0; time < 20; time++) {
      assertThat(SampledDuals.sample(5000, true, random))
          .hasSize(1500)
          .isSorted()
          .doesNotHaveDuplicates()
          .endsWith(4999);
    }
  }

  @Test
  void aSampleOfALargeMatrixIsNotTheWhole() {
    DenseCosts wide = new DenseCosts(new DMatrixRMaj(1, 2000));
    double[] many = new double[2000];
    Arrays.fill(many, 1);
    assertThat(SampledDuals.fit(wide, Masses.balanced(new double[] {1}, many)).isWhole()).isFalse();
    DenseCosts narrow = new DenseCosts(new DMatrixRMaj(ROWS, COLUMNS));
    assertThat(SampledDuals.fit(narrow, Masses.balanced(supply, demand)).isWhole()).isTrue();
  }
}
