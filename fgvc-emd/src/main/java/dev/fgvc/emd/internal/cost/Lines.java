package dev.fgvc.emd.internal.cost;

/**
 * Loops over lines of costs that the compiler makes no vector code of: searches for the few places
 * that matter, minima and scalar products. The Vector API gives the same results in about a fifth
 * of the time, to the last bit but for the sign of zero. No value may be NaN.
 */
public final class Lines {

  private static final int SUMS = 8;

  private Lines() {}

  /**
   * The next place, from one on, where a line less another is below a limit; the length if there is
   * none.
   *
   * @param start where the first line begins in its array
   */
  public static int nextBelow(float limit, float[] values, int start, float[] less, int from) {
    int j = VectorLines.passBy(limit, values, start, less, from);
    while (j < less.length && !(values[start + j] - less[j] < limit)) {
      j++;
    }
    return j;
  }

  /** The same in double precision. */
  public static int nextBelow(double limit, double[] values, int start, double[] less, int from) {
    int j = VectorLines.passBy(limit, values, start, less, from);
    while (j < less.length && !(values[start + j] - less[j] < limit)) {
      j++;
    }
    return j;
  }

  /**
   * The next place, from one on, where a line is below a limit or below the place's own; the length
   * if there is none.
   */
  public static int nextBelowEither(float limit, float[] values, float[] limits, int from) {
    int j = VectorLines.passBy(limit, values, limits, from);
    while (j < values.length && !(values[j] < limit || values[j] < limits[j])) {
      j++;
    }
    return j;
  }

  /** The least value of a line. */
  public static float least(float[] values) {
    int from = values.length - VectorLines.rest(values.length);
    return leastByLoops(values, from, VectorLines.least(values));
  }

  /** The least of a value and those of a line from a place on; four do not wait for each other. */
  static float leastByLoops(float[] values, int from, float known) {
    float first = known;
    float second = known;
    float third = known;
    float fourth = known;
    int j = from;
    for (; j < values.length - 3; j += 4) {
      first = values[j] < first ? values[j] : first;
      second = values[j + 1] < second ? values[j + 1] : second;
      third = values[j + 2] < third ? values[j + 2] : third;
      fourth = values[j + 3] < fourth ? values[j + 3] : fourth;
    }
    for (; j < values.length; j++) {
      first = Math.min(first, values[j]);
    }
    return Math.min(Math.min(first, second), Math.min(third, fourth));
  }

  /** The scalar product of two lines. */
  public static float product(float[] a, float[] b) {
    float[] sums = new float[SUMS];
    if (VectorLines.SUM) {
      VectorLines.setSums(sums, a, b);
    } else {
      setByLoops(sums, a, b);
    }
    for (int j = a.length / SUMS * SUMS; j < a.length; j++) {
      sums[0] += a[j] * b[j];
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3]))
        + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  }

  /** Sets sum k of eight to that of products k, k + 8, ... of the whole eights. */
  static void setByLoops(float[] sums, float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    for (int j = 0; j < a.length - 7; j += SUMS) {
      s0 += a[j] * b[j];
      s1 += a[j + 1] * b[j + 1];
      s2 += a[j + 2] * b[j + 2];
      s3 += a[j + 3] * b[j + 3];
      s4 += a[j + 4] * b[j + 4];
      s5 += a[j + 5] * b[j + 5];
      s6 += a[j + 6] * b[j + 6];
      s7 += a[j + 7] * b[j + 7];
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
}
