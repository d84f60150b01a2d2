package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Against two files that Keras 3.15 wrote of one small model: convolution, batch norm without
 * gamma, convolution, batch norm, dense, the numbered ones from {@code conv2d_7} and {@code
 * batch_normalization_1} on. Value i of a layer's variable k with r axes is i / 2 + k + 100 r.
 */
@InOtherLocales
class KerasTensorsTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"keras-model.h5", "keras-3.weights.h5"})
  void readsWhatKerasWrote(String resource) throws IOException {
    Set<String> variables =
        Set.of(
            "conv2d#1/kernel",
            "batch_normalization#1/beta",
            "batch_normalization#1/moving_mean",
            "batch_normalization#1/moving_variance",
            "conv2d#2/kernel",
            "batch_normalization#2/gamma",
            "batch_normalization#2/beta",
            "batch_normalization#2/moving_mean",
            "batch_normalization#2/moving_variance",
            "predictions/kernel",
            "predictions/bias");
    try (KerasTensors tensors = KerasTensors.open(file(resource))) {
      Map<String, String> found = tensors.scopes(variables).get("");
      assertThat(found.keySet()).isEqualTo(variables);
      assertThat(tensors.names()).containsAll(found.values());
      assertThat(tensors.shape(found.get("conv2d#1/kernel"))).containsExactly(3, 3, 3, 4);
      assertThat(tensors.tensor(found.get("conv2d#2/kernel")).shape()).containsExactly(1, 3, 4, 2);
      assertThat(tensors.tensor(found.get("conv2d#2/kernel")).values().get(23))
          .isEqualTo(11.5f + 400);
      assertThat(tensors.tensor(found.get("batch_normalization#1/moving_mean")).toArray())
          .containsExactly(101, 101.5f, 102, 102.5f);
      assertThat(tensors.tensor(found.get("batch_normalization#2/moving_mean")).toArray())
          .containsExactly(102, 102.5f);
      assertThat(tensors.tensor(found.get("predictions/bias")).values().get(4)).isEqualTo(103);
    }
  }

  @Test
  void damageGivesOneKindOfException() throws IOException {
    byte[] whole = Files.readAllBytes(file("keras-model.h5"));
    long seed = 20181;
    Random random = new Random(seed);
    int refused = 0;
    for (int round = 0; round < 150; round++) {
      byte[] damaged =
          round % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      for (int i = 0; i < 8 && damaged.length > 0; i++) {
        damaged[random.nextInt(Math.min(damaged.length, 12_000))] = (byte) random.nextInt(256);
      }
      Path file = Files.write(folder.resolve("damaged-" + round + ".h5"), damaged);
      try (KerasTensors tensors = KerasTensors.open(file)) {
        for (String name : tensors.names()) {
          tensors.tensor(name);
        }
      } catch (WeightsFormatException e) {
        refused++;
        assertThat(e).as("seed %d, round %d", seed, round).hasMessageContaining(file.toString());
      }
    }
    assertThat(refused).as("seed %d", seed).isGreaterThan(50);
  }

  @Test
  void refusesWhatIsNoHdf5() throws IOException {
    Path file = Files.writeString(folder.resolve("text.h5"), "not at all");

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> KerasTensors.open(file))
        .withMessageContaining("no HDF5 file");
  }

  private Path file(String resource) throws IOException {
    Path file = folder.resolve(resource);
    try (InputStream stream = KerasTensorsTest.class.getResourceAsStream(resource)) {
      Files.copy(stream, file);
    }
    return file;
  }
}
