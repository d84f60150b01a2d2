package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.Optional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Maxima and averages over windows, there and back, with any border. Tensors belong to the pointer
 * scope that is open.
 */
public final class Pooling {

  private Pooling() {}

  static Tensor max(Tensor input, Operation.MaxPool pool) {
    Window window = pool.window();
    Window.Border border = WindowArguments.border(input, window);
    Optional<MaxPadding> own = maxPadding(border, pool);
    double padValue = pool.countsPadding() ? 0 : Double.NEGATIVE_INFINITY;
    Tensor padded = own.isPresent() ? input : WindowArguments.pad(input, border, padValue);
    MaxPadding rest = own.orElse(new MaxPadding(WindowArguments.NONE, false));
    return torch.max_pool2d(
        padded,
        WindowArguments.size(window),
        WindowArguments.strides(window),
        rest.padding(),
        WindowArguments.UNIT,
        rest.cutsWindows());
  }

  /** The same in memory that is kept, if the output is large and the border is libtorch's. */
  static Optional<Tensor> maxIn(ActivationPool memory, Tensor input, Operation.MaxPool pool) {
    Window window = pool.window();
    return maxPadding(WindowArguments.border(input, window), pool)
        .flatMap(
            padding ->
                memory
                    .output(input, input.size(1), window)
                    .map(target -> max(target, input, window, padding)));
  }

  // What libtorch returns of these has no memory of its own, so the target is passed on.

  private static Tensor max(Tensor target, Tensor input, Window window, MaxPadding padding) {
    torch.max_pool2d_with_indices_out(
        target,
        torch.empty(new long[] {0}, new TensorOptions(ScalarType.Long), new MemoryFormatOptional()),
        input,
        WindowArguments.size(window),
        WindowArguments.strides(window),
        padding.padding(),
        WindowArguments.UNIT,
        padding.cutsWindows());
    return target;
  }

  private static Tensor average(Tensor target, Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    torch.avg_pool2d_out(
        target,
        input,
        WindowArguments.size(window),
        WindowArguments.strides(window),
        WindowArguments.padding(WindowArguments.border(input, window)),
        false,
        pool.countsPadding(),
        new LongOptional());
    return target;
  }

  /**
   * The padding of a max pooling that is left to libtorch.
   *
   * @param cutsWindows whether windows that end outside of the activation are cut rather than left
   *     out
   */
  private record MaxPadding(long[] padding, boolean cutsWindows) {}

  private static Optional<MaxPadding> maxPadding(Window.Border border, Operation.MaxPool pool) {
    if (pool.countsPadding()) {
      return Optional.empty();
    }
    if (border.isSymmetric()) {
      return Optional.of(new MaxPadding(WindowArguments.padding(border), false));
    }
    boolean afterAlone = border.top() == 0 && border.left() == 0;
    return afterAlone && Math.max(border.bottom(), border.right()) < pool.window().stride()
        ? Optional.of(new MaxPadding(WindowArguments.NONE, true))
        : Optional.empty();
  }

  /** The gradient of a max pooling's input, unless its border has to be padded beforehand. */
  public static Optional<Tensor> maxBackward(
      ActivationPool memory, Tensor gradient, Tensor input, Operation.MaxPool pool) {
    Window window = pool.window();
    return maxPadding(WindowArguments.border(input, window), pool)
        .map(
            padding -> {
              long[] size = WindowArguments.size(window);
              long[] strides = WindowArguments.strides(window);
              boolean cut = padding.cutsWindows();
              Tensor winners =
                  torch
                      .max_pool2d_with_indices(
                          input, size, strides, padding.padding(), WindowArguments.UNIT, cut)
                      .get1();
              Tensor target = memory.like(input);
              torch.max_pool2d_with_indices_backward_out(
                  target,
                  gradient,
                  input,
                  size,
                  strides,
                  padding.padding(),
                  WindowArguments.UNIT,
                  cut,
                  winners);
              return target;
            });
  }

