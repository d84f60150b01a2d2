package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Device;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A convolution that spends fewer products along one axis of its window, by tiles of a {@link
 * MinimalFilter}; the other axis' taps remain. The products of all tiles are one convolution with a
 * group of channels for each row of the filter's matrices. Of the time of oneDNN's own convolution
 * it takes 0.4 to 0.55 with 7 taps and 128 to 320 channels, 0.6 to 0.7 with 3 x 3 taps and 64 to
 * 256 channels, on one to four images a thread. It holds up to 12 / 7 of the kernel's values for 7
 * taps, 8 / 3 for 3, once for each shape that a kernel is fitted to.
 *
 * <p>For maps in float32 on the processors: in bfloat16, the transforms' rounding would cost the
 * digits that are left. Any number of threads may share one.
 */
final class FastConvolution implements AutoCloseable {

  /** OpenBLAS takes one thread for so many products of a matrix; others would wait for more. */
  private static final long ONE_THREAD = 1 << 18;

  private final OneDnnConvolution operator;
  private final Window window;
  private final boolean alongWidth;
  private final int taps;
  private final int across;
  private final Tensor plain;
  private final Optional<Tensor> biases;

  /** For each number of outputs of a tile. */
  private final Map<Integer, FittedKernel> kernels = new HashMap<>();

  private FastConvolution(
      OneDnnConvolution operator, Window window, Tensor plain, Optional<Tensor> biases) {
    this.operator = operator;
    this.window = window;
    this.alongWidth = window.width() >= window.height();
    this.taps = alongWidth ? window.width() : window.height();
    this.across = alongWidth ? window.height() : window.width();
    this.plain = plain;
    this.biases = biases;
  }

  /**
   * A convolution; none for strides.
   *
   * @param kernel [out, in, h, w], which has to outlive it
   * @param biases [out], likewise
   */
  static Optional<FastConvolution> of(
      OneDnnConvolution operator, Window window, Tensor kernel, Optional<Tensor> biases) {
    FastConvolution convolution = new FastConvolution(operator, window, kernel, biases);
    return window.stride() == 1
            && convolution.taps > 1
            && convolution.taps <= MinimalFilter.MOST_TAPS
        ? Optional.of(convolution)
        : Optional.empty();
  }

  /**
   * How the lines of an input are cut, if that makes the convolution cheaper. On one thread: the
   * transforms are too small to be shared by several.
   */
  Optional<FilteredLine> line(Tensor input) {
    Window.Border border = border(input);
    if (border.top() != border.bottom() || !operator.knows(padding(border))) {
      return Optional.empty();
    }
    int length = (int) input.size(alongWidth ? 3 : 2);
    FilteredLine.Task task =
        new FilteredLine.Task(
            input.size(0) * input.size(alongWidth ? 2 : 3),
            length,
            border.left(),
            length + border.left() + border.right() - taps + 1,
            taps,
            across,
            plain.size(1),
            plain.size(0));
    return FilteredLine.cheapest(task);
  }

  /** The border of an input turned so that lines go from left to right. */
  private Window.Border border(Tensor input) {
    Window.Border border = MapOperations.border(input, window);
    return alongWidth
        ? border
        : new Window.Border(border.left(), border.right(), border.top(), border.bottom());
  }

  /** Of the convolution that makes the products: the lines' own zeros are never stored. */
  private static long[] padding(Window.Border border) {
    return new long[] {border.top(), 0};
  }

