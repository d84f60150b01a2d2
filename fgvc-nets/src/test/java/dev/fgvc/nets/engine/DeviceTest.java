package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

  @Test
  void hasTheNamesOfCommandLines() {
    assertThat(Device.named("cpu")).isEqualTo(Device.cpu());
    assertThat(Device.named("cuda")).isEqualTo(Device.cuda(0));
    assertThat(Device.named("cuda:12")).isEqualTo(Device.cuda(12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "cpu:0", "cuda:", "cuda:-1", "cuda:1000", "CUDA", "cuda:128"})
  void refusesOtherNames(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Device.named(name))
        .withMessageContaining("device");
  }
}
