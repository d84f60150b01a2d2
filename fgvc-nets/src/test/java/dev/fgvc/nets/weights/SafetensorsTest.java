package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@InOtherLocales
class SafetensorsTest {

  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    tensors.put("b/weights", WeightTensor.of(List.of(2, 3), new float[] {1, 2, 3, 4, 5, -0f}));
    tensors.put("a/scalar", WeightTensor.of(List.of(), new float[] {Float.MIN_VALUE}));
    tensors.put("c/empty", WeightTensor.of(List.of(0, 3), new float[0]));
    Path file = folder.resolve("weights.safetensors");

    Weights.of(tensors).write(file);
    Weights read = Weights.read(file);

    assertThat(read.names()).containsExactly("b/weights", "a/scalar", "c/empty");
    for (String name : read.names()) {
      assertThat(read.tensor(name).shape()).isEqualTo(tensors.get(name).shape());
      assertThat(read.tensor(name).toArray()).isEqualTo(tensors.get(name).toArray());
    }
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void readsHalfPrecisionAndBfloat() throws IOException {
    String header =
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[8,12]}}";
    ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3c00).putShort((short) 0xc000); // 1, -2
    data.putShort((short) 0x0001).putShort((short) 0x7c00); // 2^-24, infinity
    data.putShort((short) 0x3f80).putShort((short) 0xc049); // 1, -3.140625

    Weights weights = Weights.read(file(header, data.array()));

    assertThat(weights.tensor("h").toArray())
        .containsExactly(1, -2, 0x1p-24f, Float.POSITIVE_INFINITY);
    assertThat(weights.tensor("b").toArray()).containsExactly(1, -3.140625f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} | truncated or damaged",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | cannot have bytes 0 to 8",
        "{\"w\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}} | is of type int64",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,4],\"data_offsets\":[0,8]}} | cannot have",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | cannot have",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}} | cannot have bytes -8 to 0",
        "{\"w\":{\"shape\":[2],\"data_offsets\":[0,8]}} | lacks a valid dtype",
        "{\"w\":{\"dtype\":\"F8\",\"shape\":[8],\"data_offsets\":[0,8]}} | unknown type F8",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[0,-1],\"data_offsets\":[0,0]}} | cannot have bytes 0 to 0",
        "{\"__metadata__\":7} | no list of tensors",
        "{\"w\":7} | lacks a valid dtype",
        "[1,2] | not a JSON object",
        "{\"w | not JSON"
      })
  void refusesDamagedHeaders(String header, String reason) throws IOException {
    Path file = file(header, new byte[8]);

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(reason);
  }

  @Test
  void refusesTensorsThatShareBytesToGrowInMemory() throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file(header, new byte[8])))
        .withMessageContaining("overlap");
  }

  @ParameterizedTest
  @CsvSource({"4, 12, 0 to 4", "0, 8, 8 to 12"})
  void refusesBytesOfNoTensor(int begin, int end, String bytes) throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" + begin + "," + end + "]}}";

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file(header, new byte[12])))
        .withMessageContaining("bytes " + bytes + " after the header belong to no tensor")
        .withMessageEndingWith("write or fetch it again");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1, 1000, Long.MAX_VALUE})
  void refusesAHeaderLongerThanTheFile(long length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Path file = Files.write(folder.resolve("hostile.safetensors"), bytes.array());

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file))
        .withMessageContaining("claims a header of " + length);
  }

  @Test
  void refusesAnEmptyFileAMissingOneAndAFolder() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.safetensors"));

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(empty))
        .withMessageContaining("0 bytes");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Weights.read(folder.resolve("absent.safetensors")));
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> Weights.read(folder))
        .withMessageContaining(folder + ": is a folder");
  }

  private Path file(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    return Files.write(folder.resolve("made.safetensors"), bytes.array());
  }
}
