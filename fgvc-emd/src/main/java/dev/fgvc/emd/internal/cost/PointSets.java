package dev.fgvc.emd.internal.cost;

import java.util.concurrent.atomic.AtomicBoolean;
import org.ejml.data.FMatrixRMaj;

/**
 * Validation and statistics of two sets of points, one point a row, before their distances are
 * computed.
 */
public final class PointSets {

  private PointSets() {}

  /**
   * Checks two sets.
   *
   * @throws IllegalArgumentException if a set is empty, dimensions differ, or a value is not finite
   */
  public static void check(FMatrixRMaj source, FMatrixRMaj target) {
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
    AtomicBoolean finite = new AtomicBoolean(true);
    RowBlocks.run(
        points.numRows,
        points.numCols,
        (from, to) -> {
          if (!areFinite(points.data, from * points.numCols, to * points.numCols)) {
            finite.set(false);
          }
        });
    if (!finite.get()) {
      throw notFinite(points, what);
    }
  }

  private static boolean areFinite(float[] values, int from, int to) {
    boolean finite = true;
    for (int k = from; k < to; k++) {
      finite &= Float.isFinite(values[k]);
    }
    return finite;
  }

  /** Names the first value that is not. */
  private static IllegalArgumentException notFinite(FMatrixRMaj points, String what) {
    int k = 0;
    while (Float.isFinite(points.data[k])) {
      k++;
    }
    return new IllegalArgumentException(
        what
            + " point "
            + k / points.numCols
            + ": feature "
            + k % points.numCols
            + " is "
            + points.data[k]);
  }

  /** The mean of all points of both sets; sums do not depend on the threads. */
  static double[] mean(FMatrixRMaj source, FMatrixRMaj target) {
    double[] mean = new double[source.numCols];
    long count = (long) source.numRows + target.numRows;
    RowBlocks.run(
        mean.length,
        count,
        (from, to) -> {
          addRows(source, mean, from, to);
          addRows(target, mean, from, to);
          for (int k = from; k < to; k++) {
            mean[k] /= count;
          }
        });
    return mean;
  }

  private static void addRows(FMatrixRMaj points, double[] sum, int from, int to) {
    for (int i = 0; i < points.numRows; i++) {
      for (int k = from; k < to; k++) {
        sum[k] += points.data[i * sum.length + k];
      }
    }
  }

  /** The largest absolute value of a coordinate. */
  static double largestCoordinate(FMatrixRMaj source, FMatrixRMaj target) {
    return Math.max(largestCoordinate(source), largestCoordinate(target));
  }

  private static double largestCoordinate(FMatrixRMaj points) {
    return RowBlocks.run(
            points.numRows,
            points.numCols,
            () -> new float[1],
            (largest, from, to) -> {
              float found = largest[0];
              for (int k = from * points.numCols; k < to * points.numCols; k++) {
                found = Math.max(found, Math.abs(points.data[k]));
              }
              largest[0] = found;
            })
        .stream()
        .mapToDouble(largest -> largest[0])
        .max()
        .orElseThrow();
  }

  /** A number that no distance between points of the two sets exceeds. */
  public static double distanceBound(FMatrixRMaj source, FMatrixRMaj target) {
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
  public static double distance(FMatrixRMaj source, int row, FMatrixRMaj target, int column) {
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
