package dev.fgvc.nets.engine.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class Bfloat16MaximaTest {

  @ParameterizedTest
  @CsvSource({"3,3,2", "2,2,2", "3,3,1", "1,3,1", "3,1,2", "5,2,3"})
  void areThoseOfLibtorch(int height, int width, int stride) {
    Window window = new Window(height, width, stride, Padding.VALID);
    try (PointerScope scope = new PointerScope()) {
      Tensor activation =
          torch
              .relu(torch.randn(2, 5, 17, 14).mul(new Scalar(100)))
              .to(ScalarType.BFloat16)
              .contiguous(MemoryFormat.ChannelsLast);
      Tensor expected =
          torch.max_pool2d(
              activation,
              new long[] {height, width},
              new long[] {stride, stride},
              new long[] {0, 0},
              new long[] {1, 1},
              false);

      Tensor maxima = Bfloat16Maxima.pool(activation, window);

      assertThat(maxima.equal(expected)).isTrue();
      assertThat(maxima.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
    }
  }
}
