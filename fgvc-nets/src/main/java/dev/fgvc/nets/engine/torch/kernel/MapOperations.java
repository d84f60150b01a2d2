package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What operations without variables make of their inputs, in training as in inference, and the
 * convolution with a window's own padding. Tensors belong to the pointer scope that is open.
 */
public final class MapOperations {

  public static final long[] UNIT = {1, 1};
  public static final long[] NONE = {0, 0};

  private MapOperations() {}

  /** The output of an operation that neither has variables nor depends on the mode. */
  public static Tensor apply(Operation operation, List<Tensor> inputs) {
    Tensor input = inputs.get(0);
    if (operation instanceof Operation.Relu) {
      return torch.relu(input);
    } else if (operation instanceof Operation.Add add) {
      return input.add(inputs.get(1), new Scalar(add.scale()));
    } else if (operation instanceof Operation.MaxPool pool) {
      return maxPool(input, pool);
    } else if (operation instanceof Operation.AveragePool pool) {
      return averagePool(input, pool);
    } else if (operation instanceof Operation.Subsample subsample) {
      long stride = subsample.stride();
      if (input.is_cuda()) {
        // A max pooling on a GPU also writes where each maximum was, as four times as many bytes.
        return everyNth(input, stride).contiguous(MemoryFormat.ChannelsLast);
      }
      return torch.max_pool2d(input, UNIT, new long[] {stride, stride}, NONE, UNIT, false);
    } else if (operation instanceof Operation.GlobalAveragePool) {
      return torch.mean(input, new long[] {2, 3}, true, new ScalarTypeOptional());
    } else if (operation instanceof Operation.Sigmoid) {
      return torch.sigmoid(input);
    } else if (operation instanceof Operation.Multiply multiply) {
      return input.mul(new Scalar(multiply.factor()));
    } else if (operation instanceof Operation.ScaleChannels) {
      return input.mul(inputs.get(1));
    } else if (operation instanceof Operation.Concatenate) {
      return torch.cat(vector(inputs), 1);
    }
    throw new IllegalStateException("no lowering for " + operation);
  }

  /**
   * The same for an operation that makes a large activation of what is there, in memory that is
   * kept; absent for others. Not to be differentiated by autograd.
   */
  public static Optional<Tensor> applyIn(
      ActivationPool memory, Operation operation, List<Tensor> inputs) {
    Tensor input = inputs.get(0);
    if (operation instanceof Operation.MaxPool pool) {
      Window window = pool.window();
      return poolPadding(border(input, window), pool)
          .flatMap(
              padding ->
                  memory
                      .output(input, input.size(1), window)
                      .map(target -> maxPool(target, input, window, padding)));
    } else if (operation instanceof Operation.AveragePool pool
        && border(input, pool.window()).isSymmetric()) {
      return memory
          .output(input, input.size(1), pool.window())
          .map(target -> averagePool(target, input, pool));
    } else if (operation instanceof Operation.Subsample subsample) {
      Window window = Window.square(1, subsample.stride(), Padding.SAME);
      return memory
          .output(input, input.size(1), window)
          .map(target -> copied(target, everyNth(input, window.stride())));
    } else if (operation instanceof Operation.Concatenate) {
      long channels = inputs.stream().mapToLong(each -> each.size(1)).sum();
      return memory
          .output(input, channels, Window.square(1, 1, Padding.SAME))
          .map(target -> concatenated(target, inputs));
    }
    return Optional.empty();
  }

  // What libtorch returns of these has no memory of its own, so the target is passed on.

  private static Tensor maxPool(Tensor target, Tensor input, Window window, PoolPadding padding) {
    torch.max_pool2d_with_indices_out(
        target,
        torch.empty(new long[] {0}, new TensorOptions(ScalarType.Long), new MemoryFormatOptional()),
        input,
        kernel(window),
        strides(window),
        padding.padding(),
        UNIT,
        padding.cutsWindows());
    return target;
  }

  private static Tensor averagePool(Tensor target, Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    torch.avg_pool2d_out(
        target,
        input,
        kernel(window),
        strides(window),
        padding(border(input, window)),
        false,
        pool.countsPadding(),
        new LongOptional());
    return target;
  }

  private static Tensor copied(Tensor target, Tensor source) {
    target.copy_(source);
    return target;
  }

  private static Tensor concatenated(Tensor target, List<Tensor> inputs) {
    torch.cat_out(target, vector(inputs), 1);
    return target;
  }

