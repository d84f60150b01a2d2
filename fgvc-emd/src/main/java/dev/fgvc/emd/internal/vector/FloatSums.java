package dev.fgvc.emd.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Eight sums of products of two lines of floats, in one vector of 256 bits. */
public final class FloatSums {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_256;

  /** The number of sums. */
  public static final int SUMS = 8;

  private FloatSums() {}

  /** Whether vectors are long enough. */
  public static boolean areUsable() {
    return FloatVector.SPECIES_PREFERRED.length() >= SUMS;
  }

  /** Sets the sums of the whole eights: sum k is that of products k, k + 8, ... */
  public static void set(float[] sums, float[] a, float[] b) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int j = 0; j < a.length - 7; j += SUMS) {
      sum = sum.add(FloatVector.fromArray(SPECIES, a, j).mul(FloatVector.fromArray(SPECIES, b, j)));
    }
    sum.intoArray(sums, 0);
  }
}
