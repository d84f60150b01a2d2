package dev.fgvc.emd;

import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;

/**
 * Euclidean distances between two sets of points, computed a few rows at a time and never held
 * together.
 *
 * <p>{@code ||a - b||^2 = ||a||^2 + ||b||^2 - 2ab} cancels where a and b are close for their
 * length. Both sets are moved by their common mean, which takes a common offset away; what is left
 * of the cancellation is found by comparing the result with the lengths, and such pairs are summed
 * directly.
 */
final class EuclideanCosts {

  /**
   * A squared distance below this share of the squared lengths is computed again. With sums in
   * double precision the error of the others stays below 1e-16 x dimension / 1e-6.
   */
  private static final double CANCELLED = 1e-6;

  /** Columns worked on together: a few lanes of them and of results fit a first-level cache. */
  private static final int WIDTH = 512;

  /** Rows worked on together: each piece of a target block is fetched once for all of them. */
  private static final int ROWS = 16;

  /** Dimensions worked on together: 64 lanes of 512 doubles stay in a second-level cache. */
  private static final int DEPTH = 64;

  private final FMatrixRMaj source;
  private final FMatrixRMaj target;
  private final double[] mean;
  // Target coordinates minus the mean, one array for each block of columns and dimension.
  private final double[][][] panels;
  private final double[] targetSquares;

  private EuclideanCosts(FMatrixRMaj source, FMatrixRMaj target) {
    this.source = source;
    this.target = target;
    int dimension = source.numCols;
    mean = PointSets.mean(source, target);
    int blocks = (target.numRows + WIDTH - 1) / WIDTH;
    panels = new double[blocks][dimension][];
    targetSquares = new double[target.numRows];
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
   * Prepares distances; takes 8 bytes for each value of the target.
   *
   * @throws IllegalArgumentException if a set is empty, dimensions differ, or a value is not finite
   */
  static EuclideanCosts between(FMatrixRMaj source, FMatrixRMaj target) {
    PointSets.check(source, target);
    return new EuclideanCosts(source, target);
  }

  private void pack(int block) {
    int start = block * WIDTH;
    int width = Math.min(WIDTH, target.numRows - start);
    int dimension = mean.length;
    for (int k = 0; k < dimension; k++) {
      double[] lane = new double[width];
      for (int j = 0; j < width; j++) {
        lane[j] = target.data[(start + j) * dimension + k] - mean[k];
        targetSquares[start + j] += lane[j] * lane[j];
      }
      panels[block][k] = lane;
    }
  }

  /** Computes rows {@code from} (included) to {@code to} (excluded), in order, on this thread. */
  void visit(int from, int to, CostMatrix.RowVisitor visitor) {
    int columns = target.numRows;
    int dimension = mean.length;
    double[][] points = new double[ROWS][dimension];
    double[] squares = new double[ROWS];
    double[][] products = new double[ROWS][WIDTH];
    double[][] lines = new double[ROWS][columns];
    for (int first = from; first < to; first += ROWS) {
      int rows = Math.min(ROWS, to - first);
      for (int r = 0; r < rows; r++) {
        squares[r] = centre(first + r, points[r]);
      }
      for (int block = 0; block < panels.length; block++) {
        double[][] lanes = panels[block];
        int width = lanes[0].length;
        for (int r = 0; r < rows; r++) {
          Arrays.fill(products[r], 0, width, 0);
        }
        for (int k = 0; k < dimension; k += DEPTH) {
          int end = Math.min(dimension, k + DEPTH);
          for (int r = 0; r < rows; r += 2) {
            // An odd last row is its own partner and is then computed twice, into the spare row.
            int partner = r + 1 < rows ? r + 1 : r;
            double[] second = r + 1 < rows ? products[r + 1] : products[ROWS - 1];
            addProducts(points[r], points[partner], lanes, k, end, products[r], second, width);
          }
        }
        for (int r = 0; r < rows; r++) {
          distances(first + r, squares[r], products[r], block * WIDTH, width, lines[r]);
        }
      }
      for (int r = 0; r < rows; r++) {
        visitor.accept(first + r, lines[r], 0);
      }
    }
  }

  private double centre(int row, double[] point) {
    double square = 0;
    for (int k = 0; k < point.length; k++) {
      point[k] = source.data[row * point.length + k] - mean[k];
      square += point[k] * point[k];
    }
    return square;
  }

  /** Adds the products of two points with all points of a block, over some of the dimensions. */
  private static void addProducts(
      double[] a,
      double[] b,
      double[][] lanes,
      int from,
      int to,
      double[] first,
      double[] second,
      int width) {
    int k = from;
    for (; k < to - 3; k += 4) {
      addFour(a, b, k, lanes, first, second, width);
    }
    for (; k < to; k++) {
      double[] lane = lanes[k];
      double ak = a[k];
      double bk = b[k];
      for (int j = 0; j < width; j++) {
        first[j] = FusedMultiplyAdd.of(ak, lane[j], first[j]);
        second[j] = FusedMultiplyAdd.of(bk, lane[j], second[j]);
      }
    }
  }

  /** The hot loop. One array for each operand: the compiler makes vector code of it only so. */
  private static void addFour(
      double[] a, double[] b, int k, double[][] lanes, double[] first, double[] second, int width) {
    double[] l0 = lanes[k];
    double[] l1 = lanes[k + 1];
    double[] l2 = lanes[k + 2];
    double[] l3 = lanes[k + 3];
    double a0 = a[k];
    double a1 = a[k + 1];
    double a2 = a[k + 2];
    double a3 = a[k + 3];
    double b0 = b[k];
    double b1 = b[k + 1];
    double b2 = b[k + 2];
    double b3 = b[k + 3];
    for (int j = 0; j < width; j++) {
      double sum = FusedMultiplyAdd.of(a0, l0[j], first[j]);
      sum = FusedMultiplyAdd.of(a1, l1[j], sum);
      sum = FusedMultiplyAdd.of(a2, l2[j], sum);
      first[j] = FusedMultiplyAdd.of(a3, l3[j], sum);
      double other = FusedMultiplyAdd.of(b0, l0[j], second[j]);
      other = FusedMultiplyAdd.of(b1, l1[j], other);
      other = FusedMultiplyAdd.of(b2, l2[j], other);
      second[j] = FusedMultiplyAdd.of(b3, l3[j], other);
    }
  }

  private void distances(
      int row, double square, double[] products, int start, int width, double[] line) {
    for (int j = 0; j < width; j++) {
      line[start + j] =
          distance(source, row, target, start + j, square + targetSquares[start + j], products[j]);
    }
  }

  /**
   * A distance from the product of two centred points.
   *
   * @param squares the sum of both points' squared lengths after centring
   */
  static double distance(
      FMatrixRMaj source, int row, FMatrixRMaj target, int column, double squares, double product) {
    double squared = squares - 2 * product;
    return squared > CANCELLED * squares
        ? Math.sqrt(squared)
        : PointSets.distance(source, row, target, column);
  }
}
