package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class HostileSafetensorsTest {

  private static final String HEADER =
      "{\"__metadata__\":{\"a\":\"b\"},\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],"
          + "\"data_offsets\":[0,8]},\"v\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[8,14]}}";

  private static Path file;

  @BeforeContainer
  static void makeFile() throws IOException {
    file = Files.createTempFile("hostile", ".safetensors");
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Property(tries = 1000)
  void anyDamagedByteIsReadOrRefused(
      @ForAll @IntRange(max = 10_000) int position, @ForAll byte value) throws IOException {
    byte[] bytes = bytes(HEADER, 14);
    bytes[position % bytes.length] = value;
    readOrRefuse(bytes);
  }

  @Property(tries = 300)
  void anyTruncationIsRefused(@ForAll @IntRange(max = 10_000) int length) throws IOException {
    byte[] bytes = bytes(HEADER, 14);
    Files.write(file, Arrays.copyOf(bytes, length % bytes.length));

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file))
        .withMessageContaining(file.toString());
  }

  @Example
  void nestingTakesNoMemory() throws IOException {
    String open = "[".repeat(2_000_000);
    readOrRefuse(bytes("{\"w\":" + open, 0));
    readOrRefuse(bytes("{\"w\":{\"x\":" + open + "}}", 0));
    readOrRefuse(bytes("{\"__metadata__\":{\"a\":" + open, 0));
  }

  @Example
  void refusesANameThatStandsTwice() throws IOException {
    String tensor = "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    Files.write(file, bytes("{" + tensor + "," + tensor + "}", 8));

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file))
        .withMessageContaining("'w' twice");
  }

  private static void readOrRefuse(byte[] bytes) throws IOException {
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
