package dev.fgvc.emd.internal.cost;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

import java.util.Arrays;

/**
 * Panels for loops, in double precision, that the compiler of the virtual machine makes vector code
 * of: one array for each block of columns and dimension.
 */
final class LoopDoublePanels implements DoublePanels {

  /** Points that one loop works on. */
  private static final int POINTS = 3;

  /** Dimensions that two loops work on. */
  private static final int DIMENSIONS = 6;

  /** Rows worked on together: each piece of a block is fetched once for all of them. */
  private static final int ROWS = 12 * POINTS;

  /** Columns worked on together, at most: six such arrays fit a first-level cache. */
  private static final int WIDTH = 300;

  /** Dimensions worked on together: their lanes stay in a second-level cache. */
  private static final int DEPTH = 7 * DIMENSIONS;

  private final ColumnBlocks blocks;
  // One array for each block of columns and dimension, filled up by zeros to whole loops.
  private final double[][][] panels;

  LoopDoublePanels(int targets, int dimension) {
    blocks = ColumnBlocks.of(targets, WIDTH);
    panels = new double[blocks.count()][DIMENSIONS * divide(dimension, DIMENSIONS, CEILING)][];
    for (int block = 0; block < panels.length; block++) {
      int width = blocks.width(block);
      for (int k = 0; k < dimension; k++) {
        panels[block][k] = new double[width];
      }
      Arrays.fill(panels[block], dimension, panels[block].length, new double[width]);
    }
  }

  @Override
  public ColumnBlocks blocks() {
    return blocks;
  }

  @Override
  public int rowsAtOnce(int rows) {
    return Math.min(ROWS, rows);
  }

  @Override
  public void set(int block, int column, double[] point) {
    double[][] lanes = panels[block];
    for (int k = 0; k < point.length; k++) {
      lanes[k][column] = point[k];
    }
  }

  @Override
  public Rows rows(int most) {
    return new LooseRows(POINTS * divide(most, POINTS, CEILING));
  }

  /** Rows, one an array. */
  private final class LooseRows implements Rows {

    private final double[][] points;
    private final double[][] products;

    LooseRows(int padded) {
      points = new double[padded][panels[0].length];
      products = new double[padded][blocks.widest()];
    }

    @Override
    public void set(int row, double[] point) {
      System.arraycopy(point, 0, points[row], 0, point.length);
    }

    @Override
    public double[][] multiply(int block, int count) {
      double[][] lanes = panels[block];
      int width = blocks.width(block);
      for (int r = 0; r < count; r++) {
        Arrays.fill(products[r], 0, width, 0);
      }
      for (int k = 0; k < lanes.length; k += DEPTH) {
        addProducts(points, count, lanes, k, Math.min(lanes.length, k + DEPTH), products, width);
      }
      return products;
    }
  }

  /**
   * Adds the products of some points with all points of a block, over some of the dimensions. Sums
   * of {@code products} after the points' own may change.
   */
  private static void addProducts(
      double[][] points,
      int count,
      double[][] lanes,
      int from,
      int to,
      double[][] products,
      int width) {
    for (int row = 0; row < count; row += POINTS) {
      // The last group is padded by computing its final rows twice, into spare sums.
      double[] second = points[Math.min(row + 1, count - 1)];
      double[] third = points[Math.min(row + 2, count - 1)];
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
      double[] a,
      double[] b,
      double[] c,
      int k,
      double[][] lanes,
      double[] first,
      double[] second,
      double[] third,
      int width) {
    double[] l0 = lanes[k];
    double[] l1 = lanes[k + 1];
    double[] l2 = lanes[k + 2];
    double a0 = a[k];
    double a1 = a[k + 1];
    double a2 = a[k + 2];
    double b0 = b[k];
    double b1 = b[k + 1];
    double b2 = b[k + 2];
    double c0 = c[k];
    double c1 = c[k + 1];
    double c2 = c[k + 2];
    for (int j = 0; j < width; j++) {
      double p0 = l0[j];
      double p1 = l1[j];
      double p2 = l2[j];
      double x =
          FusedMultiplyAdd.of(
              a2, p2, FusedMultiplyAdd.of(a1, p1, FusedMultiplyAdd.of(a0, p0, first[j])));
      double y =
          FusedMultiplyAdd.of(
              b2, p2, FusedMultiplyAdd.of(b1, p1, FusedMultiplyAdd.of(b0, p0, second[j])));
      double z =
          FusedMultiplyAdd.of(
              c2, p2, FusedMultiplyAdd.of(c1, p1, FusedMultiplyAdd.of(c0, p0, third[j])));
      first[j] = x;
      second[j] = y;
      third[j] = z;
    }
    double[] l3 = lanes[k + 3];
    double[] l4 = lanes[k + 4];
    double[] l5 = lanes[k + 5];
    double a3 = a[k + 3];
    double a4 = a[k + 4];
    double a5 = a[k + 5];
    double b3 = b[k + 3];
    double b4 = b[k + 4];
    double b5 = b[k + 5];
    double c3 = c[k + 3];
    double c4 = c[k + 4];
    double c5 = c[k + 5];
    for (int j = 0; j < width; j++) {
      double p3 = l3[j];
      double p4 = l4[j];
      double p5 = l5[j];
      double x =
          FusedMultiplyAdd.of(
              a5, p5, FusedMultiplyAdd.of(a4, p4, FusedMultiplyAdd.of(a3, p3, first[j])));
      double y =
          FusedMultiplyAdd.of(
              b5, p5, FusedMultiplyAdd.of(b4, p4, FusedMultiplyAdd.of(b3, p3, second[j])));
      double z =
          FusedMultiplyAdd.of(
              c5, p5, FusedMultiplyAdd.of(c4, p4, FusedMultiplyAdd.of(c3, p3, third[j])));
      first[j] = x;
      second[j] = y;
      third[j] = z;
    }
  }
}
