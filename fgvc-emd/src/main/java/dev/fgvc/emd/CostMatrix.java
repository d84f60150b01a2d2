package dev.fgvc.emd;

/**
 * Costs of moving each source to each target, read a row at a time: either rows of a matrix in
 * memory or rows computed when they are asked for. Safe for reading by several threads at once.
 */
interface CostMatrix {

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

  /** One cost; the same double that {@link #visit} gives for it. */
  double get(int row, int column);

  /** Visits rows {@code from} (included) to {@code to} (excluded) in order, on this thread. */
  void visit(int from, int to, RowVisitor visitor);
}
