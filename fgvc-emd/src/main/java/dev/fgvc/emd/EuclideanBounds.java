package dev.fgvc.emd;

import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;

/**
 * Euclidean distances between two sets of points that are computed as they are needed: rows of
 * bounds, a little below the distances, in single precision; single distances in double.
 *
 * <p>Whoever looks for small reduced costs needs the few smallest exactly and of the others only
 * that they are not small. For that a bound does, at a third of the time and half the memory.
 */
final class EuclideanBounds implements CostMatrix {

  /** Columns worked on together: a few lanes of them and of results fit a first-level cache. */
  private static final int WIDTH = 512;

  /** Rows worked on together: each piece of a target block is fetched once for all of them. */
  private static final int ROWS = 16;

  /** Dimensions worked on together: 128 lanes of 512 floats stay in a second-level cache. */
  private static final int DEPTH = 128;

  /** Half a unit in the last place of 1. */
  private static final float ROUNDING = 0x1p-24f;

  private final FMatrixRMaj source;
  private final FMatrixRMaj target;
  private final double[] mean;
  private final double scale;
  private final float keptShare;
  private final float underflow;
  // Target coordinates minus the mean, scaled, one array for each block of columns and dimension.
  private final float[][][] panels;
  private final float[] targetSquares;

  private EuclideanBounds(FMatrixRMaj source, FMatrixRMaj target, double[] mean, double scale) {
    this.source = source;
    this.target = target;
    this.mean = mean;
    this.scale = scale;
    int dimension = mean.length;
    // Rounding takes, of the squared lengths: one unit for each product, four for the coordinates,
    // four for the sums and the difference; the rest is for terms of second order.
    keptShare = (float) (1 - (dimension + 16) * 1.01 * ROUNDING);
    underflow = dimension * 0x1p-140f;
    int blocks = (target.numRows + WIDTH - 1) / WIDTH;
    panels = new float[blocks][dimension][];
    targetSquares = new float[target.numRows];
    RowBlocks.run(
        blocks,
        (long) WIDTH * dimension,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            pack(block);
          }
        });
  }

  /**
   * Prepares distances; takes 4 bytes for each value of the target.
   *
   * @throws IllegalArgumentException if a set is empty, dimensions differ, or a value is not finite
   */
  static EuclideanBounds between(FMatrixRMaj source, FMatrixRMaj target) {
    PointSets.check(source, target);
    double largest = PointSets.largestCoordinate(source, target);
    double scale = largest == 0 ? 1 : Math.scalb(1.0, -Math.getExponent(largest));
    return new EuclideanBounds(source, target, PointSets.mean(source, target), scale);
  }

  @Override
  public CostMatrix withColumns(int[] columns) {
    return new EuclideanBounds(source, PointSets.rows(target, columns), mean, scale);
  }

  private void pack(int block) {
    int start = block * WIDTH;
    int width = Math.min(WIDTH, target.numRows - start);
    int dimension = mean.length;
    double[] squares = new double[width];
    for (int k = 0; k < dimension; k++) {
      float[] lane = new float[width];
      for (int j = 0; j < width; j++) {
        lane[j] = (float) ((target.data[(start + j) * dimension + k] - mean[k]) * scale);
        squares[j] += (double) lane[j] * lane[j];
      }
      panels[block][k] = lane;
    }
    for (int j = 0; j < width; j++) {
      targetSquares[start + j] = (float) squares[j];
    }
  }

  @Override
  public int rows() {
    return source.numRows;
  }

  @Override
  public int columns() {
    return target.numRows;
  }

  @Override
  public double get(int row, int column) {
    return PointSets.distance(source, row, target, column);
  }

  @Override
  public boolean visitsExactly() {
    return false;
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    int dimension = mean.length;
    float[][] points = new float[ROWS][dimension];
    float[] squares = new float[ROWS];
    float[][] products = new float[ROWS][WIDTH];
    double[][] lines = new double[ROWS][columns()];
    for (int first = from; first < to; first += ROWS) {
      int count = Math.min(ROWS, to - first);
      for (int r = 0; r < count; r++) {
        squares[r] = centre(rows[first + r], points[r]);
      }
      for (int block = 0; block < panels.length; block++) {
        multiply(points, count, panels[block], products);
        for (int r = 0; r < count; r++) {
          bounds(squares[r], products[r], block, lines[r]);
        }
      }
      for (int r = 0; r < count; r++) {
        visitor.accept(rows[first + r], lines[r], 0);
      }
    }
  }

  private float centre(int row, float[] point) {
    double square = 0;
    for (int k = 0; k < point.length; k++) {
      point[k] = (float) ((source.data[row * point.length + k] - mean[k]) * scale);
      square += (double) point[k] * point[k];
    }
    return (float) square;
  }

  private static void multiply(float[][] points, int count, float[][] lanes, float[][] products) {
    int width = lanes[0].length;
    for (int r = 0; r < count; r++) {
      Arrays.fill(products[r], 0, width, 0);
    }
    for (int k = 0; k < lanes.length; k += DEPTH) {
      int end = Math.min(lanes.length, k + DEPTH);
      for (int r = 0; r < count; r += 2) {
        // An odd last row is its own partner and is then computed twice, into the spare row.
        int partner = r + 1 < count ? r + 1 : r;
        float[] second = r + 1 < count ? products[r + 1] : products[ROWS - 1];
        addProducts(points[r], points[partner], lanes, k, end, products[r], second, width);
      }
    }
  }

  /** Adds the products of two points with all points of a block, over some of the dimensions. */
  private static void addProducts(
      float[] a,
      float[] b,
      float[][] lanes,
      int from,
      int to,
      float[] first,
      float[] second,
      int width) {
    int k = from;
    for (; k < to - 3; k += 4) {
      addFour(a, b, k, lanes, first, second, width);
    }
    for (; k < to; k++) {
      float[] lane = lanes[k];
      float ak = a[k];
      float bk = b[k];
      for (int j = 0; j < width; j++) {
        first[j] = FusedMultiplyAdd.of(ak, lane[j], first[j]);
        second[j] = FusedMultiplyAdd.of(bk, lane[j], second[j]);
      }
    }
  }

  /** The hot loop. One array for each operand: the compiler makes vector code of it only so. */
  private static void addFour(
      float[] a, float[] b, int k, float[][] lanes, float[] first, float[] second, int width) {
    float[] l0 = lanes[k];
    float[] l1 = lanes[k + 1];
    float[] l2 = lanes[k + 2];
    float[] l3 = lanes[k + 3];
    float a0 = a[k];
    float a1 = a[k + 1];
    float a2 = a[k + 2];
    float a3 = a[k + 3];
    float b0 = b[k];
    float b1 = b[k + 1];
    float b2 = b[k + 2];
    float b3 = b[k + 3];
    for (int j = 0; j < width; j++) {
      float sum = FusedMultiplyAdd.of(a0, l0[j], first[j]);
      sum = FusedMultiplyAdd.of(a1, l1[j], sum);
      sum = FusedMultiplyAdd.of(a2, l2[j], sum);
      first[j] = FusedMultiplyAdd.of(a3, l3[j], sum);
      float other = FusedMultiplyAdd.of(b0, l0[j], second[j]);
      other = FusedMultiplyAdd.of(b1, l1[j], other);
      other = FusedMultiplyAdd.of(b2, l2[j], other);
      second[j] = FusedMultiplyAdd.of(b3, l3[j], other);
    }
  }

  private void bounds(float square, float[] products, int block, double[] line) {
    int start = block * WIDTH;
    int width = panels[block][0].length;
    // The root rounds once more, and so does the way back to the scale of the points.
    double back = (1 - 4 * (double) ROUNDING) / scale;
    for (int j = 0; j < width; j++) {
      float least = keptShare * (square + targetSquares[start + j]) - 2 * products[j] - underflow;
      line[start + j] = Math.sqrt(Math.max(0f, least)) * back;
    }
  }
}
