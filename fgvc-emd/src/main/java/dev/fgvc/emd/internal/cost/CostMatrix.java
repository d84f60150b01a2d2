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

  /** Takes lower bounds of one row. The values are valid during the call only. */
  @FunctionalInterface
  interface BoundVisitor {
    /**
     * Takes one row.
     *
     * @param row the row's index
     * @param bounds an array that holds the row's bounds, not to be written
     * @param start where in the array the row starts
     */
    void accept(int row, float[] bounds, int start);
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

  /** The cost that a bound of 1 stands for in {@link #visitBounds}. */
  default double boundUnit() {
    return 1;
  }

  /**
   * Visits rows as {@link #visit} does, in single precision: no bound times the unit is above the
   * cost.
   */
  default void visitBounds(int[] rows, int from, int to, BoundVisitor visitor) {
    float[] bounds = new float[columns()];
    visit(
        rows,
        from,
        to,
        (row, values, offset) -> {
          for (int j = 0; j < bounds.length; j++) {
            float bound = (float) values[offset + j];
            bounds[j] = bound > values[offset + j] ? Math.nextDown(bound) : bound;
          }
          visitor.accept(row, bounds, 0);
        });
  }

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
