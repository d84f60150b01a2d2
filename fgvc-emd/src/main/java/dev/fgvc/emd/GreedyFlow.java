package dev.fgvc.emd;

import java.util.Arrays;

/**
 * A feasible flow on candidate arcs, the cheapest first: each takes what its row still has and its
 * column still wants.
 */
final class GreedyFlow {

  private GreedyFlow() {}

  /**
   * Finds a flow.
   *
   * @param arcs candidates; what they cannot carry goes by the northwest-corner rule over arcs that
   *     are added to them
   * @return the arcs, with those added
   */
  static Result find(CostMatrix costs, ArcSet arcs, Potentials potentials, Masses masses) {
    long[] left = masses.supply().clone();
    long[] wanted = masses.demand().clone();
    int columns = costs.columns();
    LongList keys = new LongList();
    LongList flows = new LongList();
    for (long place : byReducedCost(arcs, potentials)) {
      int k = (int) place;
      long moved = Math.min(left[arcs.row[k]], wanted[arcs.column[k]]);
      if (moved > 0) {
        left[arcs.row[k]] -= moved;
        wanted[arcs.column[k]] -= moved;
        keys.add((long) arcs.row[k] * columns + arcs.column[k]);
        flows.add(moved);
      }
    }
    int j = 0;
    for (int i = 0; i < left.length; i++) {
      while (left[i] > 0) {
        while (wanted[j] == 0) {
          j++;
        }
        long moved = Math.min(left[i], wanted[j]);
        left[i] -= moved;
        wanted[j] -= moved;
        keys.add((long) i * columns + j);
        flows.add(moved);
      }
    }
    long[] used = keys.toArray();
    long[] amounts = flows.toArray();
    ArcSet all = arcs.with(costs, used);
    long[] flow = new long[all.size()];
    for (int k = 0; k < used.length; k++) {
      flow[all.indexOf(used[k])] = amounts[k];
    }
    return new Result(all, flow);
  }

  /** The places of the arcs in the lower half of each number, the least reduced cost first. */
  private static long[] byReducedCost(ArcSet arcs, Potentials potentials) {
    long[] order = new long[arcs.size()];
    for (int k = 0; k < order.length; k++) {
      double reduced = arcs.cost[k] - potentials.u[arcs.row[k]] - potentials.v[arcs.column[k]];
      // The bits of floats that are not negative are in the order of the floats.
      order[k] = (long) Float.floatToRawIntBits((float) Math.max(0, reduced)) << 32 | k;
    }
    Arrays.sort(order);
    return order;
  }

  /** Arcs and the flow on them. */
  record Result(ArcSet arcs, long[] flow) {}
}
