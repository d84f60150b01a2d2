package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.nets.engine.EngineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TorchFailuresTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CUDA out of memory. Tried to allocate 670.55 GiB. GPU 0 has a total capacity of 139.80 GiB"
            + " | 670.55 GiB asked for",
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 720 bytes. Error code 12"
            + " | 720 bytes asked for",
        "CUDA error: out of memory | (out of memory)",
        "std::bad_alloc | (bad_alloc)"
      })
  void sayHowMuchMemoryWasAskedFor(String message, String said) {
    RuntimeException cause = new RuntimeException(message);
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> TorchFailures.during("8 images", () -> failing(cause)))
        .withMessageContaining("in 8 images")
        .withMessageContaining(said)
        .withMessageContaining("lower the number of images")
        .withCause(cause);
  }

  @Test
  void leaveOthersAsTheyAre() {
    RuntimeException cause = new RuntimeException("sizes differ");
    assertThatThrownBy(() -> TorchFailures.during("8 images", () -> failing(cause)))
        .isSameAs(cause);
    assertThat(TorchFailures.during("8 images", () -> 3)).isEqualTo(3);
  }

  private static int failing(RuntimeException failure) {
    throw failure;
  }
}
