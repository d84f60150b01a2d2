package dev.fgvc.nets.engine.torch.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.engine.Device;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class ActivationPoolTest {

  private final ActivationPool memory = ActivationPool.on(Device.cpu());

  @AfterEach
  void close() {
    memory.close();
  }

  private Tensor take(long channels, ScalarType type) {
    return memory.take(2, channels, 512, 512, type);
  }

  @Test
  void mapsAreChannelsLastAndOfTheShapeAsked() {
    try (PointerScope scope = new PointerScope()) {
      Tensor activation = take(4, ScalarType.BFloat16);

      assertThat(activation.shape()).containsExactly(2, 4, 512, 512);
      assertThat(activation.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
      assertThat(activation.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      assertThat(memory.like(activation).shape()).containsExactly(2, 4, 512, 512);
    }
  }

  @Test
  void memoryServesAgainOnceTheLastViewOfItIsGone() {
    try (PointerScope outer = new PointerScope()) {
      long first;
      Tensor part;
      try (PointerScope inner = new PointerScope()) {
        Tensor activation = take(4, ScalarType.Float);
        first = address(activation);
        part = activation.narrow(1, 0, 2);
        part.retainReference();
        assertThat(address(take(4, ScalarType.Float))).isNotEqualTo(first);
      }
      assertThat(address(take(4, ScalarType.Float))).isNotEqualTo(first);

      part.releaseReference();

      assertThat(address(take(4, ScalarType.Float))).isEqualTo(first);
    }
  }

  @Test
  void theSmallestFreeMemoryThatHoldsAMapIsTaken() {
    try (PointerScope outer = new PointerScope()) {
      long large;
      long middle;
      try (PointerScope inner = new PointerScope()) {
        large = address(take(16, ScalarType.Float));
        middle = address(take(8, ScalarType.Float));
        take(2, ScalarType.Float);
        take(8, ScalarType.BFloat16);
      }
      Tensor first = take(4, ScalarType.Float);
      Tensor second = take(4, ScalarType.Float);

      assertThat(address(first)).isEqualTo(middle);
      assertThat(address(second)).isEqualTo(large);
    }
  }

  @Test
  void whatAStepDoesNotUseIsGivenBackAtItsEnd() {
    try (PointerScope outer = new PointerScope()) {
      long first;
      try (PointerScope inner = new PointerScope()) {
        first = address(take(16, ScalarType.Float));
        memory.endStep();
      }
      try (PointerScope inner = new PointerScope()) {
        assertThat(address(take(4, ScalarType.Float))).isEqualTo(first); // used
        memory.endStep();
        memory.endStep(); // not used, though an activation still lies there
        assertThat(address(take(4, ScalarType.Float))).isNotEqualTo(first);
      }
    }
  }

  @Test
  void otherDevicesAndSmallActivationsHaveNoneKept() {
    assertThat(memory.keeps(ActivationPool.VALUES)).isTrue();
    assertThat(memory.keeps(ActivationPool.VALUES - 1)).isFalse();
    assertThat(ActivationPool.on(Device.cuda(0)).keeps(ActivationPool.VALUES)).isFalse();
  }

  private static long address(Tensor activation) {
    return activation.data_ptr().address();
  }
}
