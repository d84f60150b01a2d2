package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.problem.Amounts;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.LongList;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Potentials;

/**
 * A feasible flow on candidate arcs, the cheapest first: each takes what its row still has and its
 * column still wants.
 */
public final class GreedyFlow {

  /** Binary digits by which reduced costs are told apart. */
  private static final int DIGITS = 4;

  /** The digits of a float besides its leading one. */
  private static final int FLOAT_DIGITS = 23;

  /** One for each exponent, 0 to 255, and digits. */
  private static final int BUCKETS = 256 << DIGITS;

  private GreedyFlow() {}

  /**
   * Finds a flow.
   *
   * @param arcs candidates; what they cannot carry goes by the northwest-corner rule over arcs that
   *     are added to them
   * @return the arcs, with those added
   */
  public static Result find(CostMatrix costs, ArcSet arcs, Potentials potentials, Masses masses) {
    Amounts left = masses.supply().copy();
    Amounts wanted = masses.demand().copy();
    int columns = costs.columns();
    // A candidate or a step of the northwest-corner rule ends the mass of a row or of a column.
    LongList keys = new LongList();
    Amounts moved = new Amounts(left.size() + wanted.size());
    for (int k : byReducedCost(arcs, potentials)) {
      if (left.isPositive(arcs.row(k)) && wanted.isPositive(arcs.column(k))) {
        move(left, arcs.row(k), wanted, arcs.column(k), moved, keys.size());
        keys.add((long) arcs.row(k) * columns + arcs.column(k));
      }
    }
    int j = 0;
    for (int i = 0; i < left.size(); i++) {
      while (left.isPositive(i)) {
        while (!wanted.isPositive(j)) {
          j++;
        }
        move(left, i, wanted, j, moved, keys.size());
        keys.add((long) i * columns + j);
      }
    }
    long[] used = keys.toArray();
    ArcSet all = arcs.with(costs, used);
    Amounts flow = new Amounts(all.size());
    for (int k = 0; k < used.length; k++) {
      flow.set(all.indexOf(used[k]), moved.high(k), moved.low(k));
    }
    return new Result(all, flow);
  }

  /** Moves as much as a row has left or a column wants. */
  private static void move(Amounts left, int i, Amounts wanted, int j, Amounts moved, int k) {
    Amounts least = left.isLess(i, wanted.high(j), wanted.low(j)) ? left : wanted;
    int at = least == left ? i : j;
    moved.set(k, least.high(at), least.low(at));
    left.subtract(i, moved.high(k), moved.low(k));
    wanted.subtract(j, moved.high(k), moved.low(k));
  }

  /**
   * The places of the arcs, the least reduced cost first, as far as its order of magnitude and
   * {@link #DIGITS} binary digits tell.
   */
  private static int[] byReducedCost(ArcSet arcs, Potentials potentials) {
    int[] bucket = new int[arcs.size()];
    int[] next = new int[BUCKETS + 1];
    for (int k = 0; k < bucket.length; k++) {
      double reduced = arcs.cost(k) - potentials.u(arcs.row(k)) - potentials.v(arcs.column(k));
      // The bits of floats that are not negative are in the order of the floats.
      bucket[k] = Float.floatToRawIntBits((float) Math.max(0, reduced)) >> FLOAT_DIGITS - DIGITS;
      next[bucket[k] + 1]++;
    }
    for (int b = 1; b < BUCKETS; b++) {
      next[b] += next[b - 1];
    }
    int[] order = new int[bucket.length];
    for (int k = 0; k < order.length; k++) {
      order[next[bucket[k]]++] = k;
    }
    return order;
  }

  /** Arcs and the flow on them. */
  public record Result(ArcSet arcs, Amounts flow) {}
}