  static Tensor average(Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    Window.Border border = WindowArguments.border(input, window);
    boolean countsPadding = pool.countsPadding();
    if (border.isSymmetric()) {
      return torch.avg_pool2d(
          input,
          WindowArguments.size(window),
          WindowArguments.strides(window),
          WindowArguments.padding(border),
          false,
          countsPadding,
          new LongOptional());
    }
    Tensor sums = sums(WindowArguments.pad(input, border, 0), window);
    if (countsPadding) {
      long cells = (long) window.height() * window.width();
      return sums.div(new Scalar((double) cells));
    }
    return sums.div(realCells(input, window, input.options()));
  }

  /** The same in memory that is kept, if the output is large and the border is libtorch's. */
  static Optional<Tensor> averageIn(
      ActivationPool memory, Tensor input, Operation.AveragePool pool) {
    return WindowArguments.border(input, pool.window()).isSymmetric()
        ? memory
            .output(input, input.size(1), pool.window())
            .map(target -> average(target, input, pool))
        : Optional.empty();
  }

  /** The gradient of the input, whose values do not matter; for symmetric borders. */
  static Tensor averageBackward(Tensor gradient, Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    return torch.avg_pool2d_backward(
        gradient,
        input,
        WindowArguments.size(window),
        WindowArguments.strides(window),
        WindowArguments.padding(WindowArguments.border(input, window)),
        false,
        pool.countsPadding(),
        new LongOptional());
  }

  /** Whether each cell has a window around it. */
  static boolean isCentred(Window window, Window.Border border) {
    return window.stride() == 1
        && 2 * border.top() == window.height() - 1
        && 2 * border.left() == window.width() - 1;
  }

  /**
   * The result of {@link #averageBackward} for windows centred on cells: a cell's gradient is an
   * average too, as it counts for the outputs around it.
   */
  static Tensor averageBackwardAround(Tensor gradient, Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    return torch.avg_pool2d(
        asIfPaddingCounted(gradient, input, pool),
        WindowArguments.size(window),
        WindowArguments.UNIT,
        WindowArguments.padding(WindowArguments.border(input, window)),
        false,
        true,
        new LongOptional());
  }

  /**
   * The result of {@link #averageBackward} with the border made part of the activation and cut off
   * again.
   */
  static Tensor averageBackwardInside(Tensor gradient, Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    Window.Border border = WindowArguments.border(input, window);
    return torch
        .avg_pool2d_backward(
            asIfPaddingCounted(gradient, input, pool),
            WindowArguments.pad(input, border, 0),
            WindowArguments.size(window),
            WindowArguments.strides(window),
            WindowArguments.NONE,
            false,
            true,
            new LongOptional())
        .narrow(2, border.top(), input.size(2))
        .narrow(3, border.left(), input.size(3));
  }

  /** The gradient of averages, rescaled as if padding had been counted in them. */
  private static Tensor asIfPaddingCounted(
      Tensor gradient, Tensor input, Operation.AveragePool pool) {
    if (pool.countsPadding()) {
      return gradient;
    }
    Window window = pool.window();
    Tensor cells =
        realCells(
            input, window, TorchTensors.floats().device(new DeviceOptional(gradient.device())));
    Tensor upscaled =
        torch.full_like(cells, new Scalar((double) window.height() * window.width())).div_(cells);
    return gradient.mul(upscaled.to(gradient.scalar_type()));
  }

  /** How many cells of an activation, rather than of its border, each window has: [1, 1, h, w]. */
  private static Tensor realCells(Tensor activation, Window window, TensorOptions options) {
    Tensor ones = torch.ones(new long[] {1, 1, activation.size(2), activation.size(3)}, options);
    Window.Border border = WindowArguments.border(activation, window);
    return sums(WindowArguments.pad(ones, border, 0), window);
  }

  private static Tensor sums(Tensor input, Window window) {
    return torch.avg_pool2d(
        input,
        WindowArguments.size(window),
        WindowArguments.strides(window),
        WindowArguments.NONE,
        false,
        true,
        new LongOptional(1));
  }
}
