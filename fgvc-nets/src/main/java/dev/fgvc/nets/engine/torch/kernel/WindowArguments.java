package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.Window;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The size, strides and padding of windows as libtorch's functions take them. */
public final class WindowArguments {

  /** Strides or dilations of 1, or a window of one cell. */
  public static final long[] UNIT = {1, 1};

  /** No padding. */
  public static final long[] NONE = {0, 0};

  private WindowArguments() {}

  static long[] size(Window window) {
    return new long[] {window.height(), window.width()};
  }

  public static long[] strides(Window window) {
    return new long[] {window.stride(), window.stride()};
  }

  /** The border that a window adds to an input [n, c, h, w]. */
  public static Window.Border border(Tensor input, Window window) {
    return window.border((int) input.size(2), (int) input.size(3));
  }

  /** The padding that is left to libtorch: it knows no border that differs from side to side. */
  public static long[] padding(Window.Border border) {
    return border.isSymmetric() ? new long[] {border.top(), border.left()} : NONE;
  }

  /** The input of a convolution whose own padding is {@link #padding}. */
  public static Tensor padded(Tensor input, Window.Border border) {
    return border.isSymmetric() ? input : pad(input, border, 0);
  }

  /** A new activation with a border of one value. */
  public static Tensor pad(Tensor input, Window.Border border, double value) {
    long[] sides = {border.left(), border.right(), border.top(), border.bottom()};
    return torch.constant_pad_nd(input, sides, new Scalar(value));
  }
}