  /**
   * The convolution; its result and what it takes on the way belong to the caller's scope.
   *
   * @param line of the input, by {@link #line}
   * @param recurring whether the kernel is to be fitted to inputs of this shape
   */
  Tensor apply(Tensor input, FilteredLine line, boolean relu, boolean recurring) {
    MinimalFilter filter = line.filter();
    Window.Border border = border(input);
    long count = input.size(0);
    long linesBefore = input.size(alongWidth ? 2 : 3);
    long lines = linesBefore + border.top() + border.bottom() - across + 1;
    long filters = plain.size(0);
    // Made before what goes at the end of the scope, so as to leave no hole among the memory.
    Tensor result =
        alongWidth
            ? empty(input, count, lines, line.outputs(), filters)
            : empty(input, count, line.outputs(), lines, filters);
    Tensor factors = empty(input, count, linesBefore, line.rows(), plain.size(1));
    lines(input.permute(0, 2, 3, 1).contiguous())
        .transform(filter.input(), line.factorTiles(), CellLines.rows(factors));
    Tensor grouped =
        factors.view(
            count, linesBefore, line.rows() / filter.products(), filter.products() * plain.size(1));
    Tensor products =
        multiply(filter, grouped.permute(0, 3, 1, 2), padding(border), recurring)
            .permute(0, 2, 3, 1)
            .contiguous()
            .view(count, lines, line.rows(), filters);
    CellLines.rows(products).transform(filter.output(), line.resultTiles(), lines(result));
    return (relu ? torch.relu_(result) : result).permute(0, 3, 1, 2);
  }

  private CellLines lines(Tensor cells) {
    return alongWidth ? CellLines.rows(cells) : CellLines.columns(cells);
  }

  private static Tensor empty(Tensor like, long... shape) {
    return torch.empty(shape, like.options(), new MemoryFormatOptional());
  }

  private Tensor multiply(MinimalFilter filter, Tensor factors, long[] padding, boolean recurring) {
    int groups = filter.products();
    Tensor kernel =
        kernel(filter)
            .forInput(
                factors,
                torch.get_num_threads(),
                recurring,
                (unfitted, shape) ->
                    operator.reordered(unfitted, padding, MapOperations.UNIT, groups, shape));
    return operator.convolve(
        factors,
        kernel,
        biases.map(values -> spread(values, filter)),
        padding,
        MapOperations.UNIT,
        groups,
        false);
  }

  /** Biases for all products: those of one that adds to all outputs alike, zeros for the others. */
  private static Tensor spread(Tensor biases, MinimalFilter filter) {
    Tensor spread = torch.zeros(new long[] {filter.products(), biases.size(0)}, biases.options());
    spread.select(0, filter.common()).copy_(biases);
    return spread.flatten();
  }

  private FittedKernel kernel(MinimalFilter filter) {
    synchronized (kernels) {
      return kernels.computeIfAbsent(
          filter.outputs(), outputs -> FittedKernel.remade(() -> transformed(filter)));
    }
  }

  /** The kernels, one for each number of outputs that a tile had. */
  List<FittedKernel> kernels() {
    synchronized (kernels) {
      return List.copyOf(kernels.values());
    }
  }

  /** The kernels [products x out, in, across, 1] of all groups. */
  private Tensor transformed(MinimalFilter filter) {
    int products = filter.products();
    double[] values = Arrays.stream(filter.taps()).flatMapToDouble(Arrays::stream).toArray();
    Tensor matrix = TorchTensors.doubles(values, Device.cpu()).view(products, taps);
    Tensor tapsFirst = alongWidth ? plain.permute(3, 0, 1, 2) : plain.permute(2, 0, 1, 3);
    Tensor wide = tapsFirst.to(ScalarType.Double).contiguous().view(taps, -1);
    Tensor kernels = empty(wide, products, wide.size(1));
    long columns = ONE_THREAD / ((long) products * taps);
    for (long first = 0; first < wide.size(1); first += columns) {
      long count = Math.min(columns, wide.size(1) - first);
      torch.mm_out(kernels.narrow(1, first, count), matrix, wide.narrow(1, first, count));
    }
    return kernels
        .to(plain.scalar_type())
        .view(products * plain.size(0), plain.size(1), across, 1)
        .contiguous(MemoryFormat.ChannelsLast);
  }

  @Override
  public void close() {
    kernels.values().forEach(FittedKernel::close);
    kernels.clear();
  }
}
