package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.engine.torch.kernel.FittedKernel;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** One convolution of a network on the CPU, with its kernel and its biases. */
interface CpuConvolution extends AutoCloseable {

  /**
   * The convolution with its biases.
   *
   * @param sum what the result is added to; overwritten
   * @param relu whether max(x, 0) of all that is taken
   */
  Tensor apply(Tensor input, Optional<Tensor> sum, boolean relu);

  Tensor withoutBiases(Tensor input);

  /** The biases [out], if there are any. */
  Optional<Tensor> biases();

  /** Kernels that can be fitted to what comes again. */
  default Stream<FittedKernel> fittedKernels() {
    return Stream.empty();
  }

  @Override
  void close();
}
