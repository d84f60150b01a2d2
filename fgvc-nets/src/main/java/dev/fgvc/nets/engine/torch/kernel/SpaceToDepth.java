package dev.fgvc.nets.engine.torch.kernel;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A convolution of images with a stride of 2 as one with a stride of 1, of activations with half
 * the rows and columns and the four cells of each 2 x 2 block as channels. The products are the
 * same, but there are enough channels for a GPU's matrix units.
 *
 * @param window of the convolution of images
 */
record SpaceToDepth(Window window) {

  /** A multiple of what cuDNN's kernels take at once, so that it adds none of its own. */
  private static final int CHANNELS = 16;

  /**
   * Whether a convolution has that stride, few enough channels and enough products to be faster
   * this way: with 7 x 7 taps it was on an H200 in bfloat16, with 3 x 3 it made no difference.
   */
  static boolean suits(Window window, long channels) {
    return window.stride() == 2
        && 4 * channels <= CHANNELS
        && Math.min(window.height(), window.width()) > 3;
  }

  /** The window on the blocks. */
  Window blocks() {
    return new Window(half(window.height()), half(window.width()), 1, Padding.VALID);
  }

  /** The kernel [out, channels, h, w] for blocks, channels-last. */
  Tensor kernel(Tensor kernel) {
    long out = kernel.size(0);
    long channels = kernel.size(1);
    int height = half(window.height());
    int width = half(window.width());
    long[] toEven = {0, window.width() % 2, 0, window.height() % 2};
    Tensor cells =
        torch
            .constant_pad_nd(kernel, toEven, new Scalar(0))
            .reshape(out, channels, height, 2, width, 2)
            .permute(0, 3, 5, 1, 2, 4)
            .reshape(out, 4 * channels, height, width);
    long[] toAll = {0, 0, 0, 0, 0, CHANNELS - 4 * channels};
    return torch.constant_pad_nd(cells, toAll, new Scalar(0)).contiguous(MemoryFormat.ChannelsLast);
  }

  /** The blocks of images, with the border that the window adds. */
  Tensor blocksOf(Tensor images) {
    Window.Border border = WindowArguments.border(images, window);
    int rows = window.outputHeight((int) images.size(2)) + half(window.height()) - 1;
    int columns = window.outputWidth((int) images.size(3)) + half(window.width()) - 1;
    Tensor blocks =
        torch
            .zeros(new long[] {images.size(0), rows, columns, CHANNELS}, images.options())
            .permute(0, 3, 1, 2);
    for (int below = 0; below < 2; below++) {
      Overlap vertical = Overlap.of(rows, (int) images.size(2), border.top() - below);
      for (int right = 0; right < 2; right++) {
        Overlap horizontal = Overlap.of(columns, (int) images.size(3), border.left() - right);
        long channels = images.size(1);
        Tensor target = blocks.narrow(1, (2 * below + right) * channels, channels);
        vertical
            .blocks(horizontal.blocks(target, 3), 2)
            .copy_(vertical.cells(horizontal.cells(images, 3), 2));
      }
    }
    return blocks;
  }

  private static int half(int cells) {
    return divide(cells, 2, CEILING);
  }

  /**
   * Along one axis, which blocks have a cell of the image in one of their two places.
   *
   * @param firstBlock the first of them
   * @param firstCell the cell in its place
   * @param count of them
   */
  private record Overlap(int firstBlock, int firstCell, int count) {

    /**
     * Finds them.
     *
     * @param before where the place of block 0 lies in front of cell 0
     */
    static Overlap of(int blocks, int cells, int before) {
      int firstBlock = Math.max(0, divide(before, 2, CEILING));
      int firstCell = 2 * firstBlock - before;
      return new Overlap(
          firstBlock, firstCell, Math.min(blocks - firstBlock, half(cells - firstCell)));
    }

    Tensor blocks(Tensor activation, long axis) {
      return activation.narrow(axis, firstBlock, count);
    }

    Tensor cells(Tensor images, long axis) {
      LongOptional end = new LongOptional(firstCell + 2L * count - 1);
      return images.slice(axis, new LongOptional(firstCell), end, 2);
    }
  }
}
