package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.problem.Amounts;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.LongList;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Potentials;
import java.util.Arrays;

/**
 * A feasible flow on candidate arcs: each takes what its row still has and its column still wants,
 * those first for which the row or the column has no other that is nearly as cheap.
 */
public final class GreedyFlow {

  /** Binary digits by which reduced costs are told apart. */
  private static final int DIGITS = 4;

  /** The digits of a float besides its leading one. */
  private static final int FLOAT_DIGITS = 23;

  /** One for each exponent, 0 to 255, and digits. */
  private static final int BUCKETS = 256 << DIGITS;

  /** In place of an arc's cost where there is none; larger than any. */
  private static final double NO_ARC = Float.MAX_VALUE;

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
    for (int k : byUrgency(arcs, potentials)) {
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
   * The places of the arcs, the most urgent first, as far as their order of magnitude and {@link
   * #DIGITS} binary digits tell: by how much costlier the next best arc of the row or the column
   * is, whichever is costlier.
   */
  private static int[] byUrgency(ArcSet arcs, Potentials potentials) {
    int rows = potentials.u().length;
    double[] reduced = new double[arcs.size()];
    double[] best = new double[rows + potentials.v().length];
    double[] second = new double[best.length];
    Arrays.fill(best, NO_ARC);
    Arrays.fill(second, NO_ARC);
    for (int k = 0; k < reduced.length; k++) {
      reduced[k] = arcs.cost(k) - potentials.u(arcs.row(k)) - potentials.v(arcs.column(k));
      take(reduced[k], best, second, arcs.row(k));
      take(reduced[k], best, second, rows + arcs.column(k));
    }
    int[] bucket = new int[reduced.length];
    int[] next = new int[2 * BUCKETS + 1];
    for (int k = 0; k < bucket.length; k++) {
      int i = arcs.row(k);
      int j = rows + arcs.column(k);
      double byRow = reduced[k] == best[i] ? second[i] : best[i];
      double byColumn = reduced[k] == best[j] ? second[j] : best[j];
      bucket[k] = bucket((float) (reduced[k] - Math.max(byRow, byColumn)));
      next[bucket[k] + 1]++;
    }
    for (int b = 1; b < next.length; b++) {
      next[b] += next[b - 1];
    }
    int[] order = new int[bucket.length];
    for (int k = 0; k < order.length; k++) {
      order[next[bucket[k]]++] = k;
    }
    return order;
  }

  private static void take(double reduced, double[] best, double[] second, int node) {
    if (reduced < best[node]) {
      second[node] = best[node];
      best[node] = reduced;
    } else if (reduced < second[node]) {
      second[node] = reduced;
    }
  }

  private static int bucket(float value) {
    // The bits of floats without a sign are in the order of the floats.
    int bits = Float.floatToRawIntBits(Math.abs(value)) >> FLOAT_DIGITS - DIGITS;
    return value < 0 ? BUCKETS - 1 - bits : BUCKETS + bits;
  }

  /** Arcs and the flow on them. */
  public record Result(ArcSet arcs, Amounts flow) {}
}
