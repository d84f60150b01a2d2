package dev.fgvc.emd.internal.simplex;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.problem.Amounts;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.Potentials;
import java.util.Arrays;

/**
 * Makes the flow tree of a feasible flow: a spanning forest of the arcs with flow, whose trees are
 * joined by arcs without flow.
 *
 * <p>Each tree of the forest keeps its potentials up to a common shift. Shortest paths over the
 * candidate arcs (Dijkstra) find the shifts, so that potentials that are feasible for the
 * candidates stay so; an arc that joins a new tree leads from a row of it up to a column, as a
 * strongly feasible tree wants.
 */
public final class TreeBuilder {

  private final CostMatrix costs;
  private final ArcSet arcs;
  private final int rows;
  private final int nodes;
  private final double[] guess;
  private final FlowTree tree;
  // Arcs of the forest at each node, as linked lists of 2 x arc + end.
  private final int[] firstLink;
  private final int[] nextLink;
  private final boolean[] reached;
  private final int[] columnStart;
  private final int[] columnArcs;
  private final ArcHeap heap = new ArcHeap();

  private TreeBuilder(CostMatrix costs, ArcSet arcs, Potentials potentials) {
    this.costs = costs;
    this.arcs = arcs;
    rows = costs.rows();
    nodes = rows + costs.columns();
    guess = Arrays.copyOf(potentials.u(), nodes);
    System.arraycopy(potentials.v(), 0, guess, rows, potentials.v().length);
    tree = new FlowTree(rows, costs.columns());
    firstLink = new int[nodes];
    Arrays.fill(firstLink, -1);
    nextLink = new int[2 * arcs.size()];
    reached = new boolean[nodes];
    columnStart = new int[costs.columns() + 1];
    columnArcs = new int[arcs.size()];
    for (int k = 0; k < arcs.size(); k++) {
      columnStart[arcs.column(k) + 1]++;
    }
    for (int j = 0; j < columnStart.length - 1; j++) {
      columnStart[j + 1] += columnStart[j];
    }
    int[] next = columnStart.clone();
    for (int k = 0; k < arcs.size(); k++) {
      columnArcs[next[arcs.column(k)]++] = k;
    }
  }

  /**
   * Builds the tree.
   *
   * @param flow a feasible flow on the arcs
   * @param potentials feasible or nearly so, and nearly tight where there is flow
   */
  public static FlowTree build(CostMatrix costs, ArcSet arcs, Amounts flow, Potentials potentials) {
    TreeBuilder builder = new TreeBuilder(costs, arcs, potentials);
    int[] outside = builder.linkForest(flow);
    builder.grow(flow);
    builder.tree.complete();
    TransportSimplex simplex = new TransportSimplex(builder.tree);
    for (int k : outside) {
      simplex.empty(
          arcs.row(k), builder.rows + arcs.column(k), arcs.cost(k), flow.high(k), flow.low(k));
    }
    return builder.tree;
  }

  /** Links arcs with flow that close no cycle; returns the others. */
  private int[] linkForest(Amounts flow) {
    int[] root = new int[nodes];
    Arrays.setAll(root, node -> node);
    int[] outside = new int[16];
    int size = 0;
    for (int k = 0; k < flow.size(); k++) {
      if (!flow.isPositive(k)) {
        continue;
      }
      int a = find(root, arcs.row(k));
      int b = find(root, rows + arcs.column(k));
      if (a == b) {
        if (size == outside.length) {
          outside = Arrays.copyOf(outside, 2 * size);
        }
        outside[size++] = k;
      } else {
        root[a] = b;
        link(2 * k, arcs.row(k));
        link(2 * k + 1, rows + arcs.column(k));
      }
    }
    return Arrays.copyOf(outside, size);
  }

  private void link(int end, int node) {
    nextLink[end] = firstLink[node];
    firstLink[node] = end;
  }

  private static int find(int[] root, int node) {
    int top = node;
    while (root[top] != top) {
      root[top] = root[root[top]];
      top = root[top];
    }
    return top;
  }

  private void grow(Amounts flow) {
    int start = rows + firstWithMass(flow);
    tree.plant(start, guess[start]);
    absorb(start, flow);
    int unreached = 0;
    while (true) {
      while (!heap.isEmpty()) {
        int k = heap.pop();
        if (!reached[arcs.row(k)]) {
          attach(arcs.row(k), rows + arcs.column(k), arcs.cost(k), flow);
        }
      }
      // No candidate leads into the tree any more: any pair will do, as all pairs have a cost.
      while (unreached < rows && reached[unreached]) {
        unreached++;
      }
      if (unreached == rows) {
        break;
      }
      attach(unreached, start, costs.get(unreached, start - rows), flow);
    }
    for (int node = rows; node < nodes; node++) {
      if (!reached[node]) {
        hangMassless(node);
      }
    }
  }

  /** A column without mass is a leaf for ever: its arc is the first to run empty. */
  private void hangMassless(int node) {
    int j = node - rows;
    int row = 0;
    double arcCost = costs.get(0, j);
    for (int c = columnStart[j]; c < columnStart[j + 1]; c++) {
      int k = columnArcs[c];
      if (arcs.cost(k) - tree.potential(arcs.row(k)) < arcCost - tree.potential(row)) {
        row = arcs.row(k);
        arcCost = arcs.cost(k);
      }
    }
    tree.hang(node, row, 0, 0, arcCost);
  }

  private int firstWithMass(Amounts flow) {
    for (int k = 0; k < flow.size(); k++) {
      if (flow.isPositive(k)) {
        return arcs.column(k);
      }
    }
    throw new IllegalArgumentException("a flow of nothing");
  }

  private void attach(int row, int column, double cost, Amounts flow) {
    tree.hang(row, column, 0, 0, cost);
    absorb(row, flow);
  }

  /** Takes the forest tree of a node into the flow tree, from that node down. */
  private void absorb(int top, Amounts flow) {
    int[] stack = new int[16];
    int size = 0;
    stack[size++] = top;
    reached[top] = true;
    while (size > 0) {
      int node = stack[--size];
      if (node >= rows) {
        offerRows(node);
      }
      for (int end = firstLink[node]; end >= 0; end = nextLink[end]) {
        int k = end / 2;
        int other = end % 2 == 0 ? rows + arcs.column(k) : arcs.row(k);
        if (!reached[other]) {
          reached[other] = true;
          tree.hang(other, node, flow.high(k), flow.low(k), arcs.cost(k));
          if (size == stack.length) {
            stack = Arrays.copyOf(stack, 2 * size);
          }
          stack[size++] = other;
        }
      }
    }
  }

  private void offerRows(int node) {
    int j = node - rows;
    for (int c = columnStart[j]; c < columnStart[j + 1]; c++) {
      int k = columnArcs[c];
      if (!reached[arcs.row(k)]) {
        heap.push(arcs.cost(k) - guess[arcs.row(k)] - tree.potential(node), k);
      }
    }
  }
}
