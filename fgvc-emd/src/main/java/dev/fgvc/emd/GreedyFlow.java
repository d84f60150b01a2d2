package dev.fgvc.emd;

import java.util.stream.IntStream;

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
    double[] reduced = new double[arcs.size()];
    for (int k = 0; k < reduced.length; k++) {
      reduced[k] = arcs.cost[k] - potentials.u[arcs.row[k]] - potentials.v[arcs.column[k]];
    }
    int[] order =
        IntStream.range(0, reduced.length)
            .boxed()
            .sorted((a, b) -> Double.compare(reduced[a], reduced[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    int columns = costs.columns();
    LongList keys = new LongList();
    LongList flows = new LongList();
    for (int k : order) {
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
    ArcSet all = arcs.with(costs, keys.toArray());
    long[] flow = new long[all.size()];
    long[] used = keys.toArray();
    long[] amounts = flows.toArray();
    for (int k = 0; k < used.length; k++) {
      flow[all.indexOf(used[k])] = amounts[k];
    }
    return new Result(all, flow);
  }

  /** Arcs and the flow on them. */
  record Result(ArcSet arcs, long[] flow) {}
}
