package dev.fgvc.emd;

import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * The cost of moving one point to another: equation 1 of the paper for two images or class means,
 * d_ij in equation 2. The paper's is the Euclidean distance, {@link GroundDistances#ejml}; any
 * function without negative values may take its place.
 */
@FunctionalInterface
public interface GroundDistance {

  /**
   * The distance of every source point to every target point.
   *
   * @param source one point a row, m x dimension, finite
   * @param target one point a row, n x dimension, finite
   * @return a new m x n matrix, finite and not negative
   * @throws IllegalArgumentException if the dimensions differ, a value is NaN or infinite, or the
   *     heap cannot hold the matrix
   */
  DMatrixRMaj between(FMatrixRMaj source, FMatrixRMaj target);
}
