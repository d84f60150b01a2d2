package dev.fgvc.emd.internal.solve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.BestArcs;
import dev.fgvc.emd.internal.problem.Potentials;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

class PricingTest {

  /** More costs than are all read in each round. */
  private static final int ROWS = 2001;

  private static final int COLUMNS = 1000;

  /** More of a row than usually are small, and fewer than a row has room for. */
  private static final int SMALL = 40;

  /** Forty costs of a row are near 0, the others at least 1. */
  private static CostMatrix costs() {
    DMatrixRMaj costs = new DMatrixRMaj(ROWS, COLUMNS);
    Random random = new Random(3);
    Arrays.setAll(
        costs.data,
        k -> k % COLUMNS < SMALL ? 1e-6 * random.nextDouble() : 1 + random.nextDouble());
    return new DenseCosts(costs);
  }

  private static long[] find(Pricing pricing, CostMatrix costs) {
    int[] perRow = new int[ROWS];
    int[] perColumn = new int[COLUMNS];
    Arrays.fill(perRow, 1);
    Arrays.fill(perColumn, 1);
    return pricing.find(ArcSet.of(costs, new long[] {0}), perRow, perColumn, 0, 0);
  }

  @Test
  void rowsAreKeptWhenTheRoundingHasOutgrownWhatWasSmall() {
    CostMatrix costs = costs();
    Potentials potentials = new Potentials(ROWS, COLUMNS);
    Pricing pricing = new Pricing(costs, potentials, rows -> {});
    find(pricing, costs);
    assertThat(pricing.rowsRead()).isEqualTo(ROWS);

    // The same reduced costs, but for rounding by more than the small ones.
    Arrays.fill(potentials.u(), 0x1p40);
    Arrays.fill(potentials.v(), -0x1p40);
    find(pricing, costs);
    assertThat(pricing.rowsRead()).isEqualTo(2 * ROWS);

    assertThat(find(pricing, costs)).isEmpty();
    assertThat(pricing.rowsRead()).as("nothing has moved").isEqualTo(2 * ROWS);
  }

  @Test
  void rowsReadForAnotherPurposeAreNotReadAgainWhilePotentialsMoveLittle() {
    CostMatrix costs = costs();
    Potentials potentials = new Potentials(ROWS, COLUMNS);
    Pricing pricing = new Pricing(costs, potentials, rows -> {});
    int[] one = new int[ROWS];
    Arrays.fill(one, 1);
    BestArcs.ofAll(
        costs, potentials, one, Arrays.copyOf(one, COLUMNS), Double.MAX_VALUE, pricing.keeping());

    potentials.v()[3] += 1e-7;
    long[] found = find(pricing, costs);
    assertThat(pricing.rowsRead()).isZero();
    assertThat(found)
        .isNotEmpty()
        .containsExactlyInAnyOrder(find(new Pricing(costs, potentials, rows -> {}), costs));

    potentials.v()[700] += 3;
    found = find(pricing, costs);
    assertThat(pricing.rowsRead()).isEqualTo(ROWS);
    assertThat(found)
        .containsExactlyInAnyOrder(find(new Pricing(costs, potentials, rows -> {}), costs));
  }
}
