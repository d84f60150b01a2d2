package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.testing.Instances;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactEmdOptionsTest {

  private final ExactEmd partial = ExactEmd.builder().partialMatching().build();

  @Test
  void partialMatchingMovesTheCheapestMass() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{1, 5}, {2, 7}, {9, 3}});
    TransportPlan plan = partial.solve(new double[] {2, 2, 2}, new double[] {3, 1}, cost);
    // 2 at 1, 1 at 2, 1 at 3, over a mass of 4.
    assertThat(plan.distance()).isCloseTo(7 / 4.0, within(1e-14));
    assertThat(plan.relativeGap()).isLessThan(1e-14);
    double total = 0;
    for (int k = 0; k < plan.flowCount(); k++) {
      total += plan.flow(k);
    }
    assertThat(total).isCloseTo(1, within(1e-14));
    for (double u : plan.sourcePotentials()) {
      assertThat(u).isLessThanOrEqualTo(0);
    }
  }

  @Test
  void partialMatchingIsTheSameFromTheOtherSide() {
    Random random = new Random(2);
    for (int round = 0; round < 100; round++) {
      int m = 1 + random.nextInt(15);
      int n = 1 + random.nextInt(15);
      DMatrixRMaj cost = Instances.uniformCosts(m, n, random);
      DMatrixRMaj transposed = new DMatrixRMaj(n, m);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          transposed.set(j, i, cost.get(i, j));
        }
      }
      double[] supply = Instances.counts(m, 9, random);
      double[] demand = Instances.counts(n, 9, random);
      double there = partial.solve(supply, demand, cost).distance();
      assertThat(partial.solve(demand, supply, transposed).distance())
          .isCloseTo(there, within(1e-12));
      assertThat(there)
          .isLessThanOrEqualTo(ExactEmd.create().solve(supply, demand, cost).distance() + 1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e300, 1e-300, 1e60, 1e-60, 1e-310})
  void scaleOfCostsDoesNotMatter(double scale) {
    Random random = new Random(4);
    DMatrixRMaj cost = Instances.uniformCosts(40, 30, random);
    double[] supply = Instances.counts(40, 20, random);
    double[] demand = Instances.counts(30, 20, random);
    double plain = ExactEmd.create().solve(supply, demand, cost).distance();
    for (int k = 0; k < cost.getNumElements(); k++) {
      cost.data[k] *= scale;
    }
    TransportPlan plan = ExactEmd.create().solve(supply, demand, cost);
    assertThat(plan.distance() / scale).isCloseTo(plain, within(1e-9));
  }

  @Test
  void wrongByTooMuchIsRefusedNotReturned() {
    // The optimum is 1e-300, but it shares a matrix with 1e300: doubles cannot prove it.
    DMatrixRMaj cost =
        new DMatrixRMaj(new double[][] {{1e-300, 1e300, 1}, {1e300, 1e-300, 1}, {1, 1, 1e-300}});
    double[] ones = {1, 1, 1};
    try {
      TransportPlan plan = ExactEmd.create().solve(ones, ones, cost);
      assertThat(plan.distance()).isCloseTo(1e-300, within(1e-309));
    } catch (ArithmeticException refused) {
      assertThat(refused).hasMessageContaining("relative gap");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExactEmd.builder().maxRelativeGap(Double.NaN));
  }

  @Test
  void reportsRoundsAndStopsWhenAsked() {
    Random random = new Random(9);
    FMatrixRMaj a = Instances.gaussianPoints(400, 5, random);
    FMatrixRMaj b = Instances.gaussianPoints(300, 5, random);
    double[] supply = Instances.counts(400, 9, random);
    double[] demand = Instances.counts(300, 9, random);
    List<Long> rounds = new ArrayList<>();
    TransportPlan plan =
        ExactEmd.builder()
            .progress((task, done, total, note) -> rounds.add(done))
            .build()
            .solveEuclidean(supply, demand, a, b);
    assertThat(rounds).hasSize(plan.statistics().rounds()).startsWith(1L);
    ExactEmd cancelled = ExactEmd.builder().cancelWhen(() -> true).build();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> cancelled.solveEuclidean(supply, demand, a, b));
  }
}
