package dev.fgvc.emd.internal.simplex;

import dev.fgvc.emd.internal.cost.CancellableCosts;
import dev.fgvc.emd.internal.problem.Amounts;
import dev.fgvc.emd.internal.problem.ArcSet;

/**
 * The primal network simplex on a transportation problem, started from any flow tree.
 *
 * <p>When arcs join a problem that is solved already, few pivots lead to the new optimum. Masses
 * are integers, so flows are exact; reduced costs are doubles, and of twice double precision in a
 * tree that is fine. The tree stays strongly feasible (arcs without flow lead from a row up to a
 * column), which rules out cycling (Cunningham, Math. Prog. 1976).
 */
public final class TransportSimplex {

  /**
   * Pivots between two refreshments. Shifts round, and those of the part that has the root move all
   * potentials away from where the tolerance was meant for.
   */
  private static final int REFRESH = 512;

  private final FlowTree tree;
  private long pivots;

  public TransportSimplex(FlowTree tree) {
    this.tree = tree;
  }

  /** How many arcs have entered the tree so far. */
  public long pivots() {
    return pivots;
  }

  /**
   * Pivots until no arc has a reduced cost below {@code -tolerance}.
   *
   * @param arcs the arcs that may enter; those in the tree may be among them
   * @param doubt how far rounded reduced costs may be off; those of a fine tree are computed again
   *     where that matters, those of others are taken as they are
   * @param watch asked now and then whether to go on
   */
  public void optimise(ArcSet arcs, double tolerance, double doubt, CancellableCosts watch) {
    int size = arcs.size();
    int block = Math.max(64, (int) (3 * Math.sqrt(size)));
    int at = 0;
    int fruitless = 0;
    while (fruitless < size) {
      int end = Math.min(size, at + block);
      int best =
          tree.isFine()
              ? leastExactly(arcs, at, end, -tolerance, doubt)
              : leastOf(arcs, at, end, -tolerance);
      if (best < 0) {
        fruitless += end - at;
      } else {
        fruitless = 0;
        int column = tree.rows + arcs.column(best);
        if (tree.hasArc(arcs.row(best), column)) {
          // Numerically tight: only the rounding of many shifts hides it, and re-entering it could
          // cycle.
          tree.refreshPotentials();
        } else {
          increase(arcs.row(best), column, arcs.cost(best));
          if (pivots % REFRESH == 0) {
            tree.refreshPotentials();
            watch.check();
          }
        }
      }
      at = end == size ? 0 : end;
    }
  }

  /** The arc of least reduced cost among some, if that is below a limit; else -1. */
  private int leastOf(ArcSet arcs, int from, int to, double below) {
    double[] v = tree.columnPotentials();
    int best = -1;
    double least = below;
    int row = -1;
    double u = 0;
    for (int k = from; k < to; k++) {
      if (arcs.row(k) != row) {
        row = arcs.row(k);
        u = tree.potential(row);
      }
      double reduced = arcs.cost(k) - u - v[tree.rows + arcs.column(k)];
      if (reduced < least) {
        least = reduced;
        best = k;
      }
    }
    return best;
  }

  /** The same in twice double precision wherever rounding might tell otherwise. */
  private int leastExactly(ArcSet arcs, int from, int to, double below, double doubt) {
    double[] v = tree.columnPotentials();
    int best = -1;
    double least = below;
    for (int k = from; k < to; k++) {
      int row = arcs.row(k);
      if (arcs.cost(k) - tree.potential(row) - v[tree.rows + arcs.column(k)] < least + doubt) {
        double reduced = tree.exactReduced(row, tree.rows + arcs.column(k), arcs.cost(k));
        if (reduced < least) {
          least = reduced;
          best = k;
        }
      }
    }
    return best;
  }

  /** Brings an arc without flow into the tree. */
  private void increase(int row, int column, double arcCost) {
    pivots++;
    Amounts flow = tree.flow;
    int join = tree.join(row, column);
    long least = Long.MAX_VALUE;
    long leastLow = 0;
    int cut = FlowTree.NONE;
    boolean rowSide = true;
    // Flow falls on arcs of rows above the row and of columns above the column. Among equals the
    // last on the way join - row - column - join leaves; this keeps the tree strongly feasible.
    for (int node = row; node != join; node = tree.parent[node]) {
      if (tree.isRow(node) && flow.isLess(node, least, leastLow)) {
        least = flow.high(node);
        leastLow = flow.low(node);
        cut = node;
      }
    }
    for (int node = column; node != join; node = tree.parent[node]) {
      if (!tree.isRow(node) && !flow.isMore(node, least, leastLow)) {
        least = flow.high(node);
        leastLow = flow.low(node);
        cut = node;
        rowSide = false;
      }
    }
    if ((least | leastLow) > 0) {
      shift(row, column, join, least, leastLow);
    }
    tree.rehang(
        cut, rowSide ? row : column, rowSide ? column : row, join, least, leastLow, arcCost);
  }

  /** Moves flow from the way between a row and a column to the arc between them. */
  private void shift(int row, int column, int join, long amount, long amountLow) {
    Amounts flow = tree.flow;
    for (int node = row; node != join; node = tree.parent[node]) {
      if (tree.isRow(node)) {
        flow.subtract(node, amount, amountLow);
      } else {
        flow.add(node, amount, amountLow);
      }
    }
    for (int node = column; node != join; node = tree.parent[node]) {
      if (tree.isRow(node)) {
        flow.add(node, amount, amountLow);
      } else {
        flow.subtract(node, amount, amountLow);
      }
    }
  }

  /**
   * Takes the flow off an arc outside the tree, or brings the arc into the tree if some other arc
   * runs empty first. The cost changes by the arc's reduced cost times the flow taken off.
   */
  void empty(int row, int column, double arcCost, long arcFlow, long arcFlowLow) {
    Amounts flow = tree.flow;
    Amounts rest = new Amounts(1);
    rest.set(0, arcFlow, arcFlowLow);
    int join = tree.join(row, column);
    long least = arcFlow;
    long leastLow = arcFlowLow;
    int cut = FlowTree.NONE;
    boolean rowSide = true;
    for (int node = row; node != join; node = tree.parent[node]) {
      if (!tree.isRow(node) && flow.isLess(node, least, leastLow)) {
        least = flow.high(node);
        leastLow = flow.low(node);
        cut = node;
      }
    }
    for (int node = column; node != join; node = tree.parent[node]) {
      if (tree.isRow(node) && flow.isLess(node, least, leastLow)) {
        least = flow.high(node);
        leastLow = flow.low(node);
        cut = node;
        rowSide = false;
      }
    }
    // The same way the other way round: what the arc gives up goes along it.
    shift(column, row, join, least, leastLow);
    rest.subtract(0, least, leastLow);
    if (cut != FlowTree.NONE) {
      tree.rehang(
          cut,
          rowSide ? row : column,
          rowSide ? column : row,
          join,
          rest.high(0),
          rest.low(0),
          arcCost);
    }
  }
}
