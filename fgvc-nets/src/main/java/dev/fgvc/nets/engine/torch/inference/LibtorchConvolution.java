package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A convolution by one of libtorch's own products, with sums and ReLUs after it. */
final class LibtorchConvolution implements CpuConvolution {

  /** A product of libtorch. */
  @FunctionalInterface
  interface Product {

    /** An activation times a factor, with biases added, if any. */
    Tensor of(Tensor input, Tensor factor, Optional<Tensor> biases);
  }

  private final Product product;
  private final Tensor factor;
  private final Optional<Tensor> biases;
  private final OwnedPointers owned = new OwnedPointers();

  /**
   * A convolution.
   *
   * @param factor the kernel, as the product takes it
   * @param biases [out]
   */
  LibtorchConvolution(Product product, Tensor factor, Optional<Tensor> biases) {
    this.product = product;
    this.factor = owned.keep(factor);
    this.biases = biases.map(owned::keep);
  }

  @Override
  public Tensor apply(Tensor input, Optional<Tensor> sum, boolean relu) {
    Tensor result = product.of(input, factor, biases);
    sum.ifPresent(result::add_);
    if (relu) {
      torch.relu_(result); // what it returns has no memory of its own
    }
    return result;
  }

  @Override
  public Tensor withoutBiases(Tensor input) {
    return product.of(input, factor, Optional.empty());
  }

  @Override
  public Optional<Tensor> biases() {
    return biases;
  }

  @Override
  public void close() {
    owned.close();
  }
}
