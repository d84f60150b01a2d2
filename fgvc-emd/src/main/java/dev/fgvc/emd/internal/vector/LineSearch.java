package dev.fgvc.emd.internal.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Searches of lines in which most places are passed by, as many at a time as a vector has. Each
 * ends at the first vector that holds what is sought, or where less than a vector is left.
 */
public final class LineSearch {

  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  private static final int FLOAT_LANES = FLOATS.length();
  private static final int DOUBLE_LANES = DOUBLES.length();

  private LineSearch() {}

  /**
   * Passes by values that are not below a limit once those of another line were taken off.
   *
   * @param start where the values begin in their array
   * @param from the first place of the line
   */
  public static int passBy(float limit, float[] values, int start, float[] less, int from) {
    int j = from;
    for (; j <= less.length - FLOAT_LANES; j += FLOAT_LANES) {
      FloatVector value = FloatVector.fromArray(FLOATS, values, start + j);
      if (value.sub(FloatVector.fromArray(FLOATS, less, j)).lt(limit).anyTrue()) {
        return j;
      }
    }
    return j;
  }

  /** The same in double precision. */
  public static int passBy(double limit, double[] values, int start, double[] less, int from) {
    int j = from;
    for (; j <= less.length - DOUBLE_LANES; j += DOUBLE_LANES) {
      DoubleVector value = DoubleVector.fromArray(DOUBLES, values, start + j);
      if (value.sub(DoubleVector.fromArray(DOUBLES, less, j)).lt(limit).anyTrue()) {
        return j;
      }
    }
    return j;
  }

  /** Passes by values that are below neither a limit nor one of their own. */
  public static int passBy(float limit, float[] values, float[] limits, int from) {
    int j = from;
    for (; j <= values.length - FLOAT_LANES; j += FLOAT_LANES) {
      FloatVector either = FloatVector.fromArray(FLOATS, limits, j).max(limit);
      if (FloatVector.fromArray(FLOATS, values, j).lt(either).anyTrue()) {
        return j;
      }
    }
    return j;
  }

  /** The least of the values before the last that do not fill a vector; infinite if none is. */
  public static float least(float[] values) {
    FloatVector least = FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY);
    for (int j = 0; j <= values.length - FLOAT_LANES; j += FLOAT_LANES) {
      least = least.min(FloatVector.fromArray(FLOATS, values, j));
    }
    return least.reduceLanes(VectorOperators.MIN);
  }

  /** How many values at the end of a line {@link #least} leaves out. */
  public static int rest(int length) {
    return length % FLOAT_LANES;
  }
}
