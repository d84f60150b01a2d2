package dev.fgvc.nets.engine.torch.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On the CPU; page-locked memory exists with a GPU alone. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class PinnedCopiesTest {

  @ParameterizedTest
  @ValueSource(ints = {1, PinnedCopies.PIECE, 2 * PinnedCopies.PIECE + 7})
  void arraysComeBackWhole(int count) {
    float[] values = new float[count + 3]; // what follows a matrix is none of it
    Random random = new Random(1);
    double[] expected = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
      expected[i] = values[i];
    }
    double[] actual = new double[count];
    float[] floats = new float[count];
    try (PointerScope temporaries = new PointerScope()) {
      Tensor tensor =
          torch.empty(new long[] {count, 1}, TorchTensors.floats(), new MemoryFormatOptional());
      PinnedCopies.write(values, tensor);
      PinnedCopies.readInPieces(tensor.to(ScalarType.Double), actual);
      PinnedCopies.readInPieces(tensor, floats);
    }
    assertThat(actual).isEqualTo(expected);
    assertThat(floats).isEqualTo(Arrays.copyOf(values, count));
  }
}
