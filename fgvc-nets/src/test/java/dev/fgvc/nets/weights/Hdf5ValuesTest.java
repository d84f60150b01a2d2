package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against files that h5py wrote by the script {@code make-hdf5.py} beside them. */
class Hdf5ValuesTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"whole", "half", "double", "big_endian", "packed", "checked", "partial_chunks"})
  void readsNumbersHoweverTheyAreStored(String group) throws IOException {
    try (Hdf5File file = open("odd-values.h5")) {
      WeightTensor tensor = file.read(group + "/values");

      assertThat(tensor.shape()).containsExactly(16, 8);
      for (int i = 0; i < tensor.size(); i++) {
        assertThat(tensor.values().get(i)).isEqualTo(i / 4f);
      }
    }
  }

  @Test
  void readsScalarsAndEmptyArrays() throws IOException {
    try (Hdf5File file = open("odd-values.h5")) {
      assertThat(file.read("scalar/values").shape()).isEmpty();
      assertThat(file.read("scalar/values").toArray()).containsExactly(2.5f);
      assertThat(file.read("empty/values").shape()).containsExactly(0, 3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bfloat16 | bfloat16, numbers of 2 bytes with 8 bits of exponent and 7 of mantissa",
        "opaque | Keras writes bfloat16 so",
        "integers | holds int",
        "text | holds class java.lang.String",
        "unwritten | was never written at [8]",
        "never | was never written",
        "bomb | inflates to another size than 64 bytes",
        "huge | claims the shape [16384, 16384]",
        "lzf | was filtered by [lzf]; repack it",
      })
  void refusesWhatWouldBecomeOtherNumbersOrTakeMemory(String group, String message)
      throws IOException {
    try (Hdf5File file = open("odd-values.h5")) {
      assertThatExceptionOfType(WeightsFormatException.class)
          .isThrownBy(() -> file.read(group + "/values"))
          .withMessageContaining("odd-values.h5: '" + group + "/values' ")
          .withMessageContaining(message);
    }
  }

  @Test
  void linksAreNamedAndNotFollowed() throws IOException {
    try (Hdf5File file = open("odd-values.h5")) {
      assertThat(file.others()).containsExactlyInAnyOrder("link/values", "outside/values");
    }
  }

  @Test
  void saysThatKerasWroteBfloat16() throws IOException {
    Path file = file("keras-bfloat16.weights.h5");

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Hdf5File.open(file))
        .withMessageContaining("dtype policy 'bfloat16'")
        .withMessageContaining("set the policy 'float32'");
  }

  private Hdf5File open(String resource) throws IOException {
    Path file = file(resource);
    return Hdf5File.open(file);
  }

  private Path file(String resource) throws IOException {
    Path file = folder.resolve(resource);
    try (InputStream stream = Hdf5ValuesTest.class.getResourceAsStream(resource)) {
      Files.copy(stream, file);
    }
    return file;
  }
}
