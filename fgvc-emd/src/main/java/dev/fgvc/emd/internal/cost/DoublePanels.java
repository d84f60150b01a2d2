package dev.fgvc.emd.internal.cost;

/**
 * The targets of {@link EuclideanCosts}, laid out in blocks of columns for one way of multiplying.
 * All ways give the same sums to the last bit, but for the sign of zero. {@link FloatPanels} in
 * double precision.
 */
interface DoublePanels {

  /** The blocks of columns. */
  ColumnBlocks blocks();

  /** Rows worth being worked on together when some rows are asked for. */
  int rowsAtOnce(int rows);

  /** Sets one target; targets of different blocks may be set by different threads. */
  void set(int block, int column, double[] point);

  /** Room for rows, for one thread. */
  Rows rows(int most);

  /** Some source points, and their products. */
  interface Rows {

    void set(int row, double[] point);

    /**
     * Multiplies the first rows with the targets of a block.
     *
     * @return an array for each row; it is valid until the next call and may be written
     */
    double[][] multiply(int block, int count);
  }

  /** Panels for the way that is the fastest here. */
  static DoublePanels of(int targets, int dimension) {
    return VectorApi.isUsable() && VectorDoublePanels.areFasterThanLoops()
        ? new VectorDoublePanels(targets, dimension)
        : new LoopDoublePanels(targets, dimension);
  }
}
