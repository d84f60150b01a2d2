package dev.fgvc.emd.internal.cost;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

/**
 * The blocks of target columns in a product of two sets of points.
 *
 * @param columns the number of target points
 * @param count the number of column blocks
 */
record ColumnBlocks(int columns, int count) {

  /** Blocks no wider than {@code width}. */
  static ColumnBlocks of(int columns, int width) {
    return new ColumnBlocks(columns, divide(columns, width, CEILING));
  }

  /**
   * The first column of a block; all are about as wide, since narrow ones take longer by column.
   */
  int start(int block) {
    return (int) ((long) columns * block / count);
  }

  int width(int block) {
    return start(block + 1) - start(block);
  }

  int widest() {
    return divide(columns, count, CEILING);
  }
}
