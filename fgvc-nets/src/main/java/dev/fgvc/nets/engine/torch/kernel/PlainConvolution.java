package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.Window;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** libtorch's own convolution, on any device and of any type. */
public final class PlainConvolution {

  private PlainConvolution() {}

  /**
   * A convolution with zero padding as the window says.
   *
   * @param kernel [out, in, h, w]
   * @param biases [out]
   */
  public static Tensor convolve(
      Tensor input, Tensor kernel, Optional<Tensor> biases, Window window) {
    Window.Border border = WindowArguments.border(input, window);
    return torch.conv2d(
        WindowArguments.padded(input, border),
        kernel,
        biases.map(TensorOptional::new).orElseGet(TensorOptional::new),
        WindowArguments.strides(window),
        WindowArguments.padding(border),
        WindowArguments.UNIT,
        1);
  }
}
