package dev.fgvc.emd.internal.cost;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

/**
 * The tiles of a product of two sets of points: blocks of target columns, groups of source rows and
 * of dimensions. Both precisions share them; their loops stand twice, as vector code wants the
 * element type.
 *
 * @param columns the number of target points
 * @param count the number of column blocks
 */
record ProductTiles(int columns, int count) {

  /** Points that one loop works on. */
  static final int POINTS = 3;

  /** Dimensions that two loops work on. */
  static final int DIMENSIONS = 6;

  /** Rows worked on together: each piece of a target block is fetched once for all of them. */
  static final int ROWS = 12 * POINTS;

  /** Tiles whose column blocks are no wider than {@code width}. */
  static ProductTiles of(int columns, int width) {
    return new ProductTiles(columns, divide(columns, width, CEILING));
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

  /** The number of dimensions, filled up to whole loops. */
  static int padded(int dimensions) {
    return DIMENSIONS * divide(dimensions, DIMENSIONS, CEILING);
  }

  /** Rows to make room for when some rows are visited, filled up to whole loops. */
  static int rowsAtOnce(int rows) {
    return Math.min(ROWS, POINTS * divide(rows, POINTS, CEILING));
  }
}
