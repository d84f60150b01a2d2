package dev.fgvc.nets.engine.torch.kernel.winograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.kernel.CpuCapabilities;
import dev.fgvc.nets.engine.torch.kernel.FittedKernel;
import dev.fgvc.nets.engine.torch.kernel.FittingThread;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import dev.fgvc.nets.engine.torch.kernel.PlainConvolution;
import dev.fgvc.nets.engine.torch.kernel.WindowArguments;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class WinogradConvolutionTest {

  @BeforeEach
  void needsOneDnn() {
    assumeTrue(
        CpuCapabilities.ofThisMachine().fusedConvolutions(),
        "oneDNN's fused convolutions are not there or switched off");
    torch.manual_seed(1);
  }

  @ParameterizedTest(name = "{0} x {1} {2}, {3} to {4} channels, {5} of {6} x {7}, {8} outputs")
  @CsvSource({
    "1, 7, SAME, 20, 24, 2, 17, 17, 6",
    "7, 1, SAME, 20, 24, 2, 17, 17, 6",
    "7, 1, VALID, 16, 16, 1, 40, 9, 5",
    "1, 7, SAME, 8, 40, 3, 9, 43, 4",
    "3, 3, SAME, 24, 16, 2, 35, 31, 6",
    "3, 3, VALID, 24, 16, 2, 8, 50, 4",
    "5, 5, SAME, 12, 16, 1, 11, 13, 3",
    "3, 7, SAME, 12, 16, 1, 7, 5, 6",
    "7, 3, SAME, 12, 16, 2, 1, 6, 6",
    "1, 2, SAME, 12, 16, 2, 3, 20, 6",
    "1, 5, SAME, 3000, 3, 1, 2, 13, 6",
    "1, 3, SAME, 3, 5, 1, 1, 1, 2"
  })
  void resultsAreThoseOfProductsOneByOne(
      int rows,
      int columns,
      Padding padding,
      int inputs,
      int filters,
      int count,
      int height,
      int width,
      int together) {
    Window window = new Window(rows, columns, 1, padding);
    try (OneDnnConvolution operator = new OneDnnConvolution();
        PointerScope scope = new PointerScope()) {
      Tensor kernel = channelsLast(torch.randn(filters, inputs, rows, columns));
      Tensor biases = torch.randn(filters);
      Tensor input = channelsLast(torch.randn(count, inputs, height, width));
      try (WinogradConvolution winograd =
          winograd(operator, window, kernel, Optional.of(biases)).orElseThrow()) {
        int taps = Math.max(rows, columns);
        int length = columns >= rows ? width : height;
        Window.Border border = WindowArguments.border(input, window);
        int before = columns >= rows ? border.left() : border.top();
        int after = columns >= rows ? border.right() : border.bottom();
        WinogradTiling tiling =
            new WinogradTiling(
                WinogradMatrices.of(together, taps),
                length,
                before,
                length + before + after - taps + 1);

        Tensor made = winograd.apply(input, tiling, false, false);
        Tensor rectified = winograd.apply(input, tiling, true, false);

        Tensor expected =
            PlainConvolution.convolve(
                input.to(ScalarType.Double),
                kernel.to(ScalarType.Double),
                Optional.of(biases.to(ScalarType.Double)),
                window);
        assertThat(relativeError(made, expected)).isLessThan(2e-5);
        assertThat(torch.equal(rectified, torch.relu(made))).isTrue();
      }
    }
  }

  @Test
  void resultsOutliveTheScopeTheyWereMadeIn() {
    Window window = Window.square(3, 1, Padding.SAME);
    try (OneDnnConvolution operator = new OneDnnConvolution();
        PointerScope scope = new PointerScope()) {
      Tensor kernel = channelsLast(torch.randn(8, 8, 3, 3));
      Tensor input = channelsLast(torch.randn(1, 8, 12, 12));
      WinogradTiling tiling = new WinogradTiling(WinogradMatrices.of(6, 3), 12, 1, 12);
      try (WinogradConvolution winograd =
          winograd(operator, window, kernel, Optional.empty()).orElseThrow()) {
        Tensor kept;
        try (PointerScope temporaries = new PointerScope()) {
          kept = winograd.apply(input, tiling, true, false);
          kept.retainReference();
        }
        scope.attach(kept);
        kept.releaseReference();

        assertThat(kept.dim()).isEqualTo(4);
        assertThat(torch.equal(kept, winograd.apply(input, tiling, true, false))).isTrue();
      }
    }
  }

  @Test
  void fittedKernelsChangeNothing() {
    Window window = new Window(1, 7, 1, Padding.SAME);
    try (OneDnnConvolution operator = new OneDnnConvolution();
        PointerScope scope = new PointerScope()) {
      Tensor kernel = channelsLast(torch.randn(64, 64, 1, 7));
      int threads = torch.get_num_threads();
      try (WinogradConvolution winograd =
          winograd(operator, window, kernel, Optional.empty()).orElseThrow()) {
        for (int tiles = 2; tiles < 7; tiles++) { // more shapes than get copies
          int width = 6 * tiles;
          Tensor input = channelsLast(torch.randn(2, 64, 5, width));
          WinogradTiling tiling = new WinogradTiling(WinogradMatrices.of(6, 7), width, 3, width);

          Tensor plain = winograd.apply(input, tiling, false, true);
          assertThat(winograd.kernels()).hasSize(1);
          FittedKernel fitted = winograd.kernels().get(0);
          // The first has its copy already.
          assertThat(fitted.isAwaited(threads)).isEqualTo(tiles > 2 && tiles < 5);
          assertThat(fitted.isAwaited(threads + 1)).isFalse();
          fitted.fit(threads);
          assertThat(fitted.isAwaited(threads)).isFalse();

          Tensor again = winograd.apply(input, tiling, false, true);
          assertThat(torch.equal(plain, again)).as("width %d", width).isTrue();
        }
      }
    }
  }

  @Test
  void stridesAndLongKernelsAreLeftToOthers() {
    try (OneDnnConvolution operator = new OneDnnConvolution();
        PointerScope scope = new PointerScope()) {
      Tensor square = torch.randn(4, 4, 3, 3);
      assertThat(winograd(operator, Window.square(3, 2, Padding.SAME), square, Optional.empty()))
          .isEmpty();
      Tensor pointwise = torch.randn(4, 4, 1, 1);
      assertThat(winograd(operator, Window.square(1, 1, Padding.SAME), pointwise, Optional.empty()))
          .isEmpty();
      Tensor longest = torch.randn(4, 4, 1, 8);
      assertThat(winograd(operator, new Window(1, 8, 1, Padding.SAME), longest, Optional.empty()))
          .isEmpty();
      Window even = new Window(2, 7, 1, Padding.SAME);
      WinogradConvolution uneven =
          winograd(operator, even, torch.randn(512, 512, 2, 7), Optional.empty()).orElseThrow();
      assertThat(uneven.tiling(torch.randn(4, 512, 17, 17)))
          .as("a border that differs from side to side")
          .isEmpty();
    }
  }

  private static Tensor channelsLast(Tensor tensor) {
    return tensor.contiguous(MemoryFormat.ChannelsLast);
  }

  private static double relativeError(Tensor made, Tensor expected) {
    assertThat(made.sizes().vec().get()).isEqualTo(expected.sizes().vec().get());
    return made.to(ScalarType.Double).sub(expected).norm().item_double()
        / expected.norm().item_double();
  }

  private static Optional<WinogradConvolution> winograd(
      OneDnnConvolution operator, Window window, Tensor kernel, Optional<Tensor> biases) {
    return WinogradConvolution.of(
        operator, window, kernel.size(0), () -> kernel, biases, new FittingThread());
  }
}
