package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.problem.LongList;

/**
 * The northwest-corner rule: a plan, however costly, of fewer than rows + columns arcs. With its
 * arcs among the candidates, a flow problem always has a solution.
 */
public final class NorthwestCorner {

  private NorthwestCorner() {}

  /** The keys (row x columns + column) of the plan's arcs, in order. */
  public static long[] keys(long[] supply, long[] demand) {
    LongList keys = new LongList();
    int i = 0;
    int j = 0;
    long left = supply[0];
    long wanted = demand[0];
    while (true) {
      if (left > 0 && wanted > 0) {
        keys.add((long) i * demand.length + j);
      }
      long moved = Math.min(left, wanted);
      left -= moved;
      wanted -= moved;
      if (left == 0 && i < supply.length - 1) {
        left = supply[++i];
      } else if (wanted == 0 && j < demand.length - 1) {
        wanted = demand[++j];
      } else {
        return keys.toArray();
      }
    }
  }
}
