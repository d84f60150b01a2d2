package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.kernel.CpuCapabilities;
import dev.fgvc.nets.engine.torch.kernel.FittingThread;
import dev.fgvc.nets.engine.torch.kernel.MatrixProducts;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import dev.fgvc.nets.engine.torch.kernel.PlainConvolution;
import dev.fgvc.nets.engine.torch.kernel.winograd.WinogradConvolution;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The one place that chooses among the CPU's kernels for inference: by the capabilities of the CPU,
 * the type of the activations and the window. oneDNN's fused convolutions come first; in float32
 * Winograd's are tried before them, for each input; libtorch's own do without either.
 */
final class CpuConvolutions implements AutoCloseable {

  private final Optional<OneDnnConvolution> oneDnn;
  private final ScalarType type;
  private final RecurringBatches recurring;
  private final FittingThread fitting;

  CpuConvolutions(
      CpuCapabilities capabilities,
      ScalarType type,
      RecurringBatches recurring,
      FittingThread fitting) {
    this.oneDnn = capabilities.newFusedConvolution();
    this.type = type;
    this.recurring = recurring;
    this.fitting = fitting;
  }

  /**
   * A convolution by the kernels that suit it.
   *
   * @param outputs channels that come out
   * @param kernel makes [out, in, h, w], channels-last, in the pointer scope that is open
   * @param biases [out]
   */
  CpuConvolution convolution(
      Window window, int outputs, Supplier<Tensor> kernel, Optional<Tensor> biases) {
    if (oneDnn.isEmpty()) {
      return new LibtorchConvolution(
          (input, factor, added) -> PlainConvolution.convolve(input, factor, added, window),
          kernel.get(),
          biases);
    }
    Optional<WinogradConvolution> winograd =
        type == ScalarType.Float
            ? WinogradConvolution.of(oneDnn.get(), window, outputs, kernel, biases, fitting)
            : Optional.empty();
    return new FusedConvolution(oneDnn.get(), winograd, window, kernel, biases, recurring, fitting);
  }

  /**
   * All inputs of each output. As a convolution of one cell where oneDNN has it, not as a product
   * of matrices: libtorch's threads of those look for more work for some 25 ms, on a core that the
   * next batch needs.
   *
   * @param outputs values that come out
   * @param kernel makes [out, in, 1, 1] in the pointer scope that is open
   * @param biases [out]
   */
  CpuConvolution fullyConnected(int outputs, Supplier<Tensor> kernel, Tensor biases) {
    return oneDnn.isPresent()
        ? convolution(LayerTensors.ONE_CELL, outputs, kernel, Optional.of(biases))
        : new LibtorchConvolution(
            CpuConvolutions::product, kernel.get().flatten(1, -1).t(), Optional.of(biases));
  }

  /** Multiplies an activation of one cell by a matrix [in, out], to an activation of one cell. */
  private static Tensor product(Tensor input, Tensor matrix, Optional<Tensor> biases) {
    Tensor rows = MatrixProducts.plain(input.flatten(1, -1), matrix, biases);
    return rows.view(rows.size(0), rows.size(1), 1, 1);
  }

  @Override
  public void close() {
    oneDnn.ifPresent(OneDnnConvolution::close);
  }
}
