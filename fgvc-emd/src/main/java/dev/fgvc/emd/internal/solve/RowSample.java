package dev.fgvc.emd.internal.solve;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.SelectedRows;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Masses.Padding;
import dev.fgvc.emd.internal.start.RandomDraw;
import dev.fgvc.emd.internal.start.Strata;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A smaller problem for one that has many rows for each column, as images against few classes or
 * few images: some of the rows stand for all. Its potentials of the columns are nearly those of the
 * whole problem, so that few of the pairs chosen by them are wrong.
 *
 * <p>Rows of large mass take part as they are, such as the one that a partial matching may add; of
 * the others a part does, drawn at random, with all their mass: each has its share of what its
 * neighbours have, so that clusters of points keep their mass.
 *
 * @param costs of the rows that take part
 * @param masses rounded, as they only lead to estimates
 */
record RowSample(CostMatrix costs, Masses masses) {

  /** Rows for each column from which on a sample still has about one for each. */
  private static final int ROWS_PER_COLUMN = 7;

  /** Pairs from which on a sample pays; below, all rows are read too soon. */
  static final long PAIRS = 100_000_000;

  /** The share of the rows that takes part is one over this. */
  private static final int PART = 8;

  /** Rows with more than this many times the mean mass always take part. */
  private static final int LARGE = 8;

  /**
   * Draws rows, if that pays; from a fixed seed, so that a problem is always solved alike.
   *
   * @param pairs how many make it pay, usually {@link #PAIRS}
   */
  static Optional<RowSample> of(CostMatrix costs, Masses masses, long pairs) {
    long rows = costs.rows();
    if (rows < (long) ROWS_PER_COLUMN * costs.columns() || rows * costs.columns() < pairs) {
      return Optional.empty();
    }
    double[] share = masses.supplyShare();
    double large = LARGE / (double) rows;
    int padded = masses.padding() == Padding.ONE_MORE_ROW ? share.length - 1 : -1;
    IntPredicate always = i -> share[i] > large || i == padded;
    int[] small = IntStream.range(0, share.length).filter(always.negate()).toArray();
    int drawn = small.length / PART;
    if (drawn < costs.columns() / 2) {
      return Optional.empty();
    }
    Random random = new Random(rows * 31 + costs.columns());
    RandomDraw.toFront(small, small.length, drawn, random);
    double[] smallShare = new double[share.length];
    for (int i : small) {
      smallShare[i] = share[i];
    }
    int[] chosen =
        IntStream.concat(
                Arrays.stream(small, 0, drawn), IntStream.range(0, share.length).filter(always))
            .sorted()
            .toArray();
    int[] columns = IntStream.range(0, costs.columns()).toArray();
    double[] supply = Strata.rowWeights(costs, smallShare, masses.padding(), chosen, columns);
    for (int k = 0; k < chosen.length; k++) {
      if (always.test(chosen[k])) {
        supply[k] = share[chosen[k]];
      }
    }
    return Optional.of(
        new RowSample(
            new SelectedRows(costs, chosen),
            Masses.estimated(supply, masses.demandShare()).withPadding(masses.padding())));
  }
}
