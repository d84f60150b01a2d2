package dev.fgvc.emd.internal.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Eight sums of squared differences of two points in double precision: in one vector of 512 bits or
 * two of 256.
 */
public final class DistanceSums {

  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  private static final int LANES = DOUBLES.length();

  /** Vectors of as many floats as a vector has doubles; of 64 bits at least, as shapes have. */
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(
          float.class, VectorShape.forBitSize(Math.max(Long.SIZE, LANES * Float.SIZE)));

  /** The number of sums. */
  public static final int SUMS = 8;

  private DistanceSums() {}

  /** Whether vectors are long enough to gain anything. */
  public static boolean areUsable() {
    return LANES == SUMS || 2 * LANES == SUMS;
  }

  /**
   * Sets the sums: sum k is that of differences k, k + 8, ... of the first dimensions, a multiple
   * of eight.
   */
  public static void set(double[] sums, float[] a, int i, float[] b, int j, int dimension) {
    if (LANES == SUMS) {
      setOne(sums, a, i, b, j, dimension);
    } else {
      setTwo(sums, a, i, b, j, dimension);
    }
  }

  private static void setOne(double[] sums, float[] a, int i, float[] b, int j, int dimension) {
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int k = 0; k < dimension; k += SUMS) {
      DoubleVector difference = load(a, i + k).sub(load(b, j + k));
      sum = sum.add(difference.mul(difference));
    }
    sum.intoArray(sums, 0);
  }

  private static void setTwo(double[] sums, float[] a, int i, float[] b, int j, int dimension) {
    DoubleVector first = DoubleVector.zero(DOUBLES);
    DoubleVector second = DoubleVector.zero(DOUBLES);
    for (int k = 0; k < dimension; k += SUMS) {
      DoubleVector x = load(a, i + k).sub(load(b, j + k));
      DoubleVector y = load(a, i + k + LANES).sub(load(b, j + k + LANES));
      first = first.add(x.mul(x));
      second = second.add(y.mul(y));
    }
    first.intoArray(sums, 0);
    second.intoArray(sums, LANES);
  }

  private static DoubleVector load(float[] values, int from) {
    return (DoubleVector)
        FloatVector.fromArray(FLOATS, values, from).convertShape(VectorOperators.F2D, DOUBLES, 0);
  }
}
