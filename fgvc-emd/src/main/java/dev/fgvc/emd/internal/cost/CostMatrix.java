package dev.fgvc.emd.internal.cost;

import java.util.Arrays;

/**
 * Costs of moving each source to each target, read a row at a time: either rows of a matrix in
 * memory or rows computed when they are asked for. Safe for reading by several threads at once.
 */
public interface CostMatrix {

  /** Takes one row. The values are valid during the call only. */
  @FunctionalInterface
  interface RowVisitor {
    /**
     * Takes one row.
     *
     * @param row the row's index
     * @param values an array that holds the row's costs, not to be written
     * @param offset where in the array the row starts
     */
    void accept(int row, double[] values, int offset);
  }

  int rows();

  int columns();

  /** One cost. */
  double get(int row, int column);

  /** Whether {@link #visit} gives the costs themselves; else it gives bounds a little below. */
  boolean visitsExactly();

  /**
   * Visits the rows in places {@code from} (included) to {@code to} (excluded) of a list, in its
   * order, on this thread. No value is above the cost that {@link #get} gives.
   */
  void visit(int[] rows, int from, int to, RowVisitor visitor);

  /** A view of some columns, in the order given. */
  default CostMatrix withColumns(int[] columns) {
    return new SelectedColumns(this, columns);
  }

  /** The list of all rows. */
  default int[] allRows() {
    int[] all = new int[rows()];
    Arrays.setAll(all, row -> row);
    return all;
  }
}
