package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import dev.fgvc.nets.engine.torch.runtime.BoxedOperator;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A convolution on a GPU with biases, sums and ReLUs done while the result is in registers, where
 * libtorch's {@code conv2d} reads and writes the activation again for each: by cuDNN, or as a
 * product of matrices by cuBLAS. On an H100, for 64 images in bfloat16, that took 0.56 of the time
 * from 64 to 96 channels of 35 x 35 cells with 3 x 3 taps, 0.2 from 64 to 256 of 75 x 75 with one.
 *
 * <p>A batch is given to a GPU faster than the GPU computes it only where few native objects are
 * made on the way, so what calls have in common is made once.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class CudaConvolution implements LayerConvolution {

  private final Window window;
  private final Optional<SpaceToDepth> ofImages;
  private final boolean single;

  /** Tests run this on the CPU too, where there is no cuDNN. */
  private final boolean cuDnn;

  private final OwnedPointers owned = new OwnedPointers();
  private final Tensor kernel;

  /** The kernel as [in, out], if the window is of one cell. */
  private final Optional<Tensor> matrix;

  private final Optional<Offsets> offsets;

  /** Biases as each of the ways to compute wants them. */
  private record Offsets(
      Tensor tensor, TensorOptional optional, CudaAffine adding, Optional<Product> product) {}

  /**
   * A product of matrices with the biases.
   *
   * @param matrix [in, out]
   * @param rectified the product, the biases and a ReLU
   */
  private record Product(
      Tensor matrix, BoxedOperator rectified, IValue biases, IValue right, IValue one, IValue no) {}

  /**
   * A convolution.
   *
   * @param kernel [out, in, h, w], channels-last
   * @param biases [out], of the kernel's type
   */
  public CudaConvolution(Window window, Tensor kernel, Optional<Tensor> biases) {
    this.cuDnn = kernel.is_cuda();
    this.single = kernel.scalar_type().intern() == ScalarType.Float;
    this.ofImages =
        !single && SpaceToDepth.suits(window, kernel.size(1))
            ? Optional.of(new SpaceToDepth(window))
            : Optional.empty();
    this.window = ofImages.map(SpaceToDepth::blocks).orElse(window);
    try (PointerScope temporaries = new PointerScope()) {
      this.kernel = owned.keep(ofImages.map(images -> images.kernel(kernel)).orElse(kernel));
      this.matrix =
          this.window.isPointwise()
              ? Optional.of(owned.keep(this.kernel.flatten(1, -1).t()))
              : Optional.empty();
      this.offsets = biases.map(this::offsets);
    }
  }

  private Offsets offsets(Tensor biases) {
    return new Offsets(
        owned.keep(biases),
        owned.keep(new TensorOptional(biases)),
        CudaAffine.adding(biases),
        matrix.map(right -> product(biases, right)));
  }

  private Product product(Tensor biases, Tensor matrix) {
    return new Product(
        matrix,
        BoxedOperator.find("aten::_addmm_activation", "", owned),
        owned.keep(new IValue(biases)),
        owned.keep(new IValue(matrix)),
        owned.keep(new IValue(1L)),
        owned.keep(new IValue(false)));
  }

  @Override
  public Tensor apply(Tensor activation, Optional<Tensor> sum, boolean relu) {
    Tensor input = ofImages.map(images -> images.blocksOf(activation)).orElse(activation);
    if (offsets.isEmpty()) {
      return withoutBiases(input, sum, relu);
    }
    // In bfloat16 cuDNN is as fast as a product, but it only takes biases along where a ReLU comes.
    Offsets biases = offsets.get();
    if (biases.product.isPresent() && (single || !relu)) {
      boolean atOnce = relu && sum.isEmpty();
      Tensor product = product(biases.product.get(), biases.tensor, input, atOnce);
      return added(product, sum, relu && !atOnce);
    }
    if (relu && cuDnn) {
      return rectified(input, biases.optional, sum);
    }
    Tensor products = PlainConvolution.convolve(input, kernel, Optional.empty(), window);
    return added(biases.adding.apply(products), sum, relu);
  }

  private Tensor withoutBiases(Tensor input, Optional<Tensor> sum, boolean relu) {
    if (matrix.isEmpty() || sum.isEmpty() && !single) {
      return added(PlainConvolution.convolve(input, kernel, Optional.empty(), window), sum, relu);
    }
    Tensor rows = MatrixProducts.rows(input);
    if (sum.isPresent() && sum.get().is_contiguous(MemoryFormat.ChannelsLast)) {
      MatrixProducts.rows(sum.get()).addmm_(rows, matrix.get());
      return withRelu(sum.get(), relu);
    }
    return added(MatrixProducts.activation(rows.mm(matrix.get()), input), sum, relu);
  }

  @Override
  public Tensor withoutBiases(Tensor activation) {
    return withoutBiases(activation, Optional.empty(), false);
  }

  @Override
  public Tensor withBiases(Tensor activation) {
    return offsets.map(biases -> biases.adding.apply(activation)).orElse(activation);
  }

  private static Tensor added(Tensor result, Optional<Tensor> sum, boolean relu) {
    Tensor whole = sum.orElse(result);
    sum.ifPresent(part -> part.add_(result));
    return withRelu(whole, relu);
  }

  private static Tensor withRelu(Tensor activation, boolean relu) {
    if (relu) {
      torch.relu_(activation); // what it returns has no memory of its own
    }
    return activation;
  }

  private Tensor rectified(Tensor input, TensorOptional biases, Optional<Tensor> sum) {
    Window.Border border = WindowArguments.border(input, window);
    Tensor padded = WindowArguments.padded(input, border);
    long[] padding = WindowArguments.padding(border);
    long[] strides = WindowArguments.strides(window);
    if (sum.isEmpty()) {
      return torch.cudnn_convolution_relu(
          padded, kernel, biases, strides, padding, WindowArguments.UNIT, 1);
    }
    ScalarOptional whole = new ScalarOptional(new Scalar(1.0));
    return torch.cudnn_convolution_add_relu(
        padded, kernel, sum.get(), whole, biases, strides, padding, WindowArguments.UNIT, 1);
  }

  private static Tensor product(Product product, Tensor biases, Tensor input, boolean relu) {
    Tensor rows = MatrixProducts.rows(input);
    if (!relu) {
      return MatrixProducts.activation(torch.addmm(biases, rows, product.matrix), input);
    }
    Tensor rectified =
        product.rectified.call(
            product.biases, new IValue(rows), product.right, product.one, product.one, product.no);
    return MatrixProducts.activation(rectified, input);
  }

  @Override
  public void close() {
    offsets.map(Offsets::adding).ifPresent(CudaAffine::close);
    owned.close();
  }
}
