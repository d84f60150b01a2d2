package dev.fgvc.nets.engine;

import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * Sums of pooled features by class, in double precision on the network's device; {@link
 * DeviceClassMeans} is built on them and checks the arguments; each call may throw {@link
 * IllegalStateException} if the network is closed, and {@link EngineException} if memory does not
 * suffice.
 */
public interface ClassSums extends AutoCloseable {

  /**
   * Adds the features of a batch, all or none; need not wait for them.
   *
   * @param images a batch, whose buffer is not read after this returns
   * @param labels the class of each image, in range
   */
  void add(ByteImages images, int[] labels);

  /**
   * The sums, each divided by a count, on the host.
   *
   * @param counts one for each class, positive
   * @return classes x feature dimension
   */
  FMatrixRMaj means(double[] counts);

  /**
   * The Euclidean distance of every mean to every target.
   *
   * @param counts one for each class, positive
   * @param targets one point a row, of the feature dimension, finite
   * @return classes x targets
   */
  DMatrixRMaj distances(double[] counts, FMatrixRMaj targets);

  /** Frees the sums. Called once. */
  @Override
  void close();
}
