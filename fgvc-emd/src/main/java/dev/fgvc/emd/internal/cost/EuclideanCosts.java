package dev.fgvc.emd.internal.cost;

import static dev.fgvc.emd.internal.cost.ProductTiles.DIMENSIONS;
import static dev.fgvc.emd.internal.cost.ProductTiles.POINTS;
import static dev.fgvc.emd.internal.cost.ProductTiles.ROWS;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
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
public final class EuclideanCosts {

  /**
   * A squared distance below this share of the squared lengths is computed again. The product of
   * the others is off by at most dimension x 2^-53 of the squared lengths, twice that in the
   * squared distance, so their root by dimension x 2^-53 / 0.01 of itself.
   */
  private static final double CANCELLED = 0.01;

  /** Columns worked on together, at most: six such arrays fit a first-level cache. */
  private static final int WIDTH = 300;

  /** Dimensions worked on together: their lanes stay in a second-level cache. */
  private static final int DEPTH = 7 * DIMENSIONS;

  private final FMatrixRMaj source;
  private final FMatrixRMaj target;
  private final double[] mean;
  private final ProductTiles tiles;
  // Target coordinates minus the mean, one array for each block of columns and dimension, filled up
  // by zeros.
  private final double[][][] panels;
  private final double[] targetSquares;

  private EuclideanCosts(FMatrixRMaj source, FMatrixRMaj target) {
    this.source = source;
    this.target = target;
    int dimension = source.numCols;
    mean = PointSets.mean(Points.of(source), Points.of(target));
    tiles = ProductTiles.of(target.numRows, WIDTH);
    panels = new double[tiles.count()][ProductTiles.padded(dimension)][];
    targetSquares = new double[target.numRows];
    RowBlocks.run(
        tiles.count(),
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

  /** All distances in memory. */
  public static DMatrixRMaj matrix(FMatrixRMaj source, FMatrixRMaj target) {
    EuclideanCosts costs = between(source, target);
    int columns = target.numRows;
    DMatrixRMaj distances = new DMatrixRMaj(source.numRows, columns);
    RowBlocks.run(
        source.numRows,
        (long) columns * source.numCols,
        (from, to) ->
            costs.visit(
                from,
                to,
                (row, values, offset) ->
                    System.arraycopy(values, offset, distances.data, row * columns, columns)));
    return distances;
  }

  private void pack(int block) {
    int start = tiles.start(block);
    int width = tiles.width(block);
    int dimension = mean.length;
    for (int k = 0; k < dimension; k++) {
      double[] lane = new double[width];
      for (int j = 0; j < width; j++) {
        lane[j] = target.data[(start + j) * dimension + k] - mean[k];
        targetSquares[start + j] += lane[j] * lane[j];
      }
      panels[block][k] = lane;
    }
    Arrays.fill(panels[block], dimension, panels[block].length, new double[width]);
  }

  /** Computes rows {@code from} (included) to {@code to} (excluded), in order, on this thread. */
  void visit(int from, int to, CostMatrix.RowVisitor visitor) {
    int columns = target.numRows;
    int dimension = panels[0].length;
    int most = ProductTiles.rowsAtOnce(to - from);
    double[][] points = new double[most][dimension];
    double[] squares = new double[most];
    double[][] products = new double[most][tiles.widest()];
    double[][] lines = new double[most][columns];
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
          addProducts(points, rows, lanes, k, Math.min(dimension, k + DEPTH), products, width);
        }
        for (int r = 0; r < rows; r++) {
          distances(first + r, squares[r], products[r], tiles.start(block), width, lines[r]);
        }
      }
      for (int r = 0; r < rows; r++) {
        visitor.accept(first + r, lines[r], 0);
      }
    }
  }

  private double centre(int row, double[] point) {
    double square = 0;
    for (int k = 0; k < mean.length; k++) {
      point[k] = source.data[row * mean.length + k] - mean[k];
      square += point[k] * point[k];
    }
    return square;
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
