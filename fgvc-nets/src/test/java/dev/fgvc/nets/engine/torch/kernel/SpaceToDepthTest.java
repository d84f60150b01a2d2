package dev.fgvc.nets.engine.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class SpaceToDepthTest {

  @ParameterizedTest
  @EnumSource(Padding.class)
  void isTheSameConvolution(Padding padding) {
    for (int kernel = 1; kernel < 8; kernel++) {
      for (int side = kernel; side < kernel + 5; side++) {
        requireSame(new Window(kernel, kernel, 2, padding), side);
        requireSame(new Window(kernel, 1, 2, padding), side);
      }
    }
  }

  private static void requireSame(Window window, int side) {
    SpaceToDepth ofImages = new SpaceToDepth(window);
    try (PointerScope temporaries = new PointerScope()) {
      Tensor images = torch.randn(2, 3, side, side + 3).contiguous(MemoryFormat.ChannelsLast);
      Tensor kernel = torch.randn(5, 3, window.height(), window.width());
      Tensor expected = PlainConvolution.convolve(images, kernel, Optional.empty(), window);
      Tensor blocks = ofImages.blocksOf(images);
      Tensor actual =
          PlainConvolution.convolve(
              blocks, ofImages.kernel(kernel), Optional.empty(), ofImages.blocks());
      assertThat(blocks.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
      assertThat(torch.allclose(actual, expected, 1e-4, 1e-4, false))
          .as("%s on %d x %d", window, side, side + 3)
          .isTrue();
    }
  }

  @Test
  void isForImagesWithAStrideOfTwoAndManyTaps() {
    Window window = Window.square(7, 2, Padding.FIXED);
    assertThat(SpaceToDepth.suits(window, 3)).isTrue();
    assertThat(SpaceToDepth.suits(window, 5)).isFalse();
    assertThat(SpaceToDepth.suits(Window.square(7, 1, Padding.FIXED), 3)).isFalse();
    assertThat(SpaceToDepth.suits(Window.square(3, 2, Padding.VALID), 3)).isFalse();
  }
}
