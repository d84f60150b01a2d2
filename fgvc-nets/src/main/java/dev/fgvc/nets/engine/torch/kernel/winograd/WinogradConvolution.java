package dev.fgvc.nets.engine.torch.kernel.winograd;

import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.kernel.FittedKernel;
import dev.fgvc.nets.engine.torch.kernel.FittingThread;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import dev.fgvc.nets.engine.torch.kernel.WindowArguments;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
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
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class WinogradConvolution implements AutoCloseable {

  /** Images whose factors and products take more than this go through one by one. */
  private static final long MOST_BYTES_TOGETHER = 8 << 20;

  private final OneDnnConvolution operator;
  private final Window window;
  private final WinogradWindow tiles;
  private final long outputs;
  private final Supplier<Tensor> plain;
  private final Optional<Tensor> biases;
  private final FittingThread fitting;

  /** For each number of outputs of a tile. */
  private final Map<Integer, FittedKernel> kernels = new HashMap<>();

  private WinogradConvolution(
      OneDnnConvolution operator,
      Window window,
      WinogradWindow tiles,
      long outputs,
      Supplier<Tensor> plain,
      Optional<Tensor> biases,
      FittingThread fitting) {
    this.operator = operator;
    this.window = window;
    this.tiles = tiles;
    this.outputs = outputs;
    this.plain = plain;
    this.biases = biases;
    this.fitting = fitting;
  }

  /**
   * A convolution, if its window has one.
   *
   * @param outputs channels that come out
   * @param kernel makes [out, in, h, w] in the pointer scope that is open, the same at each call
   * @param biases [out], which have to outlive it
   * @param fitting makes the kernels that are kept
   */
  public static Optional<WinogradConvolution> of(
      OneDnnConvolution operator,
      Window window,
      long outputs,
      Supplier<Tensor> kernel,
      Optional<Tensor> biases,
      FittingThread fitting) {
    return WinogradWindow.of(window)
        .map(
            tiles ->
                new WinogradConvolution(operator, window, tiles, outputs, kernel, biases, fitting));
  }

  /** How the lines of an input are cut, if that makes the convolution cheaper on one thread. */
  public Optional<WinogradTiling> tiling(Tensor input) {
    Window.Border border = WindowArguments.border(input, window);
    return operator.knows(tiles.padding(border))
        ? tiles.tiling(input, outputs, border)
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
              outputs,
              window.outputHeight((int) input.size(2)),
              window.outputWidth((int) input.size(3))
            },
            input.options(),
            new MemoryFormatOptional(MemoryFormat.ChannelsLast));
    long[] padding = tiles.padding(WindowArguments.border(input, window));
    long images = input.size(0);
    long together = tiles.bytes(input, tiling, outputs) > MOST_BYTES_TOGETHER ? 1 : images;
    for (long first = 0; first < images; first += together) {
      try (PointerScope temporaries = new PointerScope()) {
        tiles.convolve(
            input.narrow(0, first, together),
            tiling,
            factors -> multiply(tiling.matrices(), factors, padding, recurring),
            result.narrow(0, first, together));
      }
    }
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
                    fitting.make(
                        () ->
                            operator.reordered(
                                unfitted, padding, WindowArguments.UNIT, groups, shape)));
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
          matrices.outputs(),
          tileOutputs -> FittedKernel.of(() -> tiles.kernels(plain.get(), matrices)));
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
