package dev.fgvc.emd;

import org.ejml.data.FMatrixRMaj;

/** What is asked of two sets of points, one a row, before their distances are computed. */
final class PointSets {

  private PointSets() {}

  /**
   * Checks two sets.
   *
   * @throws IllegalArgumentException if a set is empty, dimensions differ, or a value is not finite
   */
  static void check(FMatrixRMaj source, FMatrixRMaj target) {
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

  /** The mean of all points of both sets. */
  static double[] mean(FMatrixRMaj source, FMatrixRMaj target) {
    double[] sum = new double[source.numCols];
    for (FMatrixRMaj points : new FMatrixRMaj[] {source, target}) {
      for (int i = 0; i < points.numRows; i++) {
        for (int k = 0; k < sum.length; k++) {
          sum[k] += points.data[i * sum.length + k];
        }
      }
    }
    for (int k = 0; k < sum.length; k++) {
      sum[k] /= (double) source.numRows + target.numRows;
    }
    return sum;
  }

  /** The largest absolute value of a coordinate. */
  static double largestCoordinate(FMatrixRMaj source, FMatrixRMaj target) {
    double largest = 0;
    for (FMatrixRMaj points : new FMatrixRMaj[] {source, target}) {
      for (int k = 0; k < points.getNumElements(); k++) {
        largest = Math.max(largest, Math.abs(points.data[k]));
      }
    }
    return largest;
  }

  /** A number that no distance between points of the two sets exceeds. */
  static double distanceBound(FMatrixRMaj source, FMatrixRMaj target) {
    return 2 * largestCoordinate(source, target) * Math.sqrt(source.numCols);
  }

  /** Some of the points, in the order given. */
  static FMatrixRMaj rows(FMatrixRMaj points, int[] rows) {
    FMatrixRMaj chosen = new FMatrixRMaj(rows.length, points.numCols);
    for (int k = 0; k < rows.length; k++) {
      System.arraycopy(
          points.data, rows[k] * points.numCols, chosen.data, k * points.numCols, points.numCols);
    }
    return chosen;
  }

  /**
   * The distance of two points, summed directly in double precision. There are four sums, since
   * each addition waits for the one before it.
   */
  static double distance(FMatrixRMaj source, int row, FMatrixRMaj target, int column) {
    float[] a = source.data;
    float[] b = target.data;
    int dimension = source.numCols;
    int i = row * dimension;
    int j = column * dimension;
    int end = i + dimension;
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (; i < end - 3; i += 4, j += 4) {
      s0 += squaredDifference(a[i], b[j]);
      s1 += squaredDifference(a[i + 1], b[j + 1]);
      s2 += squaredDifference(a[i + 2], b[j + 2]);
      s3 += squaredDifference(a[i + 3], b[j + 3]);
    }
    for (; i < end; i++, j++) {
      s0 += squaredDifference(a[i], b[j]);
    }
    return Math.sqrt((s0 + s1) + (s2 + s3));
  }

  private static double squaredDifference(double a, double b) {
    double difference = a - b;
    return difference * difference;
  }
}
