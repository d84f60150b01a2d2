package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
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

  @Test
  void oneMoreSourceThanAllIsReadOfChangesTheRowsReadAndNotTheOptimum() {
    Random random = new Random(1);
    DMatrixRMaj cost = Instances.uniformCosts(ROWS, COLUMNS, random);
    double[] supply = Instances.counts(ROWS, 50, random);
    double[] demand = Instances.counts(COLUMNS, 50, random);
    supply[0] = 40;
    TransportPlan all = Certificates.solve(supply, demand, cost);
    assertThat(all.statistics().rounds()).isGreaterThan(1);
    assertThat(all.statistics().rowsPriced()).isEqualTo((long) ROWS * all.statistics().rounds());

    // The first source in two halves: the same problem, with one row more.
    DMatrixRMaj more = new DMatrixRMaj(ROWS + 1, COLUMNS);
    System.arraycopy(cost.data, 0, more.data, 0, ROWS * COLUMNS);
    System.arraycopy(cost.data, 0, more.data, ROWS * COLUMNS, COLUMNS);
    double[] halved = Arrays.copyOf(supply, ROWS + 1);
    halved[0] = 20;
    halved[ROWS] = 20;
    TransportPlan some = Certificates.solve(halved, demand, more);
    assertThat(some.statistics().rounds()).isGreaterThan(1);
    assertThat(some.statistics().rowsPriced()).isLessThan((ROWS + 1L) * some.statistics().rounds());
    assertThat(some.distance()).isCloseTo(all.distance(), within(1e-12 * all.distance()));
  }
}
