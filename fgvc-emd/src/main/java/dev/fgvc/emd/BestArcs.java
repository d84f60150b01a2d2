package dev.fgvc.emd;

import java.util.Arrays;
import java.util.Collection;

/**
 * The arcs of least reduced cost c_ij - u_i - v_j, a given number for each row and for each column,
 * among those offered to it. Used by one thread; several are merged.
 */
final class BestArcs {

  private final int[] perRow;
  private final int columns;
  private final double below;
  private final LongList rowKeys = new LongList();
  private final double[] rowCosts;
  private final int[] rowArcs;
  // For each column its best, sorted, from its start on; the last is the one to beat.
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
  BestArcs(int[] perRow, int[] perColumn, double below) {
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

  /** Finds the best of all arcs, as far as {@link CostMatrix#visit} tells, in one pass. */
  static long[] ofAll(CostMatrix costs, Potentials potentials, int[] perRow, int[] perColumn) {
    int[] rows = costs.allRows();
    double[] u = potentials.u;
    double[] v = potentials.v;
    return keys(
        RowBlocks.run(
            rows.length,
            v.length,
            () -> new BestArcs(perRow, perColumn, Double.POSITIVE_INFINITY),
            (best, from, to) ->
                costs.visit(
                    rows,
                    from,
                    to,
                    (row, values, offset) -> best.takeRow(row, values, offset, u[row], v))));
  }

  private void takeRow(int row, double[] values, int offset, double u, double[] v) {
    startRow(row);
    for (int j = 0; j < columns; j++) {
      double reduced = values[offset + j] - u - v[j];
      if (reduced < rowToBeat || reduced < columnToBeat[j]) {
        offer(row, j, reduced);
      }
    }
    endRow(row);
  }

  /** Begins a row; each row is offered as a whole by one thread. */
  void startRow(int row) {
    rowSize = Math.min(perRow[row], columns);
    Arrays.fill(rowCosts, 0, rowSize, below);
    Arrays.fill(rowArcs, 0, rowSize, -1);
    rowToBeat = below;
  }

  /** Offers an arc of the present row. */
  void offer(int row, int column, double reduced) {
    if (reduced < rowToBeat) {
      insert(rowCosts, rowArcs, 0, rowSize, reduced, column);
      rowToBeat = rowCosts[rowSize - 1];
    }
    if (reduced < columnToBeat[column]) {
      offerToColumn(column, reduced, row);
    }
  }

  private void offerToColumn(int column, double reduced, int row) {
    int start = columnStart[column];
    int end = columnStart[column + 1];
    insert(columnCosts, columnRows, start, end - start, reduced, row);
    columnToBeat[column] = columnCosts[end - 1];
  }

  /** Ends a row. */
  void endRow(int row) {
    for (int k = 0; k < rowSize && rowArcs[k] >= 0; k++) {
      rowKeys.add((long) row * columns + rowArcs[k]);
    }
  }

  /**
   * The keys (row x columns + column) of the best arcs of all, not sorted; an arc that is among the
   * best of its row and of its column appears twice.
   */
  static long[] keys(Collection<BestArcs> parts) {
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
      for (int k = columnStart[j]; k < columnStart[j + 1] && other.columnRows[k] >= 0; k++) {
        if (other.columnCosts[k] < columnToBeat[j]) {
          offerToColumn(j, other.columnCosts[k], other.columnRows[k]);
        }
      }
    }
  }

  private long[] keys() {
    LongList keys = new LongList();
    keys.addAll(rowKeys);
    for (int j = 0; j < columns; j++) {
      for (int k = columnStart[j]; k < columnStart[j + 1] && columnRows[k] >= 0; k++) {
        keys.add((long) columnRows[k] * columns + j);
      }
    }
    return keys.toArray();
  }

  private static void insert(double[] costs, int[] ids, int start, int size, double cost, int id) {
    int k = start + size - 1;
    while (k > start && costs[k - 1] > cost) {
      costs[k] = costs[k - 1];
      ids[k] = ids[k - 1];
      k--;
    }
    costs[k] = cost;
    ids[k] = id;
  }
}
