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
final class EuclideanCosts implements CostMatrix {

  /**
   * A squared distance below this share of the squared lengths is computed again. With sums in
   * double precision the error of the others stays below 1e-16 x dimension / 1e-6.
   */
  private static final double CANCELLED = 1e-6;

  /** Columns worked on together; four rows of the target block and two of results fit a cache. */
  private static final int WIDTH = 512;

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
    mean = mean(source, target);
    int blocks = (target.numRows + WIDTH - 1) / WIDTH;
    panels = new double[blocks][dimension][];
    targetSquares = new double[target.numRows];
    RowBlocks.run(
        blocks,
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
    if (source.numCols != target.numCols) {
      throw new IllegalArgumentException(
          "source points are "
              + source.numRows
              + "x"
              + source.numCols
              + ", target points "
              + target.numRows
              + "x"
              + target.numCols
              + "; the dimensions must be equal");
    }
    checkFinite(source, "source");
    checkFinite(target, "target");
    return new EuclideanCosts(source, target);
  }

  private static void checkFinite(FMatrixRMaj points, String what) {
    if (points.numRows == 0 || points.numCols == 0) {
      throw new IllegalArgumentException(
          what + " points are " + points.numRows + "x" + points.numCols);
    }
    for (int k = 0; k < points.getNumElements(); k++) {
      if (!Float.isFinite(points.data[k])) {
        throw new IllegalArgumentException(
            what
                + " point "
                + k / points.numCols
                + ": feature "
                + k % points.numCols
                + " is "
                + points.data[k]);
      }
    }
  }

  private static double[] mean(FMatrixRMaj source, FMatrixRMaj target) {
    double[] sum = new double[source.numCols];
    for (FMatrixRMaj points : new FMatrixRMaj[] {source, target}) {
      for (int i = 0; i < points.numRows; i++) {
        for (int k = 0; k < sum.length; k++) {
          sum[k] += points.data[i * sum.length + k];
        }
      }
    }
    for (int k = 0; k < sum.length; k++) {
      sum[k] /= source.numRows + target.numRows;
    }
    return sum;
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
    int dimension = mean.length;
    int a = row * dimension;
    int b = column * dimension;
    double sum = 0;
    for (int k = 0; k < dimension; k++) {
      double difference = (double) source.data[a + k] - target.data[b + k];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  @Override
  public void visit(int from, int to, RowVisitor visitor) {
    int columns = columns();
    double[] first = new double[WIDTH];
    double[] second = new double[WIDTH];
    double[] points = new double[2 * mean.length];
    double[] line = new double[2 * columns];
    for (int row = from; row < to; row += 2) {
      int last = Math.min(row + 1, to - 1);
      double firstSquare = centre(row, points, 0);
      double secondSquare = centre(last, points, mean.length);
      for (int block = 0; block < panels.length; block++) {
        double[][] lanes = panels[block];
        int width = lanes[0].length;
        products(points, lanes, first, second, width);
        int start = block * WIDTH;
        distances(row, firstSquare, first, start, width, line, 0);
        distances(last, secondSquare, second, start, width, line, columns);
      }
      visitor.accept(row, line, 0);
      if (last > row) {
        visitor.accept(last, line, columns);
      }
    }
  }

  private double centre(int row, double[] points, int offset) {
    double square = 0;
    for (int k = 0; k < mean.length; k++) {
      double value = source.data[row * mean.length + k] - mean[k];
      points[offset + k] = value;
      square += value * value;
    }
    return square;
  }

  /** The products of two points with all points of a block. */
  private static void products(
      double[] points, double[][] lanes, double[] first, double[] second, int width) {
    int dimension = lanes.length;
    Arrays.fill(first, 0, width, 0);
    Arrays.fill(second, 0, width, 0);
    int k = 0;
    for (; k < dimension - 3; k += 4) {
      addFour(points, k, dimension + k, lanes, first, second, width);
    }
    for (; k < dimension; k++) {
      double[] lane = lanes[k];
      double a = points[k];
      double b = points[dimension + k];
      for (int j = 0; j < width; j++) {
        first[j] += a * lane[j];
        second[j] += b * lane[j];
      }
    }
  }

  /** The hot loop. One array for each operand: the compiler makes vector code of it only so. */
  private static void addFour(
      double[] points, int a, int b, double[][] lanes, double[] first, double[] second, int width) {
    double[] l0 = lanes[a];
    double[] l1 = lanes[a + 1];
    double[] l2 = lanes[a + 2];
    double[] l3 = lanes[a + 3];
    double a0 = points[a];
    double a1 = points[a + 1];
    double a2 = points[a + 2];
    double a3 = points[a + 3];
    double b0 = points[b];
    double b1 = points[b + 1];
    double b2 = points[b + 2];
    double b3 = points[b + 3];
    for (int j = 0; j < width; j++) {
      first[j] += a0 * l0[j] + a1 * l1[j] + a2 * l2[j] + a3 * l3[j];
      second[j] += b0 * l0[j] + b1 * l1[j] + b2 * l2[j] + b3 * l3[j];
    }
  }

  private void distances(
      int row, double square, double[] products, int start, int width, double[] line, int offset) {
    for (int j = 0; j < width; j++) {
      double lengths = square + targetSquares[start + j];
      double squared = lengths - 2 * products[j];
      line[offset + start + j] =
          squared > CANCELLED * lengths ? Math.sqrt(squared) : get(row, start + j);
    }
  }
}
