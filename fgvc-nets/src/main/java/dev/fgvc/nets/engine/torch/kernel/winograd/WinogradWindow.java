package dev.fgvc.nets.engine.torch.kernel.winograd;

import dev.fgvc.nets.arch.Window;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The window of a convolution without strides, whose longer axis is filtered by tiles of a {@link
 * WinogradMatrices}; the other axis' taps remain. The products of all tiles are one convolution
 * with a group of channels for each row of the filter's matrices. Temporaries belong to the
 * caller's scope.
 */
record WinogradWindow(int height, int width) {

  /** None for strides, for windows of one cell and for long ones. */
  static Optional<WinogradWindow> of(Window window) {
    int taps = Math.max(window.height(), window.width());
    return window.stride() == 1 && taps > 1 && taps <= WinogradMatrices.MOST_TAPS
        ? Optional.of(new WinogradWindow(window.height(), window.width()))
        : Optional.empty();
  }

  private boolean alongWidth() {
    return width >= height;
  }

  private int taps() {
    return Math.max(width, height);
  }

  private int across() {
    return Math.min(width, height);
  }

  /**
   * How the lines of an input [n, in, h, w] are cut, if that makes the convolution cheaper on one
   * thread.
   *
   * @param filters channels that come out
   */
  Optional<WinogradTiling> tiling(Tensor input, long filters, Window.Border border) {
    int length = Math.toIntExact(input.size(alongWidth() ? 3 : 2));
    int before = alongWidth() ? border.left() : border.top();
    int after = alongWidth() ? border.right() : border.bottom();
    if (acrossBefore(border) != acrossAfter(border)) {
      return Optional.empty();
    }
    return WinogradTiling.cheapest(
        new WinogradTiling.Task(
            input.size(0) * input.size(alongWidth() ? 2 : 3),
            length,
            before,
            length + before + after - taps() + 1,
            taps(),
            across(),
            input.size(1),
            filters));
  }

  private int acrossBefore(Window.Border border) {
    return alongWidth() ? border.top() : border.left();
  }

  private int acrossAfter(Window.Border border) {
    return alongWidth() ? border.bottom() : border.right();
  }

  /**
   * The padding of the convolution that makes the products: the lines' own zeros are never stored.
   */
  long[] padding(Window.Border border) {
    return new long[] {acrossBefore(border), 0};
  }

  /**
   * Convolves.
   *
   * @param input [n, in, h, w]
   * @param products convolves the factors [n, products x in, lines, tiles] by the {@link #kernels},
   *     with the {@link #padding}
   * @param result [n, out, h, w], channels-last; is overwritten
   */
  void convolve(
      Tensor input, WinogradTiling tiling, UnaryOperator<Tensor> products, Tensor result) {
    WinogradMatrices matrices = tiling.matrices();
    Tensor cells = input.permute(0, 2, 3, 1).contiguous();
    Tensor resultCells = result.permute(0, 2, 3, 1);
    long count = input.size(0);
    long tiles = tiling.rows() / matrices.products();
    long linesBefore = input.size(alongWidth() ? 2 : 3);
    long lines = result.size(alongWidth() ? 2 : 3);
    Tensor factors = empty(cells, count, linesBefore, tiling.rows(), input.size(1));
    lines(cells).transform(matrices.input(), tiling.factorTiles(), new CellLines(factors));
    Tensor grouped = factors.view(count, linesBefore, tiles, matrices.products() * input.size(1));
    Tensor multiplied =
        products
            .apply(grouped.permute(0, 3, 1, 2))
            .permute(0, 2, 3, 1)
            .contiguous()
            .view(count, lines, tiling.rows(), result.size(1));
    new CellLines(multiplied)
        .transform(matrices.output(), tiling.resultTiles(), lines(resultCells));
  }

  /** The memory that the factors and products of an input take. */
  long bytes(Tensor input, WinogradTiling tiling, long filters) {
    long lines = input.size(0) * input.size(alongWidth() ? 2 : 3);
    return Float.BYTES * lines * tiling.rows() * (input.size(1) + filters);
  }

  private static Tensor empty(Tensor like, long... shape) {
    return torch.empty(shape, like.options(), new MemoryFormatOptional());
  }

  /** The lines of cells [n, h, w, channels]. */
  private CellLines lines(Tensor cells) {
    return new CellLines(alongWidth() ? cells : cells.transpose(1, 2));
  }

  /** The kernels [products x out, in, across, 1] of all groups, of a plain one [out, in, h, w]. */
  Tensor kernels(Tensor plain, WinogradMatrices matrices) {
    Tensor taps = plain.permute(0, 2, 3, 1).contiguous();
    Tensor kernels = empty(taps, matrices.products(), plain.size(0), across(), plain.size(1));
    lines(taps)
        .transform(
            matrices.taps(),
            List.of(new WinogradTiling.Tile(0, taps(), 0, 0, matrices.products())),
            new CellLines(kernels.permute(1, 2, 0, 3)));
    return kernels.flatten(0, 1).unsqueeze(2).permute(0, 3, 1, 2);
  }

  /** Biases for all products: those of one that adds to all outputs alike, zeros for the others. */
  static Tensor biases(Tensor biases, WinogradMatrices matrices) {
    Tensor spread = torch.zeros(new long[] {matrices.products(), biases.size(0)}, biases.options());
    spread.select(0, matrices.common()).copy_(biases);
    return spread.flatten();
  }
}
