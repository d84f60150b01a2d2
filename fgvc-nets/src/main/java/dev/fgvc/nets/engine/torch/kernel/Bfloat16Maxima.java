package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.Window;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Maxima over the windows of bfloat16 activations in which nothing is negative, on the CPU.
 *
 * <p>Such numbers are in the order of their bits, so that maxima of 16-bit integers do: those are
 * vector instructions, while libtorch's pooling widens each value and keeps the places of the
 * maxima. First along the height, then along the width, each as maxima of shifted activations.
 */
public final class Bfloat16Maxima {

  private Bfloat16Maxima() {}

  /** Whether an input is of that type, and its windows have several cells and no border. */
  public static boolean suits(Tensor input, Window window) {
    Window.Border border = WindowArguments.border(input, window);
    return input.scalar_type() == ScalarType.BFloat16
        && border.top() + border.bottom() + border.left() + border.right() == 0
        && window.height() * window.width() > 1;
  }

  /** Pools a channels-last activation; temporaries go to the caller's scope. */
  public static Tensor pool(Tensor input, Window window) {
    Tensor bits = input.view(ScalarType.Short);
    Tensor rows = along(2, bits, window.height(), window.stride());
    return along(3, rows, window.width(), window.stride())
        .contiguous(MemoryFormat.ChannelsLast)
        .view(ScalarType.BFloat16);
  }

  private static Tensor along(long dimension, Tensor activation, long length, long stride) {
    long outputs = (activation.size(dimension) - length) / stride + 1;
    Tensor result = shifted(activation, dimension, 0, outputs, stride);
    for (long shift = 1; shift < length; shift++) {
      Tensor other = shifted(activation, dimension, shift, outputs, stride);
      if (shift == 1) {
        result = torch.maximum(result, other);
      } else {
        torch.maximum_out(result, result, other);
      }
    }
    return result;
  }

  private static Tensor shifted(
      Tensor activation, long dimension, long by, long outputs, long stride) {
    long end = by + (outputs - 1) * stride + 1;
    return activation.slice(dimension, new LongOptional(by), new LongOptional(end), stride);
  }
}
