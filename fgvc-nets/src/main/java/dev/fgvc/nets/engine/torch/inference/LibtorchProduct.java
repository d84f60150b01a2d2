package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A fully connected layer as libtorch's product of matrices. */
final class LibtorchProduct implements CpuConvolution {

  private final Tensor matrix;
  private final Tensor biases;
  private final OwnedPointers owned = new OwnedPointers();

  /**
   * A layer.
   *
   * @param kernel [out, in, 1, 1]
   * @param biases [out]
   */
  LibtorchProduct(Tensor kernel, Tensor biases) {
    this.matrix = owned.keep(kernel.flatten(1, -1).t());
    this.biases = owned.keep(biases);
  }

  @Override
  public Tensor apply(Tensor input, Optional<Tensor> sum, boolean relu) {
    Tensor result = cells(torch.addmm(biases, input.flatten(1, -1), matrix));
    sum.ifPresent(result::add_);
    if (relu) {
      torch.relu_(result); // what it returns has no memory of its own
    }
    return result;
  }

  @Override
  public Tensor withoutBiases(Tensor input) {
    return cells(input.flatten(1, -1).mm(matrix));
  }

  private static Tensor cells(Tensor rows) {
    return rows.view(rows.size(0), rows.size(1), 1, 1);
  }

  @Override
  public Optional<Tensor> biases() {
    return Optional.of(biases);
  }

  @Override
  public void close() {
    owned.close();
  }
}