  static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(tensors.toArray(Tensor[]::new));
  }

  /** A convolution with zero padding as the window says. */
  public static Tensor convolve(
      Tensor input, Tensor kernel, Optional<Tensor> biases, Window window) {
    Window.Border border = border(input, window);
    TensorOptional optionalBiases = biases.map(TensorOptional::new).orElseGet(TensorOptional::new);
    return torch.conv2d(
        padded(input, border), kernel, optionalBiases, strides(window), padding(border), UNIT, 1);
  }

  /** The input of a convolution whose own padding is {@link #padding}. */
  public static Tensor padded(Tensor input, Window.Border border) {
    return border.isSymmetric() ? input : pad(input, border, 0);
  }

  /** What libtorch may pad itself: it knows no border that differs from side to side. */
  public static long[] padding(Window.Border border) {
    return border.isSymmetric() ? new long[] {border.top(), border.left()} : NONE;
  }

  private static Tensor maxPool(Tensor input, Operation.MaxPool pool) {
    Window window = pool.window();
    Window.Border border = border(input, window);
    Optional<PoolPadding> own = poolPadding(border, pool);
    double padValue = pool.countsPadding() ? 0 : Double.NEGATIVE_INFINITY;
    Tensor padded = own.isPresent() ? input : pad(input, border, padValue);
    PoolPadding rest = own.orElse(new PoolPadding(NONE, false));
    return torch.max_pool2d(
        padded, kernel(window), strides(window), rest.padding(), UNIT, rest.cutsWindows());
  }

  /**
   * What libtorch may pad itself in front of a max pooling.
   *
   * @param cutsWindows whether windows that end outside of the activation are cut rather than left
   *     out
   */
  private record PoolPadding(long[] padding, boolean cutsWindows) {}

  private static Optional<PoolPadding> poolPadding(Window.Border border, Operation.MaxPool pool) {
    if (pool.countsPadding()) {
      return Optional.empty();
    }
    if (border.isSymmetric()) {
      return Optional.of(new PoolPadding(padding(border), false));
    }
    boolean behindAlone = border.top() == 0 && border.left() == 0;
    return behindAlone && Math.max(border.bottom(), border.right()) < pool.window().stride()
        ? Optional.of(new PoolPadding(NONE, true))
        : Optional.empty();
  }

  /** The gradient of a max pooling's input, unless its border has to be padded beforehand. */
  public static Optional<Tensor> maxPoolBackward(
      ActivationPool memory, Tensor gradient, Tensor input, Operation.MaxPool pool) {
    Window window = pool.window();
    return poolPadding(border(input, window), pool)
        .map(
            padding -> {
              long[] kernel = kernel(window);
              long[] strides = strides(window);
              boolean cut = padding.cutsWindows();
              Tensor winners =
                  torch
                      .max_pool2d_with_indices(input, kernel, strides, padding.padding(), UNIT, cut)
                      .get1();
              Tensor target = memory.like(input);
              torch.max_pool2d_with_indices_backward_out(
                  target, gradient, input, kernel, strides, padding.padding(), UNIT, cut, winners);
              return target;
            });
  }

  public static Tensor averagePool(Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    Window.Border border = border(input, window);
    boolean countsPadding = pool.countsPadding();
    if (border.isSymmetric()) {
      return torch.avg_pool2d(
          input,
          kernel(window),
          strides(window),
          padding(border),
          false,
          countsPadding,
          new LongOptional());
    }
    if (countsPadding) {
      long cells = (long) window.height() * window.width();
      return sumPool(pad(input, border, 0), window).div(new Scalar((double) cells));
    }
    return sumPool(pad(input, border, 0), window).div(realCells(input, window, input.options()));
  }

  /** The gradient of the input, whose values do not matter; for symmetric borders. */
  public static Tensor averagePoolBackward(
      Tensor gradient, Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    Window.Border border = border(input, window);
    boolean narrow = gradient.scalar_type().intern() == ScalarType.BFloat16;
    if (isCentred(window, border) && (narrow || input.is_cuda())) {
      return averageAround(gradient, input, pool);
    }
    if (border.top() + border.left() > 0 && input.is_cuda()) {
      return averagePoolBackwardInside(gradient, input, pool);
    }
    return torch.avg_pool2d_backward(
        gradient,
        input,
        kernel(window),
        strides(window),
        padding(border),
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
   * As {@link #averagePoolBackward} for windows centred on cells: a cell's gradient is an average
   * too, as it counts for the outputs around it. In bfloat16 libtorch's own way takes five times as
   * long, and rounds each of its sums; on a GPU it is wrong, see {@link
   * #averagePoolBackwardInside}.
   */
  static Tensor averageAround(Tensor gradient, Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    return torch.avg_pool2d(
        sharesOfAll(gradient, input, pool),
        kernel(window),
        UNIT,
        padding(border(input, window)),
        false,
        true,
        new LongOptional());
  }

  /**
   * As {@link #averagePoolBackward}, with the border made part of the activation and cut off again.
   * On GPUs, libtorch 2.10 takes the wrong windows for cells of channels-last activations that it
   * pads itself (issue 188344 of pytorch/pytorch).
   */
  static Tensor averagePoolBackwardInside(
      Tensor gradient, Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    Window.Border border = border(input, window);
    return torch
        .avg_pool2d_backward(
            sharesOfAll(gradient, input, pool),
            pad(input, border, 0),
            kernel(window),
            strides(window),
            NONE,
            false,
            true,
            new LongOptional())
        .narrow(2, border.top(), input.size(2))
        .narrow(3, border.left(), input.size(3));
  }

  /** What gradients of averages over all of a window's cells were, padded ones included. */
  private static Tensor sharesOfAll(Tensor gradient, Tensor input, Operation.AveragePool pool) {
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
    return sumPool(pad(ones, border(activation, window), 0), window);
  }

  /** A view of the cells that a subsampling reads. */
  public static Tensor everyNth(Tensor activation, long stride) {
    LongOptional whole = new LongOptional();
    return activation.slice(2, whole, whole, stride).slice(3, whole, whole, stride);
  }

  private static Tensor sumPool(Tensor input, Window window) {
    return torch.avg_pool2d(
        input, kernel(window), strides(window), NONE, false, true, new LongOptional(1));
  }

  public static Tensor pad(Tensor input, Window.Border border, double value) {
    long[] sides = {border.left(), border.right(), border.top(), border.bottom()};
    return torch.constant_pad_nd(input, sides, new Scalar(value));
  }

  public static Window.Border border(Tensor input, Window window) {
    return window.border((int) input.size(2), (int) input.size(3));
  }

  private static long[] kernel(Window window) {
    return new long[] {window.height(), window.width()};
  }

  public static long[] strides(Window window) {
    return new long[] {window.stride(), window.stride()};
  }
}
