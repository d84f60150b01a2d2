package dev.fgvc.emd.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.TransportPlan;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/** Checks the proof that comes with a plan, from the problem alone. */
public final class Certificates {

  public static final double GAP = 1e-9;

  private Certificates() {}

  /** Solves and checks. */
  public static TransportPlan solve(double[] supply, double[] demand, DMatrixRMaj cost) {
    TransportPlan plan = ExactEmd.create().solve(supply, demand, cost);
    check(plan, supply, demand, cost);
    return plan;
  }

  /** Marginals, order, dual feasibility, complementary slackness, bound and gap. */
  public static void check(TransportPlan plan, double[] supply, double[] demand, DMatrixRMaj cost) {
    double[] u = plan.sourcePotentials();
    double[] v = plan.targetPotentials();
    double largest = 0;
    for (int i = 0; i < supply.length; i++) {
      for (int j = 0; j < demand.length; j++) {
        double c = cost.get(i, j);
        if (!(u[i] + v[j] <= c)) {
          throw new AssertionError(
              "u_" + i + " + v_" + j + " = " + (u[i] + v[j]) + " exceeds the cost " + c);
        }
        largest = Math.max(largest, c);
      }
    }
    double[] sent = new double[supply.length];
    double[] received = new double[demand.length];
    double distance = 0;
    for (int k = 0; k < plan.flowCount(); k++) {
      int i = plan.source(k);
      int j = plan.target(k);
      assertThat(plan.flow(k)).isPositive();
      if (k > 0) {
        assertThat(i * (long) demand.length + j)
            .as("order of flows")
            .isGreaterThan(plan.source(k - 1) * (long) demand.length + plan.target(k - 1));
      }
      sent[i] += plan.flow(k);
      received[j] += plan.flow(k);
      distance += plan.flow(k) * cost.get(i, j);
      assertThat(cost.get(i, j) - u[i] - v[j])
          .as("slack of the used pair (%d, %d)", i, j)
          .isBetween(0.0, 1e-10 * largest + Double.MIN_NORMAL);
    }
    double supplyTotal = Arrays.stream(supply).sum();
    double demandTotal = Arrays.stream(demand).sum();
    double bound = 0;
    for (int i = 0; i < sent.length; i++) {
      assertThat(sent[i]).isCloseTo(supply[i] / supplyTotal, within(1e-12));
      bound += u[i] * supply[i] / supplyTotal;
    }
    for (int j = 0; j < received.length; j++) {
      assertThat(received[j]).isCloseTo(demand[j] / demandTotal, within(1e-12));
      bound += v[j] * demand[j] / demandTotal;
    }
    assertThat(plan.distance()).isCloseTo(distance, within(1e-12 * largest));
    assertThat(plan.lowerBound()).isCloseTo(Math.max(0, bound), within(1e-12 * largest));
    assertThat(plan.relativeGap()).isLessThanOrEqualTo(GAP);
  }
}
