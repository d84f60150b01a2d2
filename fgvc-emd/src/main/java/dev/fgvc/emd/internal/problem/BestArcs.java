package dev.fgvc.emd.internal.problem;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.RowBlocks;
import java.util.Arrays;
import java.util.Collection;

/**
 * The arcs of least reduced cost c_ij - u_i - v_j, a given number for each row and for each column,
 * among those offered to it. Among equals the lower index wins, so that the result does not depend
 * on who offered what first. Used by one thread; several are merged.
 */
public final class BestArcs {

  private final int[] perRow;
  private final int columns;
  private final double below;
  private final LongList rowKeys = new LongList();
  private final double[] rowCosts;
  private final int[] rowArcs;
  // For each column its best, from its start on, as a heap; the first is the largest, to be beaten.
  private final int[] columnStart;
  private final double[] columnCosts;
  private final int[] columnRows;
  private final double[] columnToBeat;
  private double rowToBeat;
  private int rowSize;

  /**
   * Starts with no arcs.
   *
   * @param perRow how many arcs to find for each row, at least 1
   * @param perColumn how many for each column, at least 1
   * @param below only arcs of reduced cost less than this count
   */
  public BestArcs(int[] perRow, int[] perColumn, double below) {
    this.perRow = perRow;
    this.below = below;
    columns = perColumn.length;
    int most = Math.min(columns, Arrays.stream(perRow).max().orElse(0));
    rowCosts = new double[most];
    rowArcs = new int[most];
    columnStart = new int[columns + 1];
    for (int j = 0; j < columns; j++) {
      columnStart[j + 1] = Math.addExact(columnStart[j], Math.min(perColumn[j], perRow.length));
    }
    columnCosts = new double[columnStart[columns]];
    columnRows = new int[columnStart[columns]];
    columnToBeat = new double[columns];
    Arrays.fill(columnCosts, below);
    Arrays.fill(columnRows, -1);
    Arrays.fill(columnToBeat, below);
  }

  /**
   * Finds the best of all arcs, as far as {@link CostMatrix#visit} tells, in one pass; on the way
   * sets each u_i to the largest value that the v allow. Where costs are only bounded, single
   * precision does for both.
   *
   * @param below only arcs of reduced cost less than this count
   */
  public static long[] ofAll(
      CostMatrix costs, Potentials potentials, int[] perRow, int[] perColumn, double below) {
    int[] rows = costs.allRows();
    return keys(
        RowBlocks.run(
            rows.length,
            potentials.v().length,
            () -> new BestArcs(perRow, perColumn, below),
            costs.visitsExactly()
                ? (best, from, to) -> best.takeCosts(costs, rows, from, to, potentials)
                : (best, from, to) -> best.takeBounds(costs, rows, from, to, potentials)));
  }

  private void takeCosts(CostMatrix costs, int[] rows, int from, int to, Potentials potentials) {
    double[] u = potentials.u();
    double[] v = potentials.v();
    costs.visit(
        rows,
        from,
        to,
        (row, values, offset) -> {
          u[row] = Potentials.leastReduced(values, offset, v);
          takeRow(row, values, offset, u[row], v);
        });
  }

  private void takeBounds(CostMatrix costs, int[] rows, int from, int to, Potentials potentials) {
    double unit = costs.boundUnit();
    float[] v = new float[columns];
    for (int j = 0; j < columns; j++) {
      v[j] = (float) (potentials.v(j) / unit);
    }
    float[] reduced = new float[columns];
    costs.visitBounds(
        rows,
        from,
        to,
        (row, bounds, start) -> {
          subtract(bounds, start, v, reduced);
          float least = least(reduced);
          potentials.u()[row] = least * unit;
          takeRow(row, reduced, least, unit);
        });
  }

  private static void subtract(float[] bounds, int start, float[] v, float[] reduced) {
    for (int j = 0; j < reduced.length; j++) {
      reduced[j] = bounds[start + j] - v[j];
    }
  }

  private static float least(float[] values) {
    float first = Float.POSITIVE_INFINITY;
    float second = first;
    float third = first;
    float fourth = first;
    int j = 0;
    for (; j < values.length - 3; j += 4) {
      first = values[j] < first ? values[j] : first;
      second = values[j + 1] < second ? values[j + 1] : second;
      third = values[j + 2] < third ? values[j + 2] : third;
      fourth = values[j + 3] < fourth ? values[j + 3] : fourth;
    }
    for (; j < values.length; j++) {
      first = Math.min(first, values[j]);
    }
    return Math.min(Math.min(first, second), Math.min(third, fourth));
  }

