package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Operations without variables, in training as in inference, by the code that suits a kind of
 * device. Tensors belong to the pointer scope that is open.
 */
public abstract class ActivationOperations {

  private ActivationOperations() {}

  /** The operations for tensors on a device. */
  public static ActivationOperations on(Device device) {
    return device.kind() == Device.Kind.CUDA ? new Cuda() : new Cpu();
  }

  /**
   * The output of an operation that neither has variables nor depends on the mode.
   *
   * @throws IllegalStateException for an operation that has or does
   */
  public Tensor apply(Operation operation, List<Tensor> inputs) {
    return operation.accept(new Output(inputs));
  }

  /** Computes the output of an operation. */
  private final class Output implements Operation.Visitor<Tensor> {

    private final Tensor input;
    private final List<Tensor> inputs;

    Output(List<Tensor> inputs) {
      this.input = inputs.get(0);
      this.inputs = inputs;
    }

    private IllegalStateException notHere(Operation operation) {
      return new IllegalStateException("the walk over the graph computes " + operation);
    }

    @Override
    public Tensor input(Operation.Input images) {
      throw notHere(images);
    }

    @Override
    public Tensor convolution(Operation.Convolution convolution) {
      throw notHere(convolution);
    }

    @Override
    public Tensor fullyConnected(Operation.FullyConnected layer) {
      throw notHere(layer);
    }

    @Override
    public Tensor batchNorm(Operation.BatchNorm norm) {
      throw notHere(norm);
    }

    @Override
    public Tensor relu(Operation.Relu relu) {
      return torch.relu(input);
    }

    @Override
    public Tensor sigmoid(Operation.Sigmoid sigmoid) {
      return torch.sigmoid(input);
    }

    @Override
    public Tensor maxPool(Operation.MaxPool pool) {
      return Pooling.max(input, pool);
    }

    @Override
    public Tensor averagePool(Operation.AveragePool pool) {
      return Pooling.average(input, pool);
    }

    @Override
    public Tensor subsample(Operation.Subsample subsample) {
      return subsampled(input, subsample.stride());
    }

    @Override
    public Tensor globalAveragePool(Operation.GlobalAveragePool pool) {
      return torch.mean(input, new long[] {2, 3}, true, new ScalarTypeOptional());
    }

    @Override
    public Tensor bilinearPool(Operation.BilinearPool pool) {
      return BilinearPooling.pool(input);
    }

    @Override
    public Tensor tensorSketchPool(Operation.TensorSketchPool pool) {
      return TensorSketch.pool(input, pool);
    }

    @Override
    public Tensor signedSquareRoot(Operation.SignedSquareRoot root) {
      return BilinearPooling.signedSquareRoot(input, root);
    }

    @Override
    public Tensor l2Normalization(Operation.L2Normalization norm) {
      return BilinearPooling.l2Normalization(input, norm);
    }

    @Override
    public Tensor add(Operation.Add add) {
      return input.add(inputs.get(1), new Scalar(add.scale()));
    }

    @Override
    public Tensor multiply(Operation.Multiply multiply) {
      return input.mul(new Scalar(multiply.factor()));
    }

    @Override
    public Tensor scaleChannels(Operation.ScaleChannels scale) {
      return input.mul(inputs.get(1));
    }

    @Override
    public Tensor concatenate(Operation.Concatenate concatenate) {
      return torch.cat(vector(inputs), 1);
    }

    @Override
    public Tensor dropout(Operation.Dropout dropout) {
      throw notHere(dropout);
    }
  }

  abstract Tensor subsampled(Tensor input, long stride);

  /**
   * The output of an operation that makes a large activation of what is there, in memory that is
   * kept; absent for others. Not to be differentiated by autograd.
   */
  public Optional<Tensor> applyIn(ActivationPool memory, Operation operation, List<Tensor> inputs) {
    Tensor input = inputs.get(0);
    if (operation instanceof Operation.MaxPool pool) {
      return Pooling.maxIn(memory, input, pool);
    } else if (operation instanceof Operation.AveragePool pool) {
      return Pooling.averageIn(memory, input, pool);
    } else if (operation instanceof Operation.Subsample subsample) {
      return memory
          .output(input, input.size(1), subsample.window())
          .map(target -> copied(target, everyNth(input, subsample.stride())));
    } else if (operation instanceof Operation.Concatenate) {
      long channels = inputs.stream().mapToLong(each -> each.size(1)).sum();
      return memory
          .output(input, channels, Window.square(1, 1, Padding.SAME))
          .map(target -> concatenated(target, inputs));
    }
    return Optional.empty();
  }

  /** The gradient of an average pooling's input, whose values do not matter. */
  public Tensor averagePoolBackward(Tensor gradient, Tensor input, Operation.AveragePool pool) {
    return Pooling.averageBackward(gradient, input, pool);
  }

  // What libtorch returns of these has no memory of its own, so the target is passed on.

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

  /** A view of the cells that a subsampling reads. */
  public static Tensor everyNth(Tensor activation, long stride) {
    LongOptional whole = new LongOptional();
    return activation.slice(2, whole, whole, stride).slice(3, whole, whole, stride);
  }

  private static final class Cpu extends ActivationOperations {

    @Override
    Tensor subsampled(Tensor input, long stride) {
      return torch.max_pool2d(
          input,
          WindowArguments.UNIT,
          new long[] {stride, stride},
          WindowArguments.NONE,
          WindowArguments.UNIT,
          false);
    }

    /** In bfloat16 libtorch's own way takes five times as long, and rounds each of its sums. */
    @Override
    public Tensor averagePoolBackward(Tensor gradient, Tensor input, Operation.AveragePool pool) {
      Window.Border border = WindowArguments.border(input, pool.window());
      boolean narrow = gradient.scalar_type().intern() == ScalarType.BFloat16;
      return narrow && Pooling.isCentred(pool.window(), border)
          ? Pooling.averageBackwardAround(gradient, input, pool)
          : super.averagePoolBackward(gradient, input, pool);
    }
  }

  private static final class Cuda extends ActivationOperations {

    /** A max pooling also writes where each maximum was, as four times as many bytes. */
    @Override
    Tensor subsampled(Tensor input, long stride) {
      return everyNth(input, stride).contiguous(MemoryFormat.ChannelsLast);
    }

    /**
     * libtorch 2.10 takes the wrong windows for cells of channels-last activations that it pads
     * itself (issue 188344 of pytorch/pytorch).
     */
    @Override
    public Tensor averagePoolBackward(Tensor gradient, Tensor input, Operation.AveragePool pool) {
      Window.Border border = WindowArguments.border(input, pool.window());
      if (Pooling.isCentred(pool.window(), border)) {
        return Pooling.averageBackwardAround(gradient, input, pool);
      }
      return border.top() + border.left() > 0
          ? Pooling.averageBackwardInside(gradient, input, pool)
          : super.averagePoolBackward(gradient, input, pool);
    }
  }
}
