package dev.fgvc.emd.internal.simplex;

import static com.google.common.base.Preconditions.checkState;

import dev.fgvc.emd.internal.problem.Amounts;
import dev.fgvc.emd.internal.problem.DoubleDouble;
import java.util.Arrays;

/**
 * A spanning tree of rows and columns that carries a flow: the basis of a network simplex.
 *
 * <p>Nodes 0 to rows - 1 are rows, the rest columns; every tree arc joins a row and a column, so it
 * is known by its lower end. The potentials make every tree arc tight: cost = potential of its row
 * + potential of its column. The root is a column, so a row's potential follows from its parent's
 * and is not kept. Most rows are leaves where there are more rows than columns: a pivot, which
 * shifts the potentials of the smaller of two parts, passes these by.
 *
 * <p>Potentials are doubles while pivots shift them. {@link #refreshPotentials} computes them again
 * in twice double precision; a tree that {@link #isFine is fine} keeps them so after each pivot.
 */
public final class FlowTree {

  static final int NONE = -1;

  final int rows;
  final int[] parent;
  final double[] cost;
  final Amounts flow;

  /** How many nodes hang from each node, itself included. */
  private final int[] size;

  /**
   * The potentials of the columns, in their places among all nodes. What rows have there nobody
   * reads.
   */
  private final double[] columnPotential;

  /** The rounding error of {@link #columnPotential}, as of the last refresh. */
  private final double[] columnLow;

  // Lists of children: of each node the first child and the next sibling, side by side as they are
  // read together, and the sibling before. Rows without children of their own are in no list.
  private final int[] links;
  private final int[] previous;

  /** Nodes that wait to be visited. */
  private final int[] line;

  private int root = NONE;
  private double rootPotential;
  private boolean fine;

  FlowTree(int rows, int columns) {
    this.rows = rows;
    int nodes = rows + columns;
    parent = new int[nodes];
    cost = new double[nodes];
    flow = new Amounts(nodes);
    size = new int[nodes];
    columnPotential = new double[nodes];
    columnLow = new double[columns];
    links = new int[2 * nodes];
    previous = new int[nodes];
    line = new int[nodes + 1];
    Arrays.fill(parent, NONE);
    Arrays.fill(links, NONE);
  }

  /** The number of rows and columns. */
  public int nodes() {
    return parent.length;
  }

  boolean isRow(int node) {
    return node < rows;
  }

  /** Whether the arc of a node and its parent has flow. */
  public boolean hasFlow(int node) {
    return parent[node] != NONE && flow.isPositive(node);
  }

  /** The flow of the arc between a node and its parent. */
  public DoubleDouble flowOfArc(int node) {
    return flow.get(node);
  }

  /** The cost of the arc between a node and its parent. */
  public double costOfArc(int node) {
    return cost[node];
  }

  /** The row of the arc between a node and its parent. */
  public int rowOfArc(int node) {
    return isRow(node) ? node : parent[node];
  }

  /** The column of the arc between a node and its parent, counted from 0. */
  public int columnOfArc(int node) {
    return (isRow(node) ? parent[node] : node) - rows;
  }

  /** The largest absolute value of a potential. */
  public double largestPotential() {
    double largest = 0;
    for (int node = 0; node < nodes(); node++) {
      largest = Math.max(largest, Math.abs(potential(node)));
    }
    return largest;
  }

  /** Whether the arc of a row and a column is in the tree. */
  boolean hasArc(int row, int column) {
    return parent[row] == column || parent[column] == row;
  }

  /** The potential of a node; rows have one once they hang. */
  double potential(int node) {
    return isRow(node) ? cost[node] - columnPotential[parent[node]] : columnPotential[node];
  }

  /** The potentials of the columns themselves, which pivots change: that of node k in place k. */
  double[] columnPotentials() {
    return columnPotential;
  }

  /** Whether potentials are kept in twice double precision. */
  public boolean isFine() {
    return fine;
  }

