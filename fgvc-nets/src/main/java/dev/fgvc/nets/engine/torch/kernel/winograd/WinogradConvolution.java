package dev.fgvc.nets.engine.torch.kernel.winograd;

import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.kernel.FittedKernel;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import dev.fgvc.nets.engine.torch.kernel.WindowArguments;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A convolution that spends fewer products, by the tiles of a {@link WinogradWindow}, with its
 * kernels prepared. Of the time of oneDNN's own convolution it takes 0.4 to 0.55 with 7 taps and
 * 128 to 320 channels, 0.6 to 0.7 with 3 x 3 taps and 64 to 256 channels, on one to four images a
 * thread. It holds up to 12 / 7 of the kernel's values for 7 taps, 8 / 3 for 3, once for each shape
 * that a kernel is fitted to.
 *
 * <p>For activations in float32 on the CPU: in bfloat16, the transforms' rounding would cost the
 * digits that are left. Any number of threads may share one.
 */
public final class WinogradConvolution implements AutoCloseable {

  private final OneDnnConvolution operator;
  private final Window window;
  private final WinogradWindow tiles;
  private final Tensor plain;
  private final Optional<Tensor> biases;

  /** For each number of outputs of a tile. */
  private final Map<Integer, FittedKernel> kernels = new HashMap<>();

  private WinogradConvolution(
      OneDnnConvolution operator,
      Window window,
      WinogradWindow tiles,
      Tensor plain,
      Optional<Tensor> biases) {
    this.operator = operator;
    this.window = window;
    this.tiles = tiles;
    this.plain = plain;
    this.biases = biases;
  }

  /**
   * A convolution, if its window has one.
   *
   * @param kernel [out, in, h, w], which has to outlive it
   * @param biases [out], likewise
   */
  public static Optional<WinogradConvolution> of(
      OneDnnConvolution operator, Window window, Tensor kernel, Optional<Tensor> biases) {
    return WinogradWindow.of(window)
        .map(tiles -> new WinogradConvolution(operator, window, tiles, kernel, biases));
  }

  /** How the lines of an input are cut, if that makes the convolution cheaper on one thread. */
  public Optional<WinogradTiling> tiling(Tensor input) {
    Window.Border border = WindowArguments.border(input, window);
    return operator.knows(tiles.padding(border))
        ? tiles.tiling(input, plain.size(0), border)
        : Optional.empty();
  }

  /**
   * The convolution; its result and what it takes on the way belong to the caller's scope.
   *
   * @param tiling of the input, by {@link #tiling}
   * @param recurring whether the kernel is to be fitted to inputs of this shape
   */
  public Tensor apply(Tensor input, WinogradTiling tiling, boolean relu, boolean recurring) {
    // Allocated before the temporaries, which leave no hole in the memory then.
    Tensor result =
        torch.empty(
            new long[] {
              input.size(0),
              plain.size(0),
              window.outputHeight((int) input.size(2)),
              window.outputWidth((int) input.size(3))
            },
            input.options(),
            new MemoryFormatOptional(MemoryFormat.ChannelsLast));
    long[] padding = tiles.padding(WindowArguments.border(input, window));
    tiles.convolve(
        input, tiling, factors -> multiply(tiling.matrices(), factors, padding, recurring), result);
    if (relu) {
      torch.relu_(result); // what it returns has no memory of its own
    }
    return result;
  }

  private Tensor multiply(
      WinogradMatrices matrices, Tensor factors, long[] padding, boolean recurring) {
    int groups = matrices.products();
    Tensor kernel =
        kernel(matrices)
            .forInput(
                factors,
                torch.get_num_threads(),
                recurring,
                (unfitted, shape) ->
                    operator.reordered(unfitted, padding, WindowArguments.UNIT, groups, shape));
    return operator.convolve(
        factors,
        kernel,
        biases.map(values -> WinogradWindow.biases(values, matrices)),
        padding,
        WindowArguments.UNIT,
        groups,
        false);
  }

  private FittedKernel kernel(WinogradMatrices matrices) {
    synchronized (kernels) {
      return kernels.computeIfAbsent(
          matrices.outputs(), outputs -> FittedKernel.remade(() -> tiles.kernels(plain, matrices)));
    }
  }

  /** The kernels, one for each number of outputs that a tile had. */
  public List<FittedKernel> kernels() {
    synchronized (kernels) {
      return List.copyOf(kernels.values());
    }
  }

  @Override
  public void close() {
    kernels.values().forEach(FittedKernel::close);
    kernels.clear();
  }
}
