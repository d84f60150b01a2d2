package dev.fgvc.emd.internal.cost;

/**
 * The targets of {@link FloatProducts}, laid out in blocks of columns for one way of multiplying.
 * All ways give the same sums to the last bit, but for the sign of zero.
 */
interface FloatPanels {

  /** Dimensions whose products are summed before these sums are added up. */
  int STRETCH = 126;

  /** The blocks of columns. */
  ColumnBlocks blocks();

  /** Rows worth being worked on together when some rows are asked for. */
  int rowsAtOnce(int rows);

  /** Sets one target; targets of different blocks may be set by different threads. */
  void set(int block, int column, float[] point);

  /** Room for rows, for one thread. */
  Rows rows(int most);

  /** Some source points, and their products. */
  interface Rows {

    void set(int row, float[] point);

    /**
     * Multiplies the first rows with the targets of a block.
     *
     * @return an array for each row; it is valid until the next call and may be written
     */
    float[][] multiply(int block, int count);
  }

  /** Panels for the way that is the fastest here. */
  static FloatPanels of(int targets, int dimension) {
    return VectorApi.isUsable()
        ? new VectorFloatPanels(targets, dimension)
        : new LoopFloatPanels(targets, dimension);
  }
}
