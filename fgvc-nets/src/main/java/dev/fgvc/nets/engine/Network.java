package dev.fgvc.nets.engine;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.weights.Weights;
import org.ejml.data.FMatrixRMaj;

/**
 * A compiled network in inference mode: batch norms use their moving statistics and nothing is
 * dropped. Any number of threads may use it at once; closing waits for them.
 */
public interface Network extends AutoCloseable {

  /**
   * What was compiled.
   *
   * @return the graph
   */
  NetworkGraph graph();

  /**
   * The weights it was compiled from.
   *
   * @return one tensor for each variable
   */
  Weights weights();

  /**
   * The class scores before the softmax.
   *
   * @param images a batch
   * @return [images, classes]
   * @throws IllegalArgumentException if the images are too small for the network
   * @throws IllegalStateException if the network is closed
   */
  FMatrixRMaj logits(Images images);

  /**
   * The penultimate features, g(image) of the paper's section 4.1.
   *
   * @param images a batch
   * @return [images, feature dimension]
   * @throws IllegalArgumentException if the images are too small for the network
   * @throws IllegalStateException if the network is closed
   */
  FMatrixRMaj features(Images images);

  /** Frees the native memory. Closing twice does nothing. */
  @Override
  void close();
}
