package dev.fgvc.emd.internal.cost;

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

  private final FMatrixRMaj source;
  private final FMatrixRMaj target;
  private final double[] mean;
  // Of the targets minus the mean.
  private final DoublePanels panels;
  private final double[] targetSquares;

  private EuclideanCosts(FMatrixRMaj source, FMatrixRMaj target, DoublePanels panels) {
    this.source = source;
    this.target = target;
    this.panels = panels;
    mean = PointSets.mean(Points.of(source), Points.of(target));
    targetSquares = new double[target.numRows];
    RowBlocks.run(
        panels.blocks().count(),
        (long) panels.blocks().widest() * target.numCols,
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
    return new EuclideanCosts(source, target, DoublePanels.of(target.numRows, target.numCols));
  }

  /** All distances in memory. */
  public static DMatrixRMaj matrix(FMatrixRMaj source, FMatrixRMaj target) {
    PointSets.requireMatrix(source.numRows, target.numRows, Double.BYTES);
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
    int start = panels.blocks().start(block);
    double[] point = new double[mean.length];
    for (int j = 0; j < panels.blocks().width(block); j++) {
      targetSquares[start + j] = centre(target, start + j, point);
      panels.set(block, j, point);
    }
  }

  /** Sets a point minus the mean; returns its squared length. */
  private double centre(FMatrixRMaj points, int row, double[] point) {
    int start = row * mean.length;
    for (int k = 0; k < mean.length; k++) {
      point[k] = points.data[start + k] - mean[k];
    }
    return PointSets.square(point);
  }

  /** Computes rows {@code from} (included) to {@code to} (excluded), in order, on this thread. */
  void visit(int from, int to, CostMatrix.RowVisitor visitor) {
    ColumnBlocks blocks = panels.blocks();
    int most = panels.rowsAtOnce(to - from);
    DoublePanels.Rows points = panels.rows(most);
    double[] squares = new double[most];
    double[][] lines = new double[most][target.numRows];
    double[] point = new double[mean.length];
    for (int first = from; first < to; first += most) {
      int count = Math.min(most, to - first);
      for (int r = 0; r < count; r++) {
        squares[r] = centre(source, first + r, point);
        points.set(r, point);
      }
      for (int block = 0; block < blocks.count(); block++) {
        double[][] products = points.multiply(block, count);
        for (int r = 0; r < count; r++) {
          distances(
              first + r,
              squares[r],
              products[r],
              blocks.start(block),
              blocks.width(block),
              lines[r]);
        }
      }
      for (int r = 0; r < count; r++) {
        visitor.accept(first + r, lines[r], 0);
      }
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
