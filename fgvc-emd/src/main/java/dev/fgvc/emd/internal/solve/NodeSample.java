package dev.fgvc.emd.internal.solve;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.FloatCosts;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Masses.Padding;
import dev.fgvc.emd.internal.problem.Potentials;
import dev.fgvc.emd.internal.start.RandomDraw;
import dev.fgvc.emd.internal.start.Strata;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/**
 * A smaller problem for one with many nodes: some of the rows and some of the columns stand for
 * all. Its potentials tell which pairs of the whole problem come into question.
 *
 * <p>With many nodes on both sides, exact potentials do so far better than those of a smoothed plan
 * (Sinkhorn's): where points lie in clusters, smoothing misjudges what little goes from one cluster
 * to another, and with that the potentials of whole clusters. On 5000 x 5000 points of 2048
 * dimensions the simplex took 21,000 pivots in place of 47,000. With few on one side both are as
 * good.
 *
 * @param rows which rows take part, in order
 * @param costs of the nodes that take part, rounded
 * @param masses those of the nodes' neighbours too, rounded
 */
record NodeSample(int[] rows, CostMatrix costs, Masses masses) {

  /** Nodes of a side that all take part. */
  static final int ALL = 1500;

  /**
   * One over the share that takes part, of more nodes than that: a problem of a sixteenth of the
   * pairs takes a tenth of the time. With a third of 15,000 x 15,000 points all the work took as
   * long as with a quarter, with an eighth a little longer.
   */
  private static final int PART = 4;

  /** That many of a sample's nodes are too few for a sample of their own. */
  private static final int FEW = 2250;

  /** Nodes of a side that take part at most, for whose pairs there is memory: 64 MB. */
  private static final int MOST = 4000;

  /** Draws nodes if there are many; from a fixed seed, so that a problem is always solved alike. */
  static Optional<NodeSample> of(CostMatrix costs, Masses masses) {
    if (Math.max(costs.rows(), costs.columns()) <= ALL) {
      return Optional.empty();
    }
    Padding padding = masses.padding();
    Random random = new Random(costs.rows() * 31L + costs.columns());
    int[] rows = draw(costs.rows(), padding == Padding.ONE_MORE_ROW, random);
    int[] columns = draw(costs.columns(), padding == Padding.ONE_MORE_COLUMN, random);
    double[] supply = Strata.rowWeights(costs, masses.supplyShare(), padding, rows, columns);
    double[] demand = Strata.columnWeights(costs, masses.demandShare(), padding, rows, columns);
    CostMatrix chosen = columns.length == costs.columns() ? costs : costs.withColumns(columns);
    return Optional.of(
        new NodeSample(
            rows,
            FloatCosts.copyOf(chosen, rows),
            Masses.estimated(supply, demand).withPadding(padding)));
  }

  /**
   * Draws nodes of one side, in order.
   *
   * @param padded whether the last one is the one that a partial matching adds: it always takes
   *     part
   */
  static int[] draw(int size, boolean padded, Random random) {
    int[] chosen = new int[size];
    Arrays.setAll(chosen, i -> i);
    if (size <= ALL) {
      return chosen;
    }
    int drawn = size / PART < FEW ? ALL : Math.min(MOST, size / PART);
    int always = padded ? 1 : 0;
    RandomDraw.toFront(chosen, size - always, drawn - always, random);
    int[] kept = Arrays.copyOf(chosen, drawn);
    if (padded) {
      kept[drawn - 1] = size - 1;
    }
    Arrays.sort(kept);
    return kept;
  }

  /**
   * Sets potentials of the rows that take part and of all columns: the largest that these rows
   * allow. Reads the rows once.
   *
   * @param u the potentials of the rows that take part
   */
  void setPotentials(CostMatrix whole, double[] u, Potentials potentials) {
    for (int i = 0; i < rows.length; i++) {
      potentials.u()[rows[i]] = u[i];
    }
    potentials.fitColumns(whole, rows);
  }
}
