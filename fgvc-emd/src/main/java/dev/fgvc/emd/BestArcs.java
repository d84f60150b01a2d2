package dev.fgvc.emd;

import java.util.Arrays;
import java.util.Collection;

/**
 * Finds the arcs of least reduced cost c_ij - u_i - v_j: a fixed number for each row and each
 * column, in one pass.
 */
final class BestArcs {

  private final CostMatrix costs;
  private final Potentials potentials;
  private final int perRow;
  private final int perColumn;
  private final double below;

  /**
   * Prepares a search.
   *
   * @param below only arcs of reduced cost less than this count
   */
  private BestArcs(
      CostMatrix costs, Potentials potentials, int perRow, int perColumn, double below) {
    this.costs = costs;
    this.potentials = potentials;
    this.perRow = Math.min(perRow, costs.columns());
    this.perColumn = Math.min(perColumn, costs.rows());
    this.below = below;
  }

  /**
   * The keys (row x columns + column) of the arcs found, not sorted; an arc that is among the best
   * of its row and of its column appears twice.
   */
  static long[] find(
      CostMatrix costs, Potentials potentials, int perRow, int perColumn, double below) {
    return new BestArcs(costs, potentials, perRow, perColumn, below).find();
  }

  private long[] find() {
    int columns = costs.columns();
    Collection<State> states =
        RowBlocks.run(
            costs.rows(),
            columns,
            () -> new State(perRow, perColumn, columns, below),
            (state, from, to) ->
                costs.visit(
                    from,
                    to,
                    (row, values, offset) ->
                        state.take(row, values, offset, potentials.u[row], potentials.v)));
    State all = null;
    LongList keys = new LongList();
    for (State state : states) {
      keys.addAll(state.rowKeys);
      if (all == null) {
        all = state;
      } else {
        all.merge(state);
      }
    }
    if (all != null) {
      all.columnKeys(keys);
    }
    return keys.toArray();
  }

  /** The best arcs that one thread has seen. */
  private static final class State {
    final int perRow;
    final int perColumn;
    final int columns;
    final double below;
    final LongList rowKeys = new LongList();
    final double[] rowCosts;
    final int[] rowArcs;
    // For each column its perColumn best, sorted; the last is the one to beat.
    final double[] columnCosts;
    final int[] columnRows;
    final double[] toBeat;

    State(int perRow, int perColumn, int columns, double below) {
      this.perRow = perRow;
      this.perColumn = perColumn;
      this.columns = columns;
      this.below = below;
      rowCosts = new double[perRow];
      rowArcs = new int[perRow];
      columnCosts = new double[perColumn * columns];
      columnRows = new int[perColumn * columns];
      toBeat = new double[columns];
      Arrays.fill(columnCosts, below);
      Arrays.fill(columnRows, -1);
      Arrays.fill(toBeat, below);
    }

    void take(int row, double[] values, int offset, double u, double[] v) {
      Arrays.fill(rowCosts, below);
      Arrays.fill(rowArcs, -1);
      double rowToBeat = below;
      for (int j = 0; j < columns; j++) {
        double reduced = values[offset + j] - u - v[j];
        if (reduced < rowToBeat) {
          insert(rowCosts, rowArcs, 0, perRow, reduced, j);
          rowToBeat = rowCosts[perRow - 1];
        }
        if (reduced < toBeat[j]) {
          insert(columnCosts, columnRows, j * perColumn, perColumn, reduced, row);
          toBeat[j] = columnCosts[(j + 1) * perColumn - 1];
        }
      }
      for (int j : rowArcs) {
        if (j >= 0) {
          rowKeys.add((long) row * columns + j);
        }
      }
    }

    void merge(State other) {
      for (int j = 0; j < columns; j++) {
        for (int k = j * perColumn; k < (j + 1) * perColumn && other.columnRows[k] >= 0; k++) {
          if (other.columnCosts[k] < toBeat[j]) {
            insert(
                columnCosts,
                columnRows,
                j * perColumn,
                perColumn,
                other.columnCosts[k],
                other.columnRows[k]);
            toBeat[j] = columnCosts[(j + 1) * perColumn - 1];
          }
        }
      }
    }

    void columnKeys(LongList keys) {
      for (int k = 0; k < columnRows.length; k++) {
        if (columnRows[k] >= 0) {
          keys.add((long) columnRows[k] * columns + k / perColumn);
        }
      }
    }

    private static void insert(
        double[] costs, int[] ids, int start, int size, double cost, int id) {
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
}
