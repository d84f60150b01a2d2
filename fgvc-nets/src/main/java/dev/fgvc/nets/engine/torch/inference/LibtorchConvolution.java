package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.kernel.PlainConvolution;
import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A convolution as libtorch has it, with sums and ReLUs after it. */
final class LibtorchConvolution implements CpuConvolution {

  private final Window window;
  private final Tensor kernel;
  private final Optional<Tensor> biases;
  private final OwnedPointers owned = new OwnedPointers();

  LibtorchConvolution(Window window, Tensor kernel, Optional<Tensor> biases) {
    this.window = window;
    this.kernel = owned.keep(kernel);
    this.biases = biases.map(owned::keep);
  }

  @Override
  public Tensor apply(Tensor input, Optional<Tensor> sum, boolean relu) {
    Tensor result = PlainConvolution.convolve(input, kernel, biases, window);
    sum.ifPresent(result::add_);
    if (relu) {
      torch.relu_(result); // what it returns has no memory of its own
    }
    return result;
  }

  @Override
  public Tensor withoutBiases(Tensor input) {
    return PlainConvolution.convolve(input, kernel, Optional.empty(), window);
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
