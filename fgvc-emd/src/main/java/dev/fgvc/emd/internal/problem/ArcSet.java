package dev.fgvc.emd.internal.problem;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.RowBlocks;
import java.util.Arrays;

/** Candidate arcs in order of row, then column, each once, with their costs. */
public final class ArcSet {

  private final int[] row;
  private final int[] column;
  private final double[] cost;
  private final long[] keys;
  private final int columns;

  /** No arc of a matrix. */
  private ArcSet(int columns) {
    this.columns = columns;
    keys = new long[0];
    row = new int[0];
    column = new int[0];
    cost = new double[0];
  }

  /**
   * Arcs whose costs are asked for where a set does not know them.
   *
   * @param known arcs of the same matrix
   */
  private ArcSet(CostMatrix costs, long[] sortedKeys, ArcSet known) {
    keys = sortedKeys;
    columns = costs.columns();
    row = new int[keys.length];
    column = new int[keys.length];
    cost = new double[keys.length];
    int next = 0;
    for (int k = 0; k < keys.length; k++) {
      row[k] = (int) (keys[k] / columns);
      column[k] = (int) (keys[k] - (long) row[k] * columns);
      while (next < known.size() && known.keys[next] < keys[k]) {
        next++;
      }
      boolean isKnown = next < known.size() && known.keys[next] == keys[k];
      cost[k] = isKnown ? known.cost[next] : Double.NaN;
    }
    RowBlocks.run(
        keys.length,
        16,
        (from, to) -> {
          for (int k = from; k < to; k++) {
            if (Double.isNaN(cost[k])) {
              cost[k] = costs.get(row[k], column[k]);
            }
          }
        });
  }

  /** The row of arc k, from 0 to {@code size() - 1}. */
  public int row(int k) {
    return row[k];
  }

  /** The column of arc k. */
  public int column(int k) {
    return column[k];
  }

  /** The cost of arc k. */
  public double cost(int k) {
    return cost[k];
  }

  /** Arcs of the given keys (row x columns + column), in any order, repeats allowed. */
  public static ArcSet of(CostMatrix costs, long[]... keys) {
    return new ArcSet(costs, sorted(keys), new ArcSet(costs.columns()));
  }

  private static long[] sorted(long[]... keys) {
    int total = 0;
    for (long[] some : keys) {
      total = Math.addExact(total, some.length);
    }
    long[] all = new long[total];
    int filled = 0;
    for (long[] some : keys) {
      System.arraycopy(some, 0, all, filled, some.length);
      filled += some.length;
    }
    Arrays.parallelSort(all);
    int distinct = 0;
    for (int k = 0; k < total; k++) {
      if (k == 0 || all[k] != all[k - 1]) {
        all[distinct++] = all[k];
      }
    }
    return Arrays.copyOf(all, distinct);
  }

  /** These arcs and more; costs that are known are not asked for again. */
  public ArcSet with(CostMatrix costs, long[] more) {
    return new ArcSet(costs, sorted(keys, more), this);
  }

  /** Other arcs, with the costs of those that are among these. */
  public ArcSet replacedBy(CostMatrix costs, long[] others) {
    return new ArcSet(costs, sorted(others), this);
  }

  /** The place of an arc, negative if it is not in the set. */
  public int indexOf(int row, int column) {
    return indexOf((long) row * columns + column);
  }

  /** The same by its key. */
  public int indexOf(long key) {
    return Arrays.binarySearch(keys, key);
  }

  public int size() {
    return keys.length;
  }
}
