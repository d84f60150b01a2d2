package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.testing.Certificates;
import dev.fgvc.emd.testing.Instances;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

/**
 * Up to two million costs in memory are all read in each round; of more, only rows that changed.
 */
class PricingThresholdTest {

  private static final int ROWS = 2000;
  private static final int COLUMNS = 1000;

  /** Problems to try; only one that takes several rounds tells what is read again. */
  private static final int TRIES = 50;

  @Test
  void oneMoreSourceThanAllIsReadOfChangesTheRowsReadAndNotTheOptimum() {
    for (int seed = 1; seed <= TRIES; seed++) {
      Random random = new Random(seed);
      DMatrixRMaj cost = Instances.uniformCosts(ROWS, COLUMNS, random);
      double[] supply = Instances.counts(ROWS, 50, random);
      double[] demand = Instances.counts(COLUMNS, 50, random);
      supply[0] = 40;
      TransportPlan all = Certificates.solve(supply, demand, cost);
      TransportPlan some = solveWithFirstSourceHalved(supply, demand, cost);

      assertThat(some.distance()).isCloseTo(all.distance(), within(1e-12 * all.distance()));
      assertThat(all.statistics().rowsPriced()).isEqualTo((long) ROWS * all.statistics().rounds());
      if (all.statistics().rounds() > 1 && some.statistics().rounds() > 1) {
        assertThat(some.statistics().rowsPriced())
            .as("of seed %s", seed)
            .isLessThan((ROWS + 1L) * some.statistics().rounds());
        return;
      }
    }
    fail("none of %s problems takes several rounds: take larger or harder ones", TRIES);
  }

  /** The same problem with one row more. */
  private static TransportPlan solveWithFirstSourceHalved(
      double[] supply, double[] demand, DMatrixRMaj cost) {
    DMatrixRMaj more = new DMatrixRMaj(ROWS + 1, COLUMNS);
    System.arraycopy(cost.data, 0, more.data, 0, ROWS * COLUMNS);
    System.arraycopy(cost.data, 0, more.data, ROWS * COLUMNS, COLUMNS);
    double[] halved = Arrays.copyOf(supply, ROWS + 1);
    halved[0] = supply[0] / 2;
    halved[ROWS] = supply[0] / 2;
    return Certificates.solve(halved, demand, more);
  }
}
