package dev.fgvc.emd.internal.cost;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.function.IntUnaryOperator;
import org.ejml.data.FMatrixRMaj;

/**
 * Validation and statistics of two sets of points, one point a row, before their distances are
 * computed.
 */
public final class PointSets {

  /** The bits of infinity; those of NaN are above, those of finite values of either sign below. */
  private static final int INFINITE = 0x7f800000;

  /** The longest array that every Java gives. */
  private static final long MAX_ARRAY = Integer.MAX_VALUE - 8;

  private PointSets() {}

  /**
   * Refuses a matrix of all distances that no array or this heap could hold.
   *
   * @param sources rows
   * @param targets columns
   * @param bytes memory for each distance
   * @throws IllegalArgumentException with the size and what to do
   */
  static void requireMatrix(int sources, int targets, int bytes) {
    long pairs = (long) sources * targets;
    long heap = Runtime.getRuntime().maxMemory();
    checkArgument(
        pairs <= Math.min(MAX_ARRAY, heap / bytes),
        "distances of %s x %s points take %s MiB, more than one array or the heap of %s MiB may hold:"
            + " raise it by -Xmx, or call ExactEmd.solveEuclidean, which keeps no such matrix",
        sources,
        targets,
        pairs * bytes >> 20,
        heap >> 20);
  }

  /**
   * Checks two sets.
   *
   * @return the largest absolute value of a coordinate
   * @throws IllegalArgumentException if a set is empty, dimensions differ, or a value is not finite
   */
  public static double check(Points source, Points target) {
    checkArgument(
        source.dimension() == target.dimension(),
        "source points are %sx%s, target points %sx%s; the dimensions must be equal",
        source.count(),
        source.dimension(),
        target.count(),
        target.dimension());
    return Math.max(largestFinite(source, "source"), largestFinite(target, "target"));
  }

  /** The same for matrices. */
  public static double check(FMatrixRMaj source, FMatrixRMaj target) {
    return check(Points.of(source), Points.of(target));
  }

  private static float largestFinite(Points points, String what) {
    checkArgument(
        points.count() != 0 && points.dimension() != 0,
        "%s points are %sx%s",
        what,
        points.count(),
        points.dimension());
    int largest =
        RowBlocks.run(
                points.count(),
                points.dimension(),
                () -> new int[1],
                (most, from, to) -> {
                  float[] spare = points.spare();
                  for (int row = from; row < to; row++) {
                    most[0] = Math.max(most[0], largestBits(points, row, spare));
                  }
                })
            .stream()
            .mapToInt(most -> most[0])
            .max()
            .orElseThrow();
    if (largest >= INFINITE) {
      throw notFinite(points, what);
    }
    return Float.intBitsToFloat(largest);
  }

  private static int largestBits(Points points, int row, float[] spare) {
    float[] values = points.array(row, spare);
    int start = points.offset(row);
    return largestBits(values, start, start + points.dimension());
  }

  /** The first coordinate of a point that is NaN or infinite, or -1. */
  private static int firstNotFinite(Points points, int row, float[] spare) {
    float[] values = points.array(row, spare);
    int start = points.offset(row);
    for (int k = 0; k < points.dimension(); k++) {
      if (!Float.isFinite(values[start + k])) {
        return k;
      }
    }
    return -1;
  }

  /** Names the first value that is not. */
  private static IllegalArgumentException notFinite(Points points, String what) {
    float[] spare = points.spare();
    int row = 0;
    int feature = firstNotFinite(points, row, spare);
    while (feature < 0) {
      feature = firstNotFinite(points, ++row, spare);
    }
    return new IllegalArgumentException(
        what
            + " point "
            + row
            + ": feature "
            + feature
            + " is "
            + points.array(row, spare)[points.offset(row) + feature]);
  }

  /** The mean of all points of both sets; sums do not depend on the threads. */
  static double[] mean(Points source, Points target) {
    double[] mean = sum(source);
    double[] other = sum(target);
    double count = (double) source.count() + target.count();
    for (int k = 0; k < mean.length; k++) {
      mean[k] = (mean[k] + other[k]) / count;
    }
    return mean;
  }

  private static double[] sum(Points points) {
    return added(
        RowBlocks.runInOrder(
            points.count(),
            points.dimension(),
            () -> new double[points.dimension()],
            (sum, from, to) -> {
              float[] spare = points.spare();
              for (int row = from; row < to; row++) {
                addTo(sum, points.array(row, spare), points.offset(row));
              }
            }));
  }

  private static void addTo(double[] sum, float[] values, int start) {
    for (int k = 0; k < sum.length; k++) {
      sum[k] += values[start + k];
    }
  }

  private static double[] added(List<double[]> parts) {
    double[] sum = new double[parts.get(0).length];
    for (double[] part : parts) {
      for (int k = 0; k < sum.length; k++) {
        sum[k] += part[k];
      }
    }
    return sum;
  }

