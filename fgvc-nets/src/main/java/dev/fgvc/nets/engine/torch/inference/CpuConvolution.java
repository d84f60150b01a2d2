package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.engine.torch.kernel.FittedKernel;
import dev.fgvc.nets.engine.torch.kernel.LayerConvolution;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** A convolution on the CPU. */
interface CpuConvolution extends LayerConvolution {

  /** The biases [out], if there are any. */
  Optional<Tensor> biases();

  @Override
  default Tensor withBiases(Tensor activation) {
    // What adding returns has no memory of its own.
    biases().ifPresent(values -> activation.add_(values.view(1, -1, 1, 1)));
    return activation;
  }

  /** Kernels that can be fitted to what comes again. */
  default Stream<FittedKernel> fittedKernels() {
    return Stream.empty();
  }
}
