package dev.fgvc.nets.engine.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what needs no cuDNN, on the CPU; {@code GpuTest} runs whole networks on a GPU. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class CudaConvolutionTest {

  private static final Window CELL = Window.square(1, 1, Padding.SAME);

  @ParameterizedTest
  @CsvSource({
    "Float, 1, 1, false, false",
    "Float, 1, 1, false, true",
    "Float, 1, 1, true, false",
    "Float, 1, 1, true, true",
    "Float, 3, 2, false, false",
    "Float, 3, 2, true, false",
    "BFloat16, 1, 1, false, false",
    "BFloat16, 1, 1, true, false",
    "BFloat16, 3, 2, true, false"
  })
  void equalsOneStepAfterTheOther(
      ScalarType type, int side, int stride, boolean withSum, boolean relu) {
    Window window = Window.square(side, stride, Padding.SAME);
    try (PointerScope scope = new PointerScope()) {
      torch.manual_seed(1);
      Tensor input = map(2, 8, 6, 5, type);
      Tensor kernel = map(4, 8, side, side, type);
      Tensor biases = torch.randn(4).to(type);
      int height = window.outputHeight(6);
      int width = window.outputWidth(5);
      Optional<Tensor> sum =
          withSum ? Optional.of(map(2, 4, height, width, type)) : Optional.empty();
      Tensor expected = PlainConvolution.convolve(input, kernel, Optional.of(biases), window);
      sum.ifPresent(expected::add_);
      if (relu) {
        torch.relu_(expected);
      }

      Tensor actual;
      try (CudaConvolution convolution = new CudaConvolution(window, kernel, Optional.of(biases))) {
        actual = convolution.apply(input, sum, relu);
      }

      assertThat(actual.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
      Tensor difference = actual.to(ScalarType.Float).sub(expected.to(ScalarType.Float));
      float length = expected.to(ScalarType.Float).norm().item_float();
      assertThat(difference.norm().item_float() / length)
          .isLessThan(type == ScalarType.Float ? 1e-6f : 1e-2f);
    }
  }

  @Test
  void imagesAreConvolvedInBlocks() {
    Window window = Window.square(7, 2, Padding.FIXED);
    try (PointerScope scope = new PointerScope()) {
      torch.manual_seed(1);
      Tensor images = map(2, 3, 15, 16, ScalarType.BFloat16);
      Tensor kernel = map(4, 3, 7, 7, ScalarType.BFloat16);
      Tensor biases = torch.randn(4).to(ScalarType.BFloat16);
      Tensor expected =
          PlainConvolution.convolve(images, kernel, Optional.of(biases), window).relu();
      Tensor actual;
      try (CudaConvolution convolution = new CudaConvolution(window, kernel, Optional.of(biases))) {
        actual = convolution.apply(images, Optional.empty(), true);
      }
      Tensor difference = actual.to(ScalarType.Float).sub(expected.to(ScalarType.Float));
      float length = expected.to(ScalarType.Float).norm().item_float();
      assertThat(difference.norm().item_float() / length).isLessThan(1e-2f);
    }
  }

  @Test
  void needsNoBiases() {
    try (PointerScope scope = new PointerScope()) {
      torch.manual_seed(1);
      Tensor input = map(1, 4, 3, 3, ScalarType.Float);
      Tensor kernel = map(2, 4, 1, 1, ScalarType.Float);
      Tensor expected = PlainConvolution.convolve(input, kernel, Optional.empty(), CELL).relu();
      Tensor actual;
      try (CudaConvolution convolution = new CudaConvolution(CELL, kernel, Optional.empty())) {
        actual = convolution.apply(input, Optional.empty(), true);
      }
      assertThat(actual.sub(expected).abs().max().item_float()).isLessThan(1e-6f);
    }
  }

  @ParameterizedTest
  @CsvSource({"Float", "BFloat16"})
  void normsAreFactorsAndOffsets(ScalarType type) {
    try (PointerScope scope = new PointerScope()) {
      torch.manual_seed(1);
      Tensor input = map(2, 3, 4, 5, type);
      Tensor factors = torch.randn(3);
      Tensor offsets = torch.randn(3);
      Tensor expected =
          input
              .to(ScalarType.Float)
              .mul(factors.view(1, 3, 1, 1))
              .add(offsets.view(1, 3, 1, 1))
              .to(type);
      Tensor actual;
      try (CudaAffine norm = new CudaAffine(factors, offsets)) {
        actual = norm.apply(input);
      }
      assertThat(actual.scalar_type().intern()).isEqualTo(type);
      Tensor difference = actual.to(ScalarType.Float).sub(expected.to(ScalarType.Float));
      float length = expected.to(ScalarType.Float).norm().item_float();
      assertThat(difference.norm().item_float() / length)
          .isLessThan(type == ScalarType.Float ? 1e-6f : 1e-3f);
    }
  }

  private static Tensor map(long count, long channels, long height, long width, ScalarType type) {
    return torch
        .randn(count, channels, height, width)
        .to(type)
        .contiguous(MemoryFormat.ChannelsLast);
  }
}
