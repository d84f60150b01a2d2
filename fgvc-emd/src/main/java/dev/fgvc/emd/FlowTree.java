package dev.fgvc.emd;

import java.util.Arrays;

/**
 * A spanning tree of rows and columns that carries a flow: the basis of a network simplex.
 *
 * <p>Nodes 0 to rows - 1 are rows, the rest columns; every tree arc joins a row and a column, so it
 * is known by its lower end. The potentials make every tree arc tight: cost = potential of its row
 * + potential of its column. Children hang in doubly linked lists, which a pivot re-hangs.
 */
final class FlowTree {

  static final int NONE = -1;

  final int rows;
  final int[] parent;
  final int[] depth;
  final double[] cost;
  final long[] flow;
  final double[] potential;
  private final int[] firstChild;
  private final int[] next;
  private final int[] previous;
  private final int[] stack;

  FlowTree(int rows, int columns) {
    this.rows = rows;
    int nodes = rows + columns;
    parent = new int[nodes];
    depth = new int[nodes];
    cost = new double[nodes];
    flow = new long[nodes];
    potential = new double[nodes];
    firstChild = new int[nodes];
    next = new int[nodes];
    previous = new int[nodes];
    stack = new int[nodes];
    Arrays.fill(parent, NONE);
    Arrays.fill(firstChild, NONE);
  }

  int nodes() {
    return parent.length;
  }

  boolean isRow(int node) {
    return node < rows;
  }

  /** Hangs a node that has no parent below another, with the arc's flow and cost. */
  void hang(int node, int below, long arcFlow, double arcCost) {
    parent[node] = below;
    flow[node] = arcFlow;
    cost[node] = arcCost;
    previous[node] = NONE;
    next[node] = firstChild[below];
    if (next[node] != NONE) {
      previous[next[node]] = node;
    }
    firstChild[below] = node;
  }

  private void unhang(int node) {
    if (previous[node] == NONE) {
      firstChild[parent[node]] = next[node];
    } else {
      next[previous[node]] = next[node];
    }
    if (next[node] != NONE) {
      previous[next[node]] = previous[node];
    }
  }

  /** The first common node on the ways of two nodes to the root. */
  int join(int a, int b) {
    int first = a;
    int second = b;
    while (first != second) {
      if (depth[first] >= depth[second]) {
        first = parent[first];
      } else {
        second = parent[second];
      }
    }
    return first;
  }

  /**
   * Cuts the subtree of {@code cut} off its parent and hangs it by {@code node}, which is in it,
   * below {@code below}, which is not. Depths and potentials of the subtree follow.
   */
  void rehang(int cut, int node, int below, long arcFlow, double arcCost) {
    int moved = node;
    int newParent = below;
    long newFlow = arcFlow;
    double newCost = arcCost;
    while (true) {
      int oldParent = parent[moved];
      long oldFlow = flow[moved];
      double oldCost = cost[moved];
      unhang(moved);
      hang(moved, newParent, newFlow, newCost);
      if (moved == cut) {
        break;
      }
      newParent = moved;
      newFlow = oldFlow;
      newCost = oldCost;
      moved = oldParent;
    }
    double shift = arcCost - potential[below] - potential[node];
    shift(node, isRow(node) ? shift : -shift);
  }

  private void shift(int top, double rowShift) {
    int size = 0;
    stack[size++] = top;
    while (size > 0) {
      int node = stack[--size];
      depth[node] = depth[parent[node]] + 1;
      potential[node] += node < rows ? rowShift : -rowShift;
      for (int child = firstChild[node]; child != NONE; child = next[child]) {
        stack[size++] = child;
      }
    }
  }

  /** Computes potentials anew from the root's, which sheds the rounding of many shifts. */
  void refreshPotentials() {
    int size = 0;
    for (int node = 0; node < parent.length; node++) {
      if (parent[node] == NONE) {
        stack[size++] = node;
      }
    }
    while (size > 0) {
      int node = stack[--size];
      for (int child = firstChild[node]; child != NONE; child = next[child]) {
        potential[child] = cost[child] - potential[node];
        stack[size++] = child;
      }
    }
  }
}
