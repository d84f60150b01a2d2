package dev.fgvc.nets.engine.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.testing.Gpu;
import java.util.List;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class ActivationOperationsTest {

  private static final ActivationOperations CPU = ActivationOperations.on(Device.cpu());

  /** Beside the definition: pad with what no maximum is, then leave out what does not fit. */
  @ParameterizedTest
  @EnumSource(Padding.class)
  void maxPoolingAndItsGradientAreThoseOfThePaddedActivation(Padding padding) {
    for (int side = 5; side < 12; side++) {
      for (int kernel = 1; kernel < 5; kernel++) {
        for (int stride = 1; stride < 4; stride++) {
          requirePadded(side, Window.square(kernel, stride, padding));
        }
      }
    }
  }

  private static void requirePadded(int side, Window window) {
    Operation.MaxPool pool = new Operation.MaxPool(window, false);
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(true)) {
      Tensor activation = torch.randn(2, 3, side, side + 1).requires_grad_(true);
      Tensor expected =
          torch.max_pool2d(
              WindowArguments.pad(activation, WindowArguments.border(activation, window), -1e9),
              new long[] {window.height(), window.width()},
              WindowArguments.strides(window),
              WindowArguments.NONE,
              WindowArguments.UNIT,
              false);
      Tensor gradient = torch.randn_like(expected);
      expected.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());

      try (AutoGradMode none = new AutoGradMode(false)) {
        Tensor actual = CPU.apply(pool, List.of(activation));
        assertThat(torch.equal(actual, expected)).as("%s on %s", window, side).isTrue();
        Pooling.maxBackward(ActivationPool.on(Device.cpu()), gradient, activation, pool)
            .ifPresent(
                found ->
                    assertThat(torch.allclose(found, activation.grad()))
                        .as("%s on %s", window, side)
                        .isTrue());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Padding.class)
  void averagePoolingsGradientIsAutograds(Padding padding) {
    eachAveragePool(
        padding,
        (side, pool) -> requireAutograds(side, pool, Device.cpu(), CPU::averagePoolBackward));
  }

  @ParameterizedTest
  @EnumSource(Padding.class)
  void averagePoolingsGradientByEachWayIsAutograds(Padding padding) {
    eachAveragePool(
        padding,
        (side, pool) -> {
          requireAutograds(side, pool, Device.cpu(), Pooling::averageBackwardInside);
          if (Pooling.isCentred(pool.window(), pool.window().border(side, side + 1))) {
            requireAutograds(side, pool, Device.cpu(), Pooling::averageBackwardAround);
          }
        });
  }

  @Tag("gpu")
  @ParameterizedTest
  @EnumSource(Padding.class)
  void averagePoolingsGradientOnAGpuIsAutogradsOnTheCpu(Padding padding) {
    Device gpu = Gpu.require();
    eachAveragePool(
        padding,
        (side, pool) ->
            requireAutograds(side, pool, gpu, ActivationOperations.on(gpu)::averagePoolBackward));
  }

  /** Takes the gradient of the output, the input and the pooling. */
  private interface PoolBackward {
    Tensor apply(Tensor gradient, Tensor input, Operation.AveragePool pool);
  }

  private static void eachAveragePool(
      Padding padding, BiConsumer<Integer, Operation.AveragePool> test) {
    for (int side = 5; side < 9; side++) {
      for (int kernel = 1; kernel < 6; kernel++) {
        for (int stride = 1; stride < 4; stride++) {
          Window window = Window.square(kernel, stride, padding);
          if (window.border(side, side + 1).isSymmetric()) {
            test.accept(side, new Operation.AveragePool(window, false));
            test.accept(side, new Operation.AveragePool(window, true));
          }
        }
      }
    }
  }

  private static void requireAutograds(
      int side, Operation.AveragePool pool, Device device, PoolBackward backward) {
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(true)) {
      Tensor activation = torch.randn(2, 3, side, side + 1).requires_grad_(true);
      Tensor output = Pooling.average(activation, pool);
      Tensor gradient = torch.randn_like(output);
      output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
      Tensor expected = activation.grad();

      try (AutoGradMode none = new AutoGradMode(false)) {
        Tensor there = channelsLast(gradient, device);
        Tensor input = channelsLast(activation, device);
        Tensor wide = backward.apply(there, input, pool);
        Tensor narrow =
            backward.apply(there.to(ScalarType.BFloat16), input.to(ScalarType.BFloat16), pool);

        assertThat(distance(wide, expected)).as("%s on %s", pool, side).isLessThan(1e-6);
        assertThat(narrow.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
        assertThat(distance(narrow, expected)).as("%s on %s", pool, side).isLessThan(0.01);
      }
    }
  }

  private static Tensor channelsLast(Tensor activation, Device device) {
    return TorchTensors.to(activation.contiguous(MemoryFormat.ChannelsLast), device);
  }

  /** Relative, in the Euclidean norm. */
  private static double distance(Tensor actual, Tensor expected) {
    Tensor difference = actual.cpu().to(ScalarType.Float).sub(expected);
    return difference.norm().item_double() / expected.norm().item_double();
  }

  @ParameterizedTest
  @EnumSource(Padding.class)
  void largeActivationsAreTheSameInMemoryThatIsKept(Padding padding) {
    Window window = Window.square(3, 1, padding);
    try (ActivationPool memory = ActivationPool.on(Device.cpu());
        PointerScope temporaries = new PointerScope()) {
      Tensor activation = torch.randn(2, 210, 101, 64).permute(0, 3, 1, 2);
      Tensor other = torch.randn(2, 210, 101, 8).permute(0, 3, 1, 2);

      requireSame(memory, new Operation.MaxPool(window, false), activation);
      requireSame(memory, new Operation.AveragePool(window, false), activation);
      requireSame(memory, new Operation.AveragePool(window, true), activation);
      requireSame(memory, new Operation.Concatenate(), activation, other);
      requireSame(
          memory,
          new Operation.Subsample(2),
          torch.cat(ActivationOperations.vector(List.of(activation, activation)), 0));
      assertThat(CPU.applyIn(memory, new Operation.Subsample(3), List.of(activation))).isEmpty();
    }
  }

  private static void requireSame(ActivationPool memory, Operation operation, Tensor... inputs) {
    Tensor expected = CPU.apply(operation, List.of(inputs));
    Tensor actual = CPU.applyIn(memory, operation, List.of(inputs)).orElseThrow();

    assertThat(torch.equal(actual, expected)).as("%s", operation).isTrue();
    assertThat(actual.is_contiguous(MemoryFormat.ChannelsLast)).as("%s", operation).isTrue();
  }
}
