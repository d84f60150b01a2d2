package dev.fgvc.emd.internal.cost;

import java.util.Arrays;

/**
 * Products of the points of two sets in single precision, a few rows at a time, after both sets
 * were moved by one vector and scaled.
 *
 * <p>Products are summed over some dimensions at a time, and these sums added up, so that rounding
 * grows with the length of a stretch and the number of stretches, not with their product.
 */
final class FloatProducts {

  /** Half a unit in the last place of 1. */
  static final float ROUNDING = 0x1p-24f;

  private final Points source;
  private final float[] shift;
  private final float scale;
  // Of the targets minus the shift, scaled.
  private final FloatPanels panels;
  // For each block of columns an array of its own: loops that the compiler makes vector code of
  // begin at an array's first place.
  private final float[][] targetSquares;

  /** Turns the products of a row with a block of columns into what is asked for. */
  @FunctionalInterface
  interface Finish {
    /**
     * Overwrites products.
     *
     * @param row the source
     * @param square its squared length after shift and scaling
     * @param products of the source with each target of the block
     * @param squares the targets' squared lengths after shift and scaling, not to be written
     * @param start the first target
     * @param width the number of targets
     */
    void accept(int row, float square, float[] products, float[] squares, int start, int width);
  }

  /** Takes the finished line of one row; it is valid during the call only. */
  @FunctionalInterface
  interface LineVisitor {
    void accept(int row, float[] values, int start);
  }

  /**
   * Prepares products; takes 4 bytes for each value of the target.
   *
   * @param shift is taken off every point, once it was rounded
   * @param scale a power of two, by which all is multiplied
   */
  FloatProducts(Points source, Points target, double[] shift, float scale) {
    this.source = source;
    this.shift = new float[shift.length];
    for (int k = 0; k < shift.length; k++) {
      this.shift[k] = (float) (shift[k] * scale);
    }
    this.scale = scale;
    panels = FloatPanels.of(target.count(), shift.length);
    targetSquares = new float[panels.blocks().count()][];
    RowBlocks.run(
        panels.blocks().count(),
        (long) panels.blocks().widest() * shift.length,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            pack(target, block);
          }
        });
  }

  private void pack(Points target, int block) {
    int start = panels.blocks().start(block);
    float[] squares = new float[panels.blocks().width(block)];
    float[] point = new float[shift.length];
    float[] spare = target.spare();
    for (int j = 0; j < squares.length; j++) {
      squares[j] = move(target, start + j, spare, point);
      panels.set(block, j, point);
    }
    targetSquares[block] = squares;
  }

  /** Sets a point minus the shift, scaled; returns its squared length. */
  private float move(Points points, int row, float[] spare, float[] point) {
    move(points.array(row, spare), points.offset(row), scale, shift, point);
    return (float) PointSets.square(point);
  }

  /** In single precision and apart, so that the compiler makes vector code. */
  private static void move(float[] values, int start, float scale, float[] shift, float[] point) {
    for (int k = 0; k < point.length; k++) {
      point[k] = values[start + k] * scale - shift[k];
    }
  }

  /**
   * How many units of rounding a product is off by at most, relative to the lengths of its points:
   * one for each sum of products, one for each sum of these, and two for the coordinates.
   */
  static int roundings(int dimension) {
    return Math.min(dimension, FloatPanels.STRETCH) + dimension / FloatPanels.STRETCH + 3;
  }

  /** Computes the lines of some rows, in the order of the list, on this thread. */
  void visit(int[] rows, int from, int to, Finish finish, LineVisitor visitor) {
    Batch batch = new Batch(to - from, finish);
    Line[] lines = new Line[batch.most()];
    Arrays.setAll(lines, r -> new Line(new float[panels.blocks().columns()], 0));
    for (int first = from; first < to; first += lines.length) {
      int count = Math.min(lines.length, to - first);
      batch.compute(rows, first, count, lines, 0);
      for (int r = 0; r < count; r++) {
        visitor.accept(rows[first + r], lines[r].values(), 0);
      }
    }
  }

  /** Computes the lines of the first rows of a list where they are to lie, on this thread. */
  void compute(int[] rows, int count, Finish finish, Line[] lines) {
    Batch batch = new Batch(count, finish);
    for (int first = 0; first < count; first += batch.most()) {
      batch.compute(rows, first, Math.min(batch.most(), count - first), lines, first);
    }
  }

  /** Room for rows that are worked on together. */
  private final class Batch {

    private final Finish finish;
    private final FloatPanels.Rows points;
    private final float[] squares;
    private final float[] point = new float[shift.length];
    private final float[] spare = source.spare();

    Batch(int rows, Finish finish) {
      this.finish = finish;
      squares = new float[panels.rowsAtOnce(rows)];
      points = panels.rows(squares.length);
    }

    int most() {
      return squares.length;
    }

    void compute(int[] rows, int first, int count, Line[] lines, int firstLine) {
      for (int r = 0; r < count; r++) {
        squares[r] = move(source, rows[first + r], spare, point);
        points.set(r, point);
      }
      for (int block = 0; block < panels.blocks().count(); block++) {
        int start = panels.blocks().start(block);
        int width = panels.blocks().width(block);
        float[][] products = points.multiply(block, count);
        for (int r = 0; r < count; r++) {
          finish.accept(
              rows[first + r], squares[r], products[r], targetSquares[block], start, width);
          Line line = lines[firstLine + r];
          System.arraycopy(products[r], 0, line.values(), line.start() + start, width);
        }
      }
    }
  }
}
