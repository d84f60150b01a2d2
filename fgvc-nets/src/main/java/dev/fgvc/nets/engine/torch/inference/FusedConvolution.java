package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.kernel.FittedKernel;
import dev.fgvc.nets.engine.torch.kernel.FittingThread;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import dev.fgvc.nets.engine.torch.kernel.WindowArguments;
import dev.fgvc.nets.engine.torch.kernel.winograd.WinogradConvolution;
import dev.fgvc.nets.engine.torch.kernel.winograd.WinogradTiling;
import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * oneDNN's fused convolution on kernels in its own layouts. Where Winograd's is given and cheaper
 * for an input on one thread, that does the work instead.
 */
final class FusedConvolution implements CpuConvolution {

  private final OneDnnConvolution operator;
  private final Optional<WinogradConvolution> winograd;
  private final Window window;
  private final FittedKernel kernel;
  private final Optional<Tensor> biases;
  private final RecurringBatches recurring;
  private final FittingThread fitting;
  private final OwnedPointers owned = new OwnedPointers();

  FusedConvolution(
      OneDnnConvolution operator,
      Optional<WinogradConvolution> winograd,
      Window window,
      Supplier<Tensor> kernel,
      Optional<Tensor> biases,
      RecurringBatches recurring,
      FittingThread fitting) {
    this.operator = operator;
    this.winograd = winograd;
    this.window = window;
    this.kernel = FittedKernel.of(kernel);
    this.biases = biases.map(owned::keep);
    this.recurring = recurring;
    this.fitting = fitting;
  }

  @Override
  public Tensor apply(Tensor input, Optional<Tensor> sum, boolean relu) {
    if (winograd.isPresent() && sum.isEmpty() && torch.get_num_threads() == 1) {
      Optional<WinogradTiling> tiling = winograd.get().tiling(input);
      if (tiling.isPresent()) {
        return winograd.get().apply(input, tiling.get(), relu, recurring.include(input, 1));
      }
    }
    return fused(input, biases, sum, relu);
  }

  @Override
  public Tensor withoutBiases(Tensor input) {
    return fused(input, Optional.empty(), Optional.empty(), false);
  }

  private Tensor fused(Tensor input, Optional<Tensor> added, Optional<Tensor> sum, boolean relu) {
    Window.Border border = WindowArguments.border(input, window);
    long[] own = {border.top(), border.left()};
    boolean padsItself = border.isSymmetric() && operator.knows(own);
    Tensor padded = padsItself ? input : WindowArguments.pad(input, border, 0);
    long[] padding = padsItself ? own : WindowArguments.NONE;
    long[] strides = WindowArguments.strides(window);
    int threads = torch.get_num_threads();
    Tensor fitted =
        kernel.forInput(
            padded,
            threads,
            recurring.include(padded, threads),
            (plain, shape) ->
                fitting.make(() -> operator.reordered(plain, padding, strides, 1, shape)));
    return sum.isPresent()
        ? operator.addTo(sum.get(), padded, fitted, added, padding, strides, relu)
        : operator.convolve(padded, fitted, added, padding, strides, 1, relu);
  }

  @Override
  public Optional<Tensor> biases() {
    return biases;
  }

  @Override
  public Stream<FittedKernel> fittedKernels() {
    return Stream.concat(
        Stream.of(kernel),
        winograd.stream().flatMap(convolution -> convolution.kernels().stream()));
  }

  @Override
  public void close() {
    winograd.ifPresent(WinogradConvolution::close);
    kernel.close();
    owned.close();
  }
}
