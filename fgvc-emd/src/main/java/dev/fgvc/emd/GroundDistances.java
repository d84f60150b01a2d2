package dev.fgvc.emd;

/** The ground distances that come with the library. */
public final class GroundDistances {

  private static final GroundDistance EJML = new EjmlEuclidean();

  private GroundDistances() {}

  /**
   * Euclidean distance on EJML matrices, {@code ||a - b||} as {@code sqrt(||a||^2 + ||b||^2 - 2ab)}
   * by blocked matrix multiplication in double precision, on all threads of the common pool.
   *
   * <p>Points are centred first, and pairs that lie close together for their length are summed
   * directly; so identical points are exactly 0 apart and the relative error is below 1e-6 also
   * with a large common offset. Time is O(m n dimension); memory is the result and 8 bytes for each
   * value of the target.
   *
   * @return the distance
   */
  public static GroundDistance ejml() {
    return EJML;
  }
}
