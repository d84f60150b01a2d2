package dev.fgvc.nets.engine.torch.kernel;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * One convolution of a network for inference, with its kernel and its biases. Activations are
 * channels-last; what is returned belongs to the pointer scope that is open.
 */
public interface LayerConvolution extends AutoCloseable {

  /**
   * The convolution with its biases; what it returns may be the sum.
   *
   * @param sum what the result is added to, if anything; may be overwritten
   * @param relu whether max(x, 0) of all that is taken
   */
  Tensor apply(Tensor input, Optional<Tensor> sum, boolean relu);

  /** The convolution alone, of a window of one cell. */
  Tensor withoutBiases(Tensor input);

  /** An activation, which may be overwritten, with the biases added, if there are any. */
  Tensor withBiases(Tensor activation);

  @Override
  void close();
}