  /**
   * The power of two that brings the largest absolute value of a coordinate to between 1 and 2, or
   * near to that at the ends of the range of floats: a normal number, and its inverse another.
   */
  static float scale(double largestCoordinate) {
    int exponent = largestCoordinate == 0 ? 0 : Math.getExponent(largestCoordinate);
    return Math.scalb(1f, Math.max(-126, Math.min(126, -exponent)));
  }

  /**
   * The bits of the largest absolute value: they are in the order of the values, and integers take
   * a quarter of the time. There are four, since each comparison waits for the one before it.
   */
  private static int largestBits(float[] values, int from, int to) {
    int m0 = 0;
    int m1 = 0;
    int m2 = 0;
    int m3 = 0;
    int k = from;
    for (; k < to - 3; k += 4) {
      m0 = Math.max(m0, absoluteBits(values[k]));
      m1 = Math.max(m1, absoluteBits(values[k + 1]));
      m2 = Math.max(m2, absoluteBits(values[k + 2]));
      m3 = Math.max(m3, absoluteBits(values[k + 3]));
    }
    for (; k < to; k++) {
      m0 = Math.max(m0, absoluteBits(values[k]));
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  private static int absoluteBits(float value) {
    return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
  }

  /** Some of the points, in the order given. */
  static FMatrixRMaj rows(Points points, int[] rows) {
    int dimension = points.dimension();
    FMatrixRMaj chosen = new FMatrixRMaj(rows.length, dimension);
    float[] spare = points.spare();
    for (int k = 0; k < rows.length; k++) {
      System.arraycopy(
          points.array(rows[k], spare),
          points.offset(rows[k]),
          chosen.data,
          k * dimension,
          dimension);
    }
    return chosen;
  }

  /** The distance of two points, summed directly in double precision. */
  public static double distance(Points source, int row, Points target, int column) {
    return distance(
        source.array(row, source.spare()),
        source.offset(row),
        target.array(column, target.spare()),
        target.offset(column),
        source.dimension());
  }

  /** The same for points of two matrices. */
  public static double distance(FMatrixRMaj source, int row, FMatrixRMaj target, int column) {
    int dimension = source.numCols;
    return distance(source.data, row * dimension, target.data, column * dimension, dimension);
  }

  private static double distance(float[] a, int i, float[] b, int j, int dimension) {
    return Math.sqrt(SquaredDistance.of(a, i, b, j, dimension));
  }

  /** The squared length of a point in double precision; four sums do not wait for each other. */
  static double square(float[] point) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int k = 0;
    for (; k < point.length - 3; k += 4) {
      s0 += square(point[k]);
      s1 += square(point[k + 1]);
      s2 += square(point[k + 2]);
      s3 += square(point[k + 3]);
    }
    for (; k < point.length; k++) {
      s0 += square(point[k]);
    }
    return (s0 + s1) + (s2 + s3);
  }

  /** The same in double precision. */
  static double square(double[] point) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int k = 0;
    for (; k < point.length - 3; k += 4) {
      s0 += square(point[k]);
      s1 += square(point[k + 1]);
      s2 += square(point[k + 2]);
      s3 += square(point[k + 3]);
    }
    for (; k < point.length; k++) {
      s0 += square(point[k]);
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static double square(double value) {
    return value * value;
  }

  private static double squaredDifference(double a, double b) {
    double difference = a - b;
    return difference * difference;
  }

  /**
   * How far points are from those that stand for them, and where they lie.
   *
   * @param meanDistance the mean distance of a point to its representative
   * @param mean of all points
   */
  public record Spread(double meanDistance, double[] mean) {

    /** The distance of the means of two sets. */
    public double meanDistanceTo(Spread other) {
      double sum = 0;
      for (int k = 0; k < mean.length; k++) {
        sum += squaredDifference(mean[k], other.mean[k]);
      }
      return Math.sqrt(sum);
    }
  }

  /**
   * Measures a set of points.
   *
   * @param representatives of which each point has one
   * @param chosen the row of each point's
   */
  public static Spread spread(Points points, FMatrixRMaj representatives, IntUnaryOperator chosen) {
    Points centres = Points.of(representatives);
    double distances = 0;
    for (double[] part :
        RowBlocks.runInOrder(
            points.count(),
            points.dimension(),
            () -> new double[1],
            (sum, from, to) -> {
              for (int row = from; row < to; row++) {
                sum[0] += distance(points, row, centres, chosen.applyAsInt(row));
              }
            })) {
      distances += part[0];
    }
    double[] mean = sum(points);
    for (int k = 0; k < mean.length; k++) {
      mean[k] /= points.count();
    }
    return new Spread(distances / points.count(), mean);
  }
}
