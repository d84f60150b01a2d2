package dev.fgvc.emd;

/**
 * The primal network simplex on a transportation problem, started from any flow tree.
 *
 * <p>The flow solver of {@link NativeFlow} cannot start from an earlier solution. When arcs join a
 * problem that is solved already, few pivots lead to the new optimum, so those rounds are done
 * here. Masses are integers, so flows are exact; costs are doubles. The tree stays strongly
 * feasible (arcs without flow lead from a row up to a column), which rules out cycling (Cunningham,
 * Math. Prog. 1976).
 */
final class TransportSimplex {

  /**
   * Pivots between two refreshments. Shifts round, and those of the part that has the root move all
   * potentials away from where the tolerance was meant for.
   */
  private static final int REFRESH = 512;

  private final FlowTree tree;
  private long pivots;

  TransportSimplex(FlowTree tree) {
    this.tree = tree;
  }

  /** How many arcs have entered the tree so far. */
  long pivots() {
    return pivots;
  }

  /**
   * Pivots until no arc has a reduced cost below {@code -tolerance}.
   *
   * @param arcs the arcs that may enter; those in the tree may be among them
   * @param watch asked now and then whether to go on
   */
  void optimise(ArcSet arcs, double tolerance, WatchedCosts watch) {
    int size = arcs.size();
    int block = Math.max(64, (int) (3 * Math.sqrt(size)));
    double[] v = tree.columnPotentials();
    int at = 0;
    int fruitless = 0;
    while (fruitless < size) {
      int end = Math.min(size, at + block);
      int best = -1;
      double least = -tolerance;
      int row = -1;
      double u = 0;
      for (int k = at; k < end; k++) {
        if (arcs.row[k] != row) {
          row = arcs.row[k];
          u = tree.potential(row);
        }
        double reduced = arcs.cost[k] - u - v[arcs.column[k]];
        if (reduced < least) {
          least = reduced;
          best = k;
        }
      }
      if (best < 0) {
        fruitless += end - at;
      } else {
        fruitless = 0;
        int column = tree.rows + arcs.column[best];
        if (tree.hasArc(arcs.row[best], column)) {
          // Tight but for the rounding of many shifts; to bring it in again would never end.
          tree.refreshPotentials();
        } else {
          increase(arcs.row[best], column, arcs.cost[best]);
          if (pivots % REFRESH == 0) {
            tree.refreshPotentials();
            watch.check();
          }
        }
      }
      at = end == size ? 0 : end;
    }
  }

  /** Brings an arc without flow into the tree. */
  private void increase(int row, int column, double arcCost) {
    pivots++;
    int join = tree.join(row, column);
    long least = Long.MAX_VALUE;
    int cut = FlowTree.NONE;
    boolean rowSide = true;
    // Flow falls on arcs of rows above the row and of columns above the column. Among equals the
    // last on the way join - row - column - join leaves; this keeps the tree strongly feasible.
    for (int node = row; node != join; node = tree.parent[node]) {
      if (tree.isRow(node) && tree.flow[node] < least) {
        least = tree.flow[node];
        cut = node;
      }
    }
    for (int node = column; node != join; node = tree.parent[node]) {
      if (!tree.isRow(node) && tree.flow[node] <= least) {
        least = tree.flow[node];
        cut = node;
        rowSide = false;
      }
    }
    if (least > 0) {
      for (int node = row; node != join; node = tree.parent[node]) {
        tree.flow[node] += tree.isRow(node) ? -least : least;
      }
      for (int node = column; node != join; node = tree.parent[node]) {
        tree.flow[node] += tree.isRow(node) ? least : -least;
      }
    }
    tree.rehang(cut, rowSide ? row : column, rowSide ? column : row, join, least, arcCost);
  }

  /**
   * Takes the flow off an arc outside the tree, or brings the arc into the tree if some other arc
   * runs empty first. The cost changes by the arc's reduced cost times the flow taken off.
   */
  void empty(int row, int column, double arcCost, long arcFlow) {
    int join = tree.join(row, column);
    long least = arcFlow;
    int cut = FlowTree.NONE;
    boolean rowSide = true;
    for (int node = row; node != join; node = tree.parent[node]) {
      if (!tree.isRow(node) && tree.flow[node] < least) {
        least = tree.flow[node];
        cut = node;
      }
    }
    for (int node = column; node != join; node = tree.parent[node]) {
      if (tree.isRow(node) && tree.flow[node] < least) {
        least = tree.flow[node];
        cut = node;
        rowSide = false;
      }
    }
    for (int node = row; node != join; node = tree.parent[node]) {
      tree.flow[node] += tree.isRow(node) ? least : -least;
    }
    for (int node = column; node != join; node = tree.parent[node]) {
      tree.flow[node] += tree.isRow(node) ? -least : least;
    }
    if (cut != FlowTree.NONE) {
      tree.rehang(
          cut, rowSide ? row : column, rowSide ? column : row, join, arcFlow - least, arcCost);
    }
  }
}
