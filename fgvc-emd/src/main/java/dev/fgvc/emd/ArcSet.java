package dev.fgvc.emd;

import java.util.Arrays;

/** Candidate arcs in order of row, then column, each once, with their costs. */
final class ArcSet {

  final int[] row;
  final int[] column;
  final double[] cost;
  private final long[] keys;
  private final int columns;

  private ArcSet(CostMatrix costs, long[] sortedKeys) {
    keys = sortedKeys;
    columns = costs.columns();
    row = new int[keys.length];
    column = new int[keys.length];
    cost = new double[keys.length];
    for (int k = 0; k < keys.length; k++) {
      row[k] = (int) (keys[k] / columns);
      column[k] = (int) (keys[k] - (long) row[k] * columns);
    }
    RowBlocks.run(
        keys.length,
        16,
        (from, to) -> {
          for (int k = from; k < to; k++) {
            cost[k] = costs.get(row[k], column[k]);
          }
        });
  }

  /** Arcs of the given keys (row x columns + column), in any order, repeats allowed. */
  static ArcSet of(CostMatrix costs, long[]... keys) {
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
    return new ArcSet(costs, Arrays.copyOf(all, distinct));
  }

  /** These arcs and more. */
  ArcSet with(CostMatrix costs, long[] more) {
    return of(costs, keys, more);
  }

  /** The place of the arc with a key that is in the set. */
  int indexOf(long key) {
    return Arrays.binarySearch(keys, key);
  }

  int size() {
    return keys.length;
  }
}