  private void takeRow(int row, float[] reduced, float least, double unit) {
    startRow(row);
    for (int j = 0; j < columns; j++) {
      double more = (reduced[j] - least) * unit;
      if (more < rowToBeat || more <= columnToBeat[j]) {
        offer(row, j, more);
      }
    }
    endRow(row);
  }

  /** Finds the best among some arcs. */
  public static long[] among(ArcSet arcs, Potentials potentials, int[] perRow, int[] perColumn) {
    BestArcs best = new BestArcs(perRow, perColumn, Double.POSITIVE_INFINITY);
    int k = 0;
    while (k < arcs.size()) {
      int row = arcs.row(k);
      best.startRow(row);
      for (; k < arcs.size() && arcs.row(k) == row; k++) {
        int column = arcs.column(k);
        best.offer(row, column, arcs.cost(k) - potentials.u(row) - potentials.v(column));
      }
      best.endRow(row);
    }
    return best.keys();
  }

  private void takeRow(int row, double[] values, int offset, double u, double[] v) {
    startRow(row);
    for (int j = 0; j < columns; j++) {
      double reduced = values[offset + j] - u - v[j];
      if (reduced < rowToBeat || reduced <= columnToBeat[j]) {
        offer(row, j, reduced);
      }
    }
    endRow(row);
  }

  /** Begins a row; each row is offered as a whole by one thread. */
  public void startRow(int row) {
    rowSize = Math.min(perRow[row], columns);
    Arrays.fill(rowCosts, 0, rowSize, below);
    Arrays.fill(rowArcs, 0, rowSize, -1);
    rowToBeat = below;
  }

  /** Offers an arc of the present row. */
  public void offer(int row, int column, double reduced) {
    if (reduced < rowToBeat) {
      replaceLargest(rowCosts, rowArcs, 0, rowSize, reduced, column);
      rowToBeat = rowCosts[0];
    }
    if (reduced <= columnToBeat[column]) {
      offerToColumn(column, reduced, row);
    }
  }

  private void offerToColumn(int column, double reduced, int row) {
    int start = columnStart[column];
    int end = columnStart[column + 1];
    if (reduced == columnCosts[start] && row > columnRows[start]) {
      return;
    }
    replaceLargest(columnCosts, columnRows, start, end - start, reduced, row);
    columnToBeat[column] = columnCosts[start];
  }

  /** Ends a row. */
  public void endRow(int row) {
    for (int k = 0; k < rowSize; k++) {
      if (rowArcs[k] >= 0) {
        rowKeys.add((long) row * columns + rowArcs[k]);
      }
    }
  }

  /**
   * The keys (row x columns + column) of the best arcs of all, not sorted; an arc that is among the
   * best of its row and of its column appears twice.
   */
  public static long[] keys(Collection<BestArcs> parts) {
    BestArcs all = null;
    for (BestArcs part : parts) {
      if (all == null) {
        all = part;
      } else {
        all.merge(part);
      }
    }
    return all == null ? new long[0] : all.keys();
  }

  private void merge(BestArcs other) {
    rowKeys.addAll(other.rowKeys);
    for (int j = 0; j < columns; j++) {
      for (int k = columnStart[j]; k < columnStart[j + 1]; k++) {
        if (other.columnRows[k] >= 0 && other.columnCosts[k] <= columnToBeat[j]) {
          offerToColumn(j, other.columnCosts[k], other.columnRows[k]);
        }
      }
    }
  }

  private long[] keys() {
    LongList keys = new LongList();
    keys.addAll(rowKeys);
    for (int j = 0; j < columns; j++) {
      for (int k = columnStart[j]; k < columnStart[j + 1]; k++) {
        if (columnRows[k] >= 0) {
          keys.add((long) columnRows[k] * columns + j);
        }
      }
    }
    return keys.toArray();
  }

  /** Puts an arc in the place of the largest, the first of a heap, and mends the heap. */
  private static void replaceLargest(
      double[] costs, int[] ids, int start, int size, double cost, int id) {
    int place = 0;
    int child = 1;
    while (child < size) {
      int larger = start + child;
      if (child + 1 < size && isLarger(costs, ids, larger + 1, costs[larger], ids[larger])) {
        child++;
        larger++;
      }
      if (!isLarger(costs, ids, larger, cost, id)) {
        break;
      }
      costs[start + place] = costs[start + child];
      ids[start + place] = ids[start + child];
      place = child;
      child = 2 * place + 1;
    }
    costs[start + place] = cost;
    ids[start + place] = id;
  }

  private static boolean isLarger(double[] costs, int[] ids, int k, double cost, int id) {
    return costs[k] > cost || (costs[k] == cost && ids[k] > id);
  }
}
