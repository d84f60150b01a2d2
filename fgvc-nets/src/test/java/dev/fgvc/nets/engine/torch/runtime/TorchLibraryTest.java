package dev.fgvc.nets.engine.torch.runtime;

import static dev.fgvc.nets.engine.torch.runtime.TorchLibrary.LIBTORCH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.nets.engine.EngineException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Exceptions of libtorch itself, as the engine tells them. */
@SuppressWarnings("try") // the scope frees what is made in it
class TorchLibraryTest {

  @Test
  void leavesStackFramesOfCppToTheCause() {
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> LIBTORCH.call("a product", () -> product(2, 3, 4, 5)))
        .withMessage(
            "libtorch failed in a product (mat1 and mat2 shapes cannot be multiplied (2x3 and"
                + " 4x5)): try Precision.FP32, Device.cpu() or Engine.nd4j(); after an error of a"
                + " GPU, start the process again")
        .satisfies(e -> assertThat(e.getCause()).hasMessageContaining("frame #0"));
  }

  private static double product(long rows, long inner, long otherInner, long columns) {
    try (PointerScope scope = new PointerScope()) {
      return torch.mm(torch.ones(rows, inner), torch.ones(otherInner, columns)).sum().item_double();
    }
  }
}
