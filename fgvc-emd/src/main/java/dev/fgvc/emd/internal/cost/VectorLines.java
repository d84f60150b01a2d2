package dev.fgvc.emd.internal.cost;

import dev.fgvc.emd.internal.vector.FloatSums;
import dev.fgvc.emd.internal.vector.LineSearch;

/**
 * Loops of {@link Lines} by the Vector API, as far as there is one. They stand apart from that
 * public class, for the reason that {@link VectorApi} gives.
 */
final class VectorLines {

  static final boolean SEARCH = VectorApi.isUsable();

  /** Asked in this order: the second is of a class that only the Vector API's users load. */
  static final boolean SUM = SEARCH && FloatSums.areUsable();

  private VectorLines() {}

  static int passBy(float limit, float[] values, int start, float[] less, int from) {
    return SEARCH ? LineSearch.passBy(limit, values, start, less, from) : from;
  }

  static int passBy(double limit, double[] values, int start, double[] less, int from) {
    return SEARCH ? LineSearch.passBy(limit, values, start, less, from) : from;
  }

  static int passBy(float limit, float[] values, float[] limits, int from) {
    return SEARCH ? LineSearch.passBy(limit, values, limits, from) : from;
  }

  /** The least of the first values of a line, but for {@link #rest}. */
  static float least(float[] values) {
    return SEARCH ? LineSearch.least(values) : Float.POSITIVE_INFINITY;
  }

  /** How many values at the end of a line {@link #least} leaves out. */
  static int rest(int length) {
    return SEARCH ? LineSearch.rest(length) : length;
  }

  static void setSums(float[] sums, float[] a, float[] b) {
    FloatSums.set(sums, a, b);
  }
}