  /** Keeps potentials in twice double precision from now on. */
  public void becomeFine() {
    fine = true;
    refreshPotentials();
  }

  /** The potential of a node in twice double precision; valid until a pivot unless fine. */
  DoubleDouble exactPotential(int node) {
    if (!isRow(node)) {
      return new DoubleDouble(columnPotential[node], columnLow[node - rows]);
    }
    return exactPotential(parent[node]).negated().plus(cost[node]);
  }

  /** The reduced cost of an arc from the potentials in twice double precision. */
  double exactReduced(int row, int column, double arcCost) {
    DoubleDouble up = DoubleDouble.sum(arcCost, -cost[row]);
    return up.plus(exactPotential(parent[row])).minus(exactPotential(column)).high();
  }

  private int firstChild(int node) {
    return links[2 * node];
  }

  private int next(int node) {
    return links[2 * node + 1];
  }

  /** Makes a column, with a potential, the root. */
  void plant(int column, double potential) {
    root = column;
    rootPotential = potential;
    columnPotential[column] = potential;
  }

  /** Hangs a node that has no parent below another, with the arc's flow and cost. */
  void hang(int node, int below, long flowHigh, long flowLow, double arcCost) {
    if (!isRow(node)) {
      columnPotential[node] = arcCost - potential(below);
    }
    attach(node, below, flowHigh, flowLow, arcCost);
  }

  private void attach(int node, int below, long flowHigh, long flowLow, double arcCost) {
    parent[node] = below;
    flow.set(node, flowHigh, flowLow);
    cost[node] = arcCost;
    if (isRow(node)) {
      if (firstChild(node) != NONE) {
        link(node);
      }
    } else {
      boolean firstOne = firstChild(below) == NONE;
      link(node);
      if (firstOne) {
        link(below);
      }
    }
  }

  private void detach(int node) {
    if (isRow(node)) {
      if (firstChild(node) != NONE) {
        unlink(node);
      }
    } else {
      unlink(node);
      if (firstChild(parent[node]) == NONE) {
        unlink(parent[node]);
      }
    }
  }

  private void link(int node) {
    int above = parent[node];
    int second = firstChild(above);
    previous[node] = NONE;
    links[2 * node + 1] = second;
    if (second != NONE) {
      previous[second] = node;
    }
    links[2 * above] = node;
  }

  private void unlink(int node) {
    int before = previous[node];
    int after = next(node);
    links[before == NONE ? 2 * parent[node] : 2 * before + 1] = after;
    if (after != NONE) {
      previous[after] = before;
    }
  }

  /** To be called once all nodes hang, before the first pivot. */
  void complete() {
    Arrays.fill(size, 1);
    int count = 0;
    line[count++] = root;
    // Breadth first; from the back, every node comes before its parent.
    for (int at = 0; at < count; at++) {
      for (int child = firstChild(line[at]); child != NONE; child = next(child)) {
        line[count++] = child;
      }
    }
    for (int row = 0; row < rows; row++) {
      if (firstChild(row) == NONE) {
        size[parent[row]]++;
      }
    }
    for (int at = count - 1; at > 0; at--) {
      size[parent[line[at]]] += size[line[at]];
    }
    checkState(
        size[root] == nodes(), "a tree of %s nodes for %s rows and columns", size[root], nodes());
  }

  /** The first common node on the ways of two nodes to the root. */
  int join(int a, int b) {
    int first = a;
    int second = b;
    while (first != second) {
      // The one with the smaller subtree is no ancestor of the other.
      if (size[first] <= size[second]) {
        first = parent[first];
      } else {
        second = parent[second];
      }
    }
    return first;
  }

