package dev.fgvc.emd.internal.cost;

import org.ejml.data.FMatrixRMaj;

/**
 * Euclidean distances between two sets of points in single precision, as {@link EuclideanCosts} has
 * them in double: {@code ||a - b||^2 = ||a||^2 + ||b||^2 - 2ab} after both sets were moved by their
 * common mean, and pairs for which that cancels summed directly.
 */
public final class EuclideanFloats {

  /** A squared distance below this share of the squared lengths is computed again. */
  private static final float CANCELLED = 0.1f;

  /** Squared lengths below this, for coordinates up to 2, have lost digits to underflow. */
  private static final float SMALL = 0x1p-80f;

  private final Points source;
  private final Points target;
  private final float scale;
  private final FloatProducts products;

  private EuclideanFloats(Points source, Points target) {
    scale = PointSets.scale(PointSets.check(source, target));
    this.source = source;
    this.target = target;
    products = new FloatProducts(source, target, PointSets.mean(source, target), scale);
  }

  /**
   * All distances in memory.
   *
   * @throws IllegalArgumentException if a set is empty, dimensions differ, or a value is not finite
   */
  public static FMatrixRMaj matrix(FMatrixRMaj source, FMatrixRMaj target) {
    PointSets.requireMatrix(source.numRows, target.numRows, Float.BYTES);
    EuclideanFloats distances = new EuclideanFloats(Points.of(source), Points.of(target));
    FMatrixRMaj matrix = new FMatrixRMaj(source.numRows, target.numRows);
    distances.fill(matrix);
    return matrix;
  }

  private void fill(FMatrixRMaj matrix) {
    int columns = matrix.numCols;
    int[] rows = new int[matrix.numRows];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = row;
    }
    float back = 1 / scale;
    RowBlocks.run(
        rows.length,
        (long) columns * source.dimension(),
        (from, to) ->
            products.visit(
                rows,
                from,
                to,
                this::toDistances,
                (row, line, first) -> {
                  int start = row * columns;
                  for (int j = 0; j < columns; j++) {
                    matrix.data[start + j] = line[first + j] * back;
                  }
                }));
  }

  private void toDistances(
      int row, float square, float[] values, float[] squares, int start, int width) {
    toRoots(values, square, squares, width);
    for (int j = 0; j < width; j++) {
      float sum = square + squares[j];
      if (!(values[j] * values[j] > CANCELLED * sum && sum > SMALL)) {
        values[j] = (float) (PointSets.distance(source, row, target, start + j) * scale);
      }
    }
  }

  /** Apart, so that the compiler makes vector code. */
  private static void toRoots(float[] values, float square, float[] squares, int width) {
    for (int j = 0; j < width; j++) {
      float squared = square + squares[j] - 2 * values[j];
      values[j] = (float) Math.sqrt(Math.max(0f, squared));
    }
  }
}
