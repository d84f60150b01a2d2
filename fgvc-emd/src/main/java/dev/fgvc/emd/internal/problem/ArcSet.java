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
    return new ArcSet(costs, sorted(costs, keys), new ArcSet(costs.columns()));
  }

  /** Sorts keys of a matrix and drops repeats: each row's apart, as rows have few. */
  private static long[] sorted(CostMatrix costs, long[]... keys) {
    long columns = costs.columns();
    int[] next = new int[costs.rows() + 1];
    int total = 0;
    for (long[] some : keys) {
      total = Math.addExact(total, some.length);
      for (long key : some) {
        next[(int) (key / columns) + 1]++;
      }
    }
    Arrays.parallelPrefix(next, Integer::sum);
    long[] all = new long[total];
    for (long[] some : keys) {
      for (long key : some) {
        all[next[(int) (key / columns)]++] = key;
      }
    }
    // Each row's keys now end where the next row's begin.
    int distinct = 0;
    int start = 0;
    for (int row = 0; row < costs.rows(); row++) {
      int end = next[row];
      Arrays.sort(all, start, end);
      for (int k = start; k < end; k++) {
        if (k == start || all[k] != all[k - 1]) {
          all[distinct++] = all[k];
        }
      }
      start = end;
    }
    return Arrays.copyOf(all, distinct);
  }

  /** These arcs and more; costs that are known are not asked for again. */
  public ArcSet with(CostMatrix costs, long[] more) {
    return new ArcSet(costs, sorted(costs, keys, more), this);
  }

  /** Other arcs, with the costs of those that are among these. */
  public ArcSet replacedBy(CostMatrix costs, long[] others) {
    return new ArcSet(costs, sorted(costs, others), this);
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
