package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.problem.ArcSet;
import java.util.Arrays;

/**
 * Shortest paths in the residual graph of an optimal flow: the integer potentials that prove it
 * optimal on its arcs.
 *
 * <p>An arc of cost c gives the residual arcs row to column of length c and, where it has flow,
 * column to row of length -c. Without negative cycles, which an optimal flow has not, labels d with
 * {@code d(to) <= d(from) + length} exist; then u = -d and v = d satisfy {@code u + v <= c}, with
 * equality where there is flow. Labels start at 0 and are corrected from a queue (Bellman-Ford), so
 * costs that are already nearly reduced need little work.
 */
public final class ResidualPotentials {

  private final int rows;
  private final ArcSet arcs;
  private final long[] cost;
  private final int[] rowStart;
  private final int[] flowArcs;
  private final int[] flowStart;
  private final long[] label;
  private final int[] queue;
  private final boolean[] queued;
  private int head;
  private int waiting;

  private ResidualPotentials(int rows, int columns, ArcSet arcs, long[] cost, long[] flow) {
    this.rows = rows;
    this.arcs = arcs;
    this.cost = cost;
    rowStart = new int[rows + 1];
    flowStart = new int[columns + 1];
    for (int k = 0; k < arcs.size(); k++) {
      rowStart[arcs.row(k) + 1]++;
      if (flow[k] > 0) {
        flowStart[arcs.column(k) + 1]++;
      }
    }
    Arrays.parallelPrefix(rowStart, Integer::sum);
    Arrays.parallelPrefix(flowStart, Integer::sum);
    flowArcs = new int[flowStart[columns]];
    int[] next = flowStart.clone();
    for (int k = 0; k < arcs.size(); k++) {
      if (flow[k] > 0) {
        flowArcs[next[arcs.column(k)]++] = k;
      }
    }
    label = new long[rows + columns];
    queue = new int[rows + columns];
    queued = new boolean[rows + columns];
  }

  /**
   * Finds potentials.
   *
   * @param cost the cost of each arc, in place of the arcs' own
   * @param flow the flow on each arc
   * @return labels of the rows (-u), then of the columns (v)
   */
  public static long[] find(int rows, int columns, ArcSet arcs, long[] cost, long[] flow) {
    ResidualPotentials search = new ResidualPotentials(rows, columns, arcs, cost, flow);
    search.correctLabels();
    return search.label;
  }

  private void correctLabels() {
    for (int node = 0; node < label.length; node++) {
      enqueue(node);
    }
    while (waiting > 0) {
      int node = queue[head];
      head = head + 1 == queue.length ? 0 : head + 1;
      waiting--;
      queued[node] = false;
      if (node < rows) {
        for (int k = rowStart[node]; k < rowStart[node + 1]; k++) {
          offer(rows + arcs.column(k), label[node] + cost[k]);
        }
      } else {
        int j = node - rows;
        for (int f = flowStart[j]; f < flowStart[j + 1]; f++) {
          int k = flowArcs[f];
          offer(arcs.row(k), label[node] - cost[k]);
        }
      }
    }
  }

  private void offer(int node, long candidate) {
    if (candidate < label[node]) {
      label[node] = candidate;
      enqueue(node);
    }
  }

  private void enqueue(int node) {
    if (!queued[node]) {
      queued[node] = true;
      int tail = head + waiting;
      queue[tail >= queue.length ? tail - queue.length : tail] = node;
      waiting++;
    }
  }
}
