package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

/** Problems with more targets than sources, which are solved the other way round. */
class MoreTargetsTest {

  private static final int FEW = 300;
  private static final int MANY = 1700;

  private final Random random = new Random(3);
  private final double[] supply = random.ints(FEW, 1, 50).asDoubleStream().toArray();
  private final double[] demand = random.ints(MANY, 1, 50).asDoubleStream().toArray();

  @Test
  void costsInMemoryGiveThePlanOfTheExchangedProblem() {
    DMatrixRMaj costs = randomCosts();
    DMatrixRMaj exchanged = CommonOps_DDRM.transpose(costs, null);

    requireExchanged(
        ExactEmd.create().solve(supply, demand, costs),
        ExactEmd.create().solve(demand, supply, exchanged));
  }

  @Test
  void pointsGiveThePlanOfTheExchangedProblem() {
    FMatrixRMaj sources = points(FEW);
    FMatrixRMaj targets = points(MANY);

    requireExchanged(
        ExactEmd.create().solveEuclidean(supply, demand, sources, targets),
        ExactEmd.create().solveEuclidean(demand, supply, targets, sources));
  }

  @Test
  void aPartialMatchingMovesTheSmallerSide() {
    double[] little = Arrays.stream(supply).map(weight -> weight / 100).toArray();
    DMatrixRMaj costs = randomCosts();

    TransportPlan plan = ExactEmd.builder().partialMatching().build().solve(little, demand, costs);

    double least = 0;
    double total = Arrays.stream(little).sum();
    for (int i = 0; i < FEW; i++) {
      int start = i * MANY;
      double cheapest = Arrays.stream(costs.data, start, start + MANY).min().orElseThrow();
      least += little[i] / total * cheapest;
    }
    assertThat(plan.distance()).isBetween(least, 2 * least);
    assertThat(plan.relativeGap()).isLessThan(1e-12);
    requireFeasible(plan, costs);
  }

  @Test
  void potentialsAllowEveryPair() {
    DMatrixRMaj costs = randomCosts();

    requireFeasible(ExactEmd.create().solve(supply, demand, costs), costs);
  }

  @Test
  void errorsNameTheSideThatTheCallerGave() {
    DMatrixRMaj costs = randomCosts();
    double[] wrongSupply = supply.clone();
    wrongSupply[4] = -1;
    FMatrixRMaj wrongTargets = points(MANY);
    wrongTargets.set(9, 2, Float.NaN);

    assertThatThrownBy(() -> ExactEmd.create().solve(wrongSupply, demand, costs))
        .hasMessageContaining("supply 4 is -1.0");
    assertThatThrownBy(
            () -> ExactEmd.create().solveEuclidean(supply, demand, points(FEW), wrongTargets))
        .hasMessageContaining("target point 9: feature 2 is NaN");
  }

  private static void requireExchanged(TransportPlan plan, TransportPlan exchanged) {
    assertThat(plan.distance())
        .isCloseTo(exchanged.distance(), within(1e-14 * exchanged.distance()));
    assertThat(plan.sourcePotentials()).hasSize(FEW);
    assertThat(plan.targetPotentials()).hasSize(MANY);
    double[] left = new double[FEW];
    long last = -1;
    for (int k = 0; k < plan.flowCount(); k++) {
      left[plan.source(k)] += plan.flow(k);
      long place = (long) plan.source(k) * MANY + plan.target(k);
      assertThat(place).as("flows in order of source, then target").isGreaterThan(last);
      last = place;
    }
    double[] arrived = new double[FEW];
    for (int k = 0; k < exchanged.flowCount(); k++) {
      arrived[exchanged.target(k)] += exchanged.flow(k);
    }
    assertThat(left).containsExactly(arrived, within(1e-12));
  }

  private static void requireFeasible(TransportPlan plan, DMatrixRMaj costs) {
    double[] u = plan.sourcePotentials();
    double[] v = plan.targetPotentials();
    long tooLarge =
        IntStream.range(0, FEW * MANY)
            .filter(k -> u[k / MANY] + v[k % MANY] > costs.data[k])
            .count();
    assertThat(tooLarge).isZero();
  }

  private DMatrixRMaj randomCosts() {
    DMatrixRMaj costs = new DMatrixRMaj(FEW, MANY);
    for (int k = 0; k < costs.data.length; k++) {
      costs.data[k] = random.nextDouble();
    }
    return costs;
  }

  private FMatrixRMaj points(int count) {
    FMatrixRMaj points = new FMatrixRMaj(count, 8);
    for (int k = 0; k < points.data.length; k++) {
      points.data[k] = random.nextFloat();
    }
    return points;
  }
}
