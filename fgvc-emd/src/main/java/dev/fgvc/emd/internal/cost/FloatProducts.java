package dev.fgvc.emd.internal.cost;

import static dev.fgvc.emd.internal.cost.ProductTiles.DIMENSIONS;
import static dev.fgvc.emd.internal.cost.ProductTiles.POINTS;
import static dev.fgvc.emd.internal.cost.ProductTiles.ROWS;

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

  /** Columns worked on together, at most: six such arrays fit a first-level cache. */
  private static final int WIDTH = 640;

  /** Dimensions worked on together: their lanes stay in a second-level cache. */
  private static final int DEPTH = 21 * DIMENSIONS;

  private final Points source;
  private final double[] shift;
  private final double scale;
  private final ProductTiles tiles;
  // Target coordinates minus the shift, scaled, one array for each block of columns and dimension,
  // filled up by zeros.
  private final float[][][] panels;
  private final float[] targetSquares;

  /** Turns the products of a row with a block of columns into what is asked for. */
  @FunctionalInterface
  interface Finish {
    /**
     * Overwrites products.
     *
     * @param row the source
     * @param square its squared length after shift and scaling
     * @param products of the source with each target of the block
     * @param start the first target
     * @param width the number of targets
     */
    void accept(int row, float square, float[] products, int start, int width);
  }

  /** Takes the finished line of one row; it is valid during the call only. */
  @FunctionalInterface
  interface LineVisitor {
    void accept(int row, float[] line);
  }

  /**
   * Prepares products; takes 4 bytes for each value of the target.
   *
   * @param shift is taken off every point
   * @param scale a power of two, by which the rest is multiplied
   */
  FloatProducts(Points source, Points target, double[] shift, double scale) {
    this.source = source;
    this.shift = shift;
    this.scale = scale;
    tiles = ProductTiles.of(target.count(), WIDTH);
    panels = new float[tiles.count()][ProductTiles.padded(shift.length)][];
    targetSquares = new float[target.count()];
    RowBlocks.run(
        tiles.count(),
        (long) WIDTH * shift.length,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            pack(target, block);
          }
        });
  }

  private void pack(Points target, int block) {
    int start = tiles.start(block);
    int width = tiles.width(block);
    float[][] lanes = panels[block];
    for (int k = 0; k < shift.length; k++) {
      lanes[k] = new float[width];
    }
    Arrays.fill(lanes, shift.length, lanes.length, new float[width]);
    float[] point = new float[shift.length];
    float[] spare = target.spare();
    for (int j = 0; j < width; j++) {
      targetSquares[start + j] = move(target, start + j, spare, point);
      for (int k = 0; k < point.length; k++) {
        lanes[k][j] = point[k];
      }
    }
  }

  /** Sets a point minus the shift, scaled; returns its squared length. */
  private float move(Points points, int row, float[] spare, float[] point) {
    float[] values = points.array(row, spare);
    int start = points.offset(row);
    double square = 0;
    for (int k = 0; k < shift.length; k++) {
      point[k] = (float) ((values[start + k] - shift[k]) * scale);
      square += (double) point[k] * point[k];
    }
    return (float) square;
  }

  /** The squared lengths of the targets after shift and scaling; not to be written. */
  float[] targetSquares() {
    return targetSquares;
  }

  /**
   * How many units of rounding a product is off by at most, relative to the lengths of its points:
   * one for each sum of products, one for each sum of these, and two for the coordinates.
   */
  static int roundings(int dimension) {
    return Math.min(dimension, DEPTH) + dimension / DEPTH + 3;
  }

  /** Computes the lines of some rows, in the order of the list, on this thread. */
  void visit(int[] rows, int from, int to, Finish finish, LineVisitor visitor) {
    int most = ProductTiles.rowsAtOnce(to - from);
    float[][] points = new float[most][panels[0].length];
    float[] squares = new float[most];
    float[][] products = new float[most][tiles.widest()];
    float[][] sums = new float[panels[0].length > DEPTH ? most : 0][tiles.widest()];
    float[][] lines = new float[most][targetSquares.length];
    float[] spare = source.spare();
    for (int first = from; first < to; first += ROWS) {
      int count = Math.min(ROWS, to - first);
      for (int r = 0; r < count; r++) {
        squares[r] = move(source, rows[first + r], spare, points[r]);
      }
      for (int block = 0; block < panels.length; block++) {
        int start = tiles.start(block);
        int width = tiles.width(block);
        multiply(points, count, panels[block], products, sums);
        for (int r = 0; r < count; r++) {
          finish.accept(rows[first + r], squares[r], products[r], start, width);
          System.arraycopy(products[r], 0, lines[r], start, width);
        }
      }
      for (int r = 0; r < count; r++) {
        visitor.accept(rows[first + r], lines[r]);
      }
    }
  }

  private static void multiply(
      float[][] points, int count, float[][] lanes, float[][] products, float[][] sums) {
    int width = lanes[0].length;
    clear(products, count, width);
    addProducts(points, count, lanes, 0, Math.min(lanes.length, DEPTH), products, width);
    for (int k = DEPTH; k < lanes.length; k += DEPTH) {
      clear(sums, count, width);
      addProducts(points, count, lanes, k, Math.min(lanes.length, k + DEPTH), sums, width);
      for (int r = 0; r < count; r++) {
        add(products[r], sums[r], width);
      }
    }
  }

  private static void clear(float[][] sums, int count, int width) {
    for (int r = 0; r < count; r++) {
      Arrays.fill(sums[r], 0, width, 0);
    }
  }

  private static void add(float[] sum, float[] more, int width) {
    for (int j = 0; j < width; j++) {
      sum[j] += more[j];
    }
  }

  /**
   * Adds the products of some points with all points of a block, over some of the dimensions. Sums
   * of {@code products} after the points' own may change.
   */
  private static void addProducts(
      float[][] points,
      int count,
      float[][] lanes,
      int from,
      int to,
      float[][] products,
      int width) {
    for (int row = 0; row < count; row += POINTS) {
      // The last group is padded by computing its final rows twice, into spare sums.
      float[] second = points[Math.min(row + 1, count - 1)];
      float[] third = points[Math.min(row + 2, count - 1)];
      for (int k = from; k < to; k += DIMENSIONS) {
        addSix(
            points[row],
            second,
            third,
            k,
            lanes,
            products[row],
            products[row + 1],
            products[row + 2],
            width);
      }
    }
  }

  /**
   * The hot loops: three points over three dimensions, then over three more. Their form is what the
   * compiler makes vector code of: one array for each operand, all read before any is written, each
   * sum in one expression; and together too long to become part of the caller, where it often makes
   * none. It takes half the time of two points over four dimensions.
   */
  private static void addSix(
      float[] a,
      float[] b,
      float[] c,
      int k,
      float[][] lanes,
      float[] first,
      float[] second,
      float[] third,
      int width) {
    float[] l0 = lanes[k];
    float[] l1 = lanes[k + 1];
    float[] l2 = lanes[k + 2];
    float a0 = a[k];
    float a1 = a[k + 1];
    float a2 = a[k + 2];
    float b0 = b[k];
    float b1 = b[k + 1];
    float b2 = b[k + 2];
    float c0 = c[k];
    float c1 = c[k + 1];
    float c2 = c[k + 2];
    for (int j = 0; j < width; j++) {
      float p0 = l0[j];
      float p1 = l1[j];
      float p2 = l2[j];
      float x =
          FusedMultiplyAdd.of(
              a2, p2, FusedMultiplyAdd.of(a1, p1, FusedMultiplyAdd.of(a0, p0, first[j])));
      float y =
          FusedMultiplyAdd.of(
              b2, p2, FusedMultiplyAdd.of(b1, p1, FusedMultiplyAdd.of(b0, p0, second[j])));
      float z =
          FusedMultiplyAdd.of(
              c2, p2, FusedMultiplyAdd.of(c1, p1, FusedMultiplyAdd.of(c0, p0, third[j])));
      first[j] = x;
      second[j] = y;
      third[j] = z;
    }
    float[] l3 = lanes[k + 3];
    float[] l4 = lanes[k + 4];
    float[] l5 = lanes[k + 5];
    float a3 = a[k + 3];
    float a4 = a[k + 4];
    float a5 = a[k + 5];
    float b3 = b[k + 3];
    float b4 = b[k + 4];
    float b5 = b[k + 5];
    float c3 = c[k + 3];
    float c4 = c[k + 4];
    float c5 = c[k + 5];
    for (int j = 0; j < width; j++) {
      float p3 = l3[j];
      float p4 = l4[j];
      float p5 = l5[j];
      float x =
          FusedMultiplyAdd.of(
              a5, p5, FusedMultiplyAdd.of(a4, p4, FusedMultiplyAdd.of(a3, p3, first[j])));
      float y =
          FusedMultiplyAdd.of(
              b5, p5, FusedMultiplyAdd.of(b4, p4, FusedMultiplyAdd.of(b3, p3, second[j])));
      float z =
          FusedMultiplyAdd.of(
              c5, p5, FusedMultiplyAdd.of(c4, p4, FusedMultiplyAdd.of(c3, p3, third[j])));
      first[j] = x;
      second[j] = y;
      third[j] = z;
    }
  }
}
