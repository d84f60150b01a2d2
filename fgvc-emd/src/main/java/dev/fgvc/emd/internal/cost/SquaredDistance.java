package dev.fgvc.emd.internal.cost;

import dev.fgvc.emd.internal.vector.DistanceSums;

/**
 * Squared distances of points, summed directly in double precision: in eight sums, each of every
 * eighth dimension, since each addition waits for the one before it. The Vector API gives the same
 * bits in a quarter of the time.
 */
final class SquaredDistance {

  private static final int SUMS = 8;

  /** Asked in this order: the second is of a class that only the Vector API's users load. */
  private static final boolean BY_VECTORS = VectorApi.isUsable() && DistanceSums.areUsable();

  private SquaredDistance() {}

  /** The squared distance of the points that start at {@code a[i]} and {@code b[j]}. */
  static double of(float[] a, int i, float[] b, int j, int dimension) {
    double[] sums = new double[SUMS];
    int whole = dimension / SUMS * SUMS;
    if (BY_VECTORS) {
      DistanceSums.set(sums, a, i, b, j, whole);
    } else {
      setByLoops(sums, a, i, b, j, whole);
    }
    for (int k = whole; k < dimension; k++) {
      sums[k - whole] += squaredDifference(a[i + k], b[j + k]);
    }
    return ((sums[0] + sums[4]) + (sums[2] + sums[6]))
        + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  }

  /** Sets each sum to that of every eighth squared difference of some whole eights. */
  static void setByLoops(double[] sums, float[] a, int i, float[] b, int j, int whole) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double s4 = 0;
    double s5 = 0;
    double s6 = 0;
    double s7 = 0;
    int q = j;
    for (int p = i; p < i + whole; p += SUMS, q += SUMS) {
      s0 += squaredDifference(a[p], b[q]);
      s1 += squaredDifference(a[p + 1], b[q + 1]);
      s2 += squaredDifference(a[p + 2], b[q + 2]);
      s3 += squaredDifference(a[p + 3], b[q + 3]);
      s4 += squaredDifference(a[p + 4], b[q + 4]);
      s5 += squaredDifference(a[p + 5], b[q + 5]);
      s6 += squaredDifference(a[p + 6], b[q + 6]);
      s7 += squaredDifference(a[p + 7], b[q + 7]);
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
    sums[4] = s4;
    sums[5] = s5;
    sums[6] = s6;
    sums[7] = s7;
  }

  private static double squaredDifference(double a, double b) {
    double difference = a - b;
    return difference * difference;
  }
}
