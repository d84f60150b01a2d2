package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The scalars of a folder as TensorBoard has them: files in the order of their names, each up to
 * its first record that was cut off; a session that starts drops the steps from its own on.
 */
final class EventFiles {

  /** Name, then a line "step value" for each time it was written and not dropped. */
  final Map<String, List<String>> scalars = new TreeMap<>();

  String version = "";

  private EventFiles() {}

  static EventFiles in(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().contains("tfevents")).sorted().toList();
    }
    return of(files.toArray(Path[]::new));
  }

  static EventFiles of(Path... files) throws IOException {
    EventFiles read = new EventFiles();
    for (Path file : files) {
      read.read(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
    }
    return read;
  }

  private void read(ByteBuffer records) {
    while (records.remaining() >= 16) {
      int start = records.position();
      int length = (int) records.getLong();
      assertThat(records.getInt()).isEqualTo(maskedChecksum(records, start, 8));
      if (records.remaining() < length + 4) {
        return;
      }
      ByteBuffer event = records.slice(records.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      records.position(records.position() + length);
      assertThat(records.getInt()).isEqualTo(maskedChecksum(records, start + 12, length));
      readEvent(event);
    }
  }

  private void readEvent(ByteBuffer event) {
    long step = 0;
    while (event.hasRemaining()) {
      switch (event.get()) {
        case 0x09 -> assertThat(event.getDouble()).isGreaterThan(1.6e9);
        case 0x10 -> step = varint(event);
        case 0x1A -> version = text(event);
        case 0x2A -> readSummary(part(event), step);
        case 0x3A -> {
          assertThat(part(event)).as("a session that starts").isEqualTo(startOfSession());
          long first = step;
          scalars.values().forEach(lines -> lines.removeIf(line -> stepOf(line) >= first));
        }
        default -> throw new AssertionError("a field that is not expected");
      }
    }
  }

  private static ByteBuffer startOfSession() {
    return ByteBuffer.wrap(new byte[] {0x08, 0x01});
  }

  private static long stepOf(String line) {
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }

  private void readSummary(ByteBuffer summary, long step) {
    while (summary.hasRemaining()) {
      assertThat(summary.get()).isEqualTo((byte) 0x0A);
      ByteBuffer value = part(summary);
      assertThat(value.get()).isEqualTo((byte) 0x0A);
      String tag = text(value);
      assertThat(value.get()).isEqualTo((byte) 0x15);
      scalars.computeIfAbsent(tag, key -> new ArrayList<>()).add(step + " " + value.getFloat());
    }
  }

  /** Masked as the format defines it: rotated by 15 bits to the right, and a constant added. */
  private static int maskedChecksum(ByteBuffer records, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(records.array(), from, length);
    long value = crc.getValue();
    return (int) (((value >>> 15 | value << 17) & 0xFFFFFFFFL) + 0xa282ead8L);
  }

  private static long varint(ByteBuffer bytes) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static ByteBuffer part(ByteBuffer bytes) {
    int length = (int) varint(bytes);
    ByteBuffer part = bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(bytes.position() + length);
    return part;
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(part(bytes)).toString();
  }
}