  /**
   * Cuts the subtree of {@code cut} off its parent and hangs it by {@code node}, which is in it,
   * below {@code below}, which is not. Potentials follow, up to a shift of all.
   *
   * @param join where the ways of {@code node} and {@code below} to the root met
   */
  void rehang(int cut, int node, int below, int join, long flowHigh, long flowLow, double arcCost) {
    double change = arcCost - potential(below) - potential(node);
    int moving = size[cut];
    for (int above = parent[cut]; above != join; above = parent[above]) {
      size[above] -= moving;
    }
    for (int above = below; above != join; above = parent[above]) {
      size[above] += moving;
    }
    int moved = node;
    int newParent = below;
    long newHigh = flowHigh;
    long newLow = flowLow;
    double newCost = arcCost;
    int newSize = moving;
    while (true) {
      int oldParent = parent[moved];
      long oldHigh = flow.high(moved);
      long oldLow = flow.low(moved);
      double oldCost = cost[moved];
      int oldSize = size[moved];
      detach(moved);
      attach(moved, newParent, newHigh, newLow, newCost);
      size[moved] = newSize;
      if (moved == cut) {
        break;
      }
      newParent = moved;
      newHigh = oldHigh;
      newLow = oldLow;
      newCost = oldCost;
      newSize = moving - oldSize;
      moved = oldParent;
    }
    if (fine) {
      spread(node);
      return;
    }
    double columnShift = isRow(node) ? -change : change;
    if (moving <= nodes() / 2) {
      shiftColumns(node, columnShift);
    } else {
      shiftOthers(node, -columnShift);
    }
  }

  /** Shifts the potentials of all columns but those of a subtree that was just hung. */
  private void shiftOthers(int top, double shift) {
    int above = parent[top];
    boolean isLinked = firstChild(above) == top;
    if (isLinked) {
      links[2 * above] = next(top);
    }
    shiftColumns(root, shift);
    if (isLinked) {
      links[2 * above] = top;
    }
  }

  /**
   * Shifts the potentials of the columns of a subtree. Most of a pivot's time goes here, so there
   * is no branch to mispredict but the loop's own: each node that was found waits in line while its
   * first child and its next sibling line up behind, if there are such, and rows have a potential
   * to shift, which nobody reads.
   */
  private void shiftColumns(int top, double shift) {
    columnPotential[top] += shift;
    int end = 0;
    line[end] = firstChild(top);
    end += oneIfNode(line[end]);
    for (int at = 0; at < end; at++) {
      int node = line[at];
      columnPotential[node] += shift;
      int child = firstChild(node);
      line[end] = child;
      end += oneIfNode(child);
      int sibling = next(node);
      line[end] = sibling;
      end += oneIfNode(sibling);
    }
  }

  /** 1 for a node, 0 for {@link #NONE}. */
  private static int oneIfNode(int nodeOrNone) {
    return ~nodeOrNone >>> 31;
  }

  /**
   * Recomputes the potentials from the root's first one, which removes the rounding of many shifts.
   */
  void refreshPotentials() {
    columnPotential[root] = rootPotential;
    columnLow[root - rows] = 0;
    spread(root);
  }

  /** Computes the potentials of a subtree's columns from that of the column above. */
  private void spread(int top) {
    if (top != root && !isRow(top)) {
      follow(top);
    }
    int waiting = 0;
    line[waiting++] = top;
    while (waiting > 0) {
      int node = line[--waiting];
      for (int child = firstChild(node); child != NONE; child = next(child)) {
        if (!isRow(child)) {
          follow(child);
        }
        line[waiting++] = child;
      }
    }
  }

  /** Sets the potential of a column from the column two arcs above. */
  private void follow(int column) {
    int row = parent[column];
    int above = parent[row];
    double step = cost[column] - cost[row];
    double high = columnPotential[above] + step;
    double low =
        DoubleDouble.lost(columnPotential[above], step, high)
            + (DoubleDouble.lost(cost[column], -cost[row], step) + columnLow[above - rows]);
    double sum = high + low;
    columnPotential[column] = sum;
    columnLow[column - rows] = low - (sum - high);
  }
}
