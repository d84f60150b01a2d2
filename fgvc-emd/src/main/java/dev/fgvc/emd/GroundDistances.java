package dev.fgvc.emd;

import dev.fgvc.artifact.MissingArtifactException;
import dev.fgvc.emd.internal.cost.EuclideanCosts;
import dev.fgvc.emd.internal.cost.EuclideanFloats;
import dev.fgvc.emd.internal.cost.Nd4jEuclidean;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/** The ground distances that come with the library. */
public final class GroundDistances {

  private static final GroundDistance EJML = new Euclidean(EuclideanCosts::matrix);

  private GroundDistances() {}

  /** The Euclidean distance, in one way or another. */
  private record Euclidean(GroundDistance computed) implements GroundDistance {
    @Override
    public DMatrixRMaj between(FMatrixRMaj source, FMatrixRMaj target) {
      return computed.between(source, target);
    }
  }

  static boolean isEuclidean(GroundDistance distance) {
    return distance instanceof Euclidean;
  }

  /** A class of its own, so that ND4J is not looked for before it is asked for. */
  private static final class OnNd4j {
    static final Nd4jEuclidean EUCLIDEAN = new Nd4jEuclidean(GroundDistanceException::new);
  }

  /**
   * Euclidean distance (equation 1 of the paper) on EJML matrices, {@code ||a - b||} as {@code
   * sqrt(||a||^2 + ||b||^2 - 2ab)} by blocked matrix multiplication in double precision, on all
   * threads of the common pool.
   *
   * <p>Points are centred first, and pairs that lie close together for their length are summed
   * directly; so identical points are exactly 0 apart, and the relative error is below 1.2e-14 x
   * (dimension + 8), also with a large common offset: 2.5e-11 for 2048 features. Time is O(m n
   * dimension), twice as much again where most pairs are close; memory is the result and 8 bytes
   * for each value of the target. A virtual machine that starts with {@code --add-modules
   * jdk.incubator.vector} computes the same bits in less time, where the CPU has 32 vector
   * registers.
   *
   * @return the distance
   */
  public static GroundDistance ejml() {
    return EJML;
  }

  /**
   * Euclidean distances in single precision, for those who need no more: about two thirds of the
   * time of {@link #ejml}, less with {@code --add-modules jdk.incubator.vector}, and half the
   * memory of its result.
   *
   * <p>As there, points are centred first and pairs that lie close together for their length are
   * summed directly, in double precision; so identical points are exactly 0 apart, and a large
   * common offset does no harm. The relative error is below 3e-7 x (min(dimension, 126) + dimension
   * / 126 + 16): 4.8e-5 for 2048 features, of which rounding usually reaches a hundredth. {@link
   * ExactEmd} needs no such matrix: from features it takes bounds in single precision by itself.
   *
   * @param source one point a row, m x dimension, finite
   * @param target one point a row, n x dimension, finite
   * @return a new m x n matrix, not negative; infinite where a distance exceeds the range of floats
   * @throws IllegalArgumentException if the dimensions differ, a value is NaN or infinite, or the
   *     heap cannot hold the matrix
   */
  public static FMatrixRMaj singlePrecision(FMatrixRMaj source, FMatrixRMaj target) {
    return EuclideanFloats.matrix(source, target);
  }

  /**
   * Euclidean distance with the matrix product done by ND4J, on whichever backend stands on the
   * class path; the same method, promises and precision as {@link #ejml()}. Time is O(m n
   * dimension); memory is the result, and outside the Java heap 8 bytes for each value of the
   * target and about 64 MB for blocks of the source.
   *
   * @return the distance
   * @throws MissingArtifactException if ND4J or its backend is not on the class path
   * @throws GroundDistanceException if it is there and cannot be loaded; the distance itself throws
   *     this, too, where ND4J fails later
   */
  public static GroundDistance nd4j() {
    Nd4jEuclidean nd4j = OnNd4j.EUCLIDEAN;
    nd4j.load();
    return new Euclidean(nd4j::between);
  }
}
