package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.kernel.ActivationOperations;
import dev.fgvc.nets.engine.torch.kernel.CpuCapabilities;
import dev.fgvc.nets.engine.torch.kernel.MatrixProducts;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The kernels of training on one kind of device. This is where the capabilities of the CPU choose
 * among its kernels.
 */
public interface TrainingKernels extends AutoCloseable {

  /**
   * The kernels for a device.
   *
   * @param type of the activations
   */
  static TrainingKernels on(Device device, ScalarType type) {
    boolean single = type == ScalarType.Float;
    if (device.kind() == Device.Kind.CUDA) {
      return new Cuda(single);
    }
    CpuCapabilities cpu = CpuCapabilities.ofThisMachine();
    return new Cpu(single && cpu.oneDnn(), cpu.newFusedConvolution());
  }

  /** Operations without variables. */
  ActivationOperations operations();

  /**
   * A convolution that adds to an activation in memory of our choice, as libtorch's own does not;
   * absent where there is none with such padding and strides.
   */
  Optional<OneDnnConvolution> adding(long[] padding, long[] strides);

  /** Whether a convolution is faster as a product of matrices. */
  boolean isProduct(Operation.Convolution operation, Tensor input);

  /** Whether a convolution is faster with each line of its input taken for an image. */
  boolean isFasterByLines(Operation.Convolution operation, Tensor input);

  /**
   * The product of two matrices of one type.
   *
   * @param offsets added to each row, if any
   */
  Tensor multiply(Tensor left, Tensor right, Optional<Tensor> offsets);

  @Override
  void close();

  /**
   * Kernels of the CPU.
   *
   * @param oneDnnIsFaster whether oneDNN is there for float32, and libtorch may pass it by
   * @param fused oneDNN's fused convolutions, if they are to be used
   */
  record Cpu(boolean oneDnnIsFaster, Optional<OneDnnConvolution> fused) implements TrainingKernels {

    /** Values from which on a kernel is large. */
    private static final long LARGE_KERNEL = 1 << 20;

    /** Images from which on libtorch gives any convolution to oneDNN, also on one thread. */
    private static final long MANY_IMAGES = 16;

    /** oneDNN takes several times as long to bring a large kernel to single cells. */
    @Override
    public boolean isProduct(Operation.Convolution operation, Tensor input) {
      long values = (long) operation.inputChannels() * operation.outputChannels();
      return operation.window().isPointwise()
          && input.size(2) * input.size(3) == 1
          && values >= LARGE_KERNEL;
    }

    /**
     * On one thread libtorch has code of its own for windows of one cell and few images, in place
     * of oneDNN's, which takes three times as long.
     */
    @Override
    public boolean isFasterByLines(Operation.Convolution operation, Tensor input) {
      return oneDnnIsFaster
          && operation.window().isPointwise()
          && input.size(0) < MANY_IMAGES
          && input.size(0) * input.size(2) >= MANY_IMAGES
          && torch.get_num_threads() == 1;
    }

    @Override
    public Tensor multiply(Tensor left, Tensor right, Optional<Tensor> offsets) {
      return MatrixProducts.multiply(left, right, offsets);
    }

    @Override
    public ActivationOperations operations() {
      return ActivationOperations.on(Device.cpu());
    }

    @Override
    public Optional<OneDnnConvolution> adding(long[] padding, long[] strides) {
      return fused.filter(operator -> operator.knows(padding) && operator.knows(strides));
    }

    @Override
    public void close() {
      fused.ifPresent(OneDnnConvolution::close);
    }
  }

  /**
   * Kernels of a GPU.
   *
   * @param single whether activations are float32
   */
  record Cuda(boolean single) implements TrainingKernels {

    /** cuDNN takes two to three times as long in float32, and does not take biases along. */
    @Override
    public boolean isProduct(Operation.Convolution operation, Tensor input) {
      return operation.window().isPointwise() && (single || operation.biases());
    }

    @Override
    public boolean isFasterByLines(Operation.Convolution operation, Tensor input) {
      return false;
    }

    @Override
    public Tensor multiply(Tensor left, Tensor right, Optional<Tensor> offsets) {
      return MatrixProducts.plain(left, right, offsets);
    }

    @Override
    public ActivationOperations operations() {
      return ActivationOperations.on(Device.cuda(0));
    }

    @Override
    public Optional<OneDnnConvolution> adding(long[] padding, long[] strides) {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }
}
