package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.testing.RandomCases;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileSafetensorsTest {

  private static final String HEADER =
      "{\"__metadata__\":{\"a\":\"b\"},\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],"
          + "\"data_offsets\":[0,8]},\"v\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[8,14]}}";

  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("hostile.safetensors");
  }

  @Test
  void anyDamagedByteIsReadOrRefused() {
    RandomCases.check(
        1000,
        random -> {
          byte[] bytes = bytes(HEADER, 14);
          bytes[random.nextInt(bytes.length)] =
              (byte) RandomCases.between(random, Byte.MIN_VALUE, Byte.MAX_VALUE);
          readOrRefuse(bytes);
        });
  }

  @Test
  void anyTruncationIsRefused() throws IOException {
    byte[] whole = bytes(HEADER, 14);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));

      assertThatExceptionOfType(WeightsFormatException.class)
          .as("the first %d bytes", length)
          .isThrownBy(() -> Weights.read(file))
          .withMessageContaining(file.toString());
    }
  }

  @Test
  void nestingTakesNoMemory() throws IOException {
    String open = "[".repeat(2_000_000);
    readOrRefuse(bytes("{\"w\":" + open, 0));
    readOrRefuse(bytes("{\"w\":{\"x\":" + open + "}}", 0));
    readOrRefuse(bytes("{\"__metadata__\":{\"a\":" + open, 0));
  }

  @Test
  void refusesANameThatStandsTwice() throws IOException {
    String tensor = "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    Files.write(file, bytes("{" + tensor + "," + tensor + "}", 8));

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file))
        .withMessageContaining("'w' twice");
  }

  private void readOrRefuse(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      Weights.read(file);
    } catch (WeightsFormatException e) {
      assertThat(e).hasMessageContaining(file.toString());
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan((1L << 20) + 16L * bytes.length);
  }

  private static byte[] bytes(String header, int dataSize) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + dataSize)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }
}
