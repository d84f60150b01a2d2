package dev.fgvc.nets.weights;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format: a little-endian length, a JSON header of that length, then the tensors'
 * bytes. Every number in the header is held against the file's real size before memory is taken.
 */
final class Safetensors {

  /** The reference implementation's bound on the header. */
  private static final long MAX_HEADER = 100_000_000;

  private Safetensors() {}

  static Map<String, WeightTensor> read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < 8) {
        throw new WeightsFormatException(
            file, "holds " + size + " bytes; a safetensors file starts with 8 bytes of length");
      }
      long headerSize = readFully(file, channel, 0, 8).getLong();
      if (headerSize < 2 || headerSize > Math.min(MAX_HEADER, size - 8)) {
        throw new WeightsFormatException(
            file,
            "claims a header of "
                + headerSize
                + " bytes in a file of "
                + size
                + "; not safetensors?");
      }
      JsonObject header = header(file, readFully(file, channel, 8, (int) headerSize));
      long dataSize = size - 8 - headerSize;
      Map<String, WeightTensor> tensors = new LinkedHashMap<>();
      long bytesSoFar = 0;
      for (Map.Entry<String, JsonElement> entry : header.entrySet()) {
        if (!entry.getKey().equals("__metadata__")) {
          Entry tensor = entry(file, entry.getKey(), entry.getValue(), dataSize);
          bytesSoFar += tensor.bytes();
          if (bytesSoFar > dataSize) {
            throw new WeightsFormatException(
                file,
                "tensors overlap: together they are larger than the file's "
                    + dataSize
                    + " bytes of data");
          }
          ByteBuffer bytes =
              readFully(file, channel, 8 + headerSize + tensor.begin, (int) tensor.bytes());
          tensors.put(entry.getKey(), tensor.decode(bytes));
        }
      }
      return tensors;
    }
  }

  static void write(Path file, Map<String, WeightTensor> tensors) throws IOException {
    JsonObject header = new JsonObject();
    long offset = 0;
    for (Map.Entry<String, WeightTensor> entry : tensors.entrySet()) {
      long end = offset + 4L * entry.getValue().size();
      JsonObject description = new JsonObject();
      description.addProperty("dtype", "F32");
      JsonArray shape = new JsonArray();
      entry.getValue().shape().forEach(shape::add);
      description.add("shape", shape);
      JsonArray offsets = new JsonArray();
      offsets.add(offset);
      offsets.add(end);
      description.add("data_offsets", offsets);
      header.add(entry.getKey(), description);
      offset = end;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer head = littleEndian(8 + padded).putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }

    Path temporary =
        Files.createTempFile(
            file.toAbsolutePath().getParent(), file.getFileName().toString(), ".partial");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        writeFully(channel, head.flip());
        for (WeightTensor tensor : tensors.values()) {
          ByteBuffer bytes = littleEndian(4 * tensor.size());
          bytes.asFloatBuffer().put(tensor.values());
          writeFully(channel, bytes);
        }
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static JsonObject header(Path file, ByteBuffer bytes) {
    try {
      JsonElement json = JsonParser.parseString(StandardCharsets.UTF_8.decode(bytes).toString());
      if (json.isJsonObject()) {
        return json.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      throw new WeightsFormatException(file, "header is not JSON: " + e.getMessage());
    } catch (StackOverflowError e) {
      throw new WeightsFormatException(file, "header is nested too deeply to be a tensor list");
    }
    throw new WeightsFormatException(file, "header is not a JSON object");
  }

  private static Entry entry(Path file, String name, JsonElement json, long dataSize) {
    Entry entry;
    try {
      JsonObject description = json.getAsJsonObject();
      List<Integer> shape = new ArrayList<>();
      for (JsonElement side : description.getAsJsonArray("shape")) {
        shape.add(Math.toIntExact(side.getAsLong()));
      }
      JsonArray offsets = description.getAsJsonArray("data_offsets");
      entry =
          new Entry(
              description.get("dtype").getAsString(),
              shape,
              offsets.get(0).getAsLong(),
              offsets.get(1).getAsLong());
    } catch (RuntimeException e) {
      throw new WeightsFormatException(
          file, "tensor '" + name + "' lacks a valid dtype, shape or data_offsets");
    }
    entry.check(file, name, dataSize);
    return entry;
  }

  private record Entry(String type, List<Integer> shape, long begin, long end) {

    long bytes() {
      return end - begin;
    }

    int bytesPerValue(Path file, String name) {
      return switch (type) {
        case "F32" -> 4;
        case "F16", "BF16" -> 2;
        default ->
            throw new WeightsFormatException(
                file,
                "tensor '" + name + "' is of type " + type + "; F32, F16 or BF16 can be read");
      };
    }

    void check(Path file, String name, long dataSize) {
      if (begin < 0 || end < begin || end > dataSize) {
        throw new WeightsFormatException(
            file,
            String.format(
                "tensor '%s' lies at bytes %d to %d of %d; the file is truncated or damaged",
                name, begin, end, dataSize));
      }
      long wanted = bytesPerValue(file, name);
      try {
        for (int side : shape) {
          if (side < 0) {
            throw new ArithmeticException();
          }
          wanted = Math.multiplyExact(wanted, (long) side);
        }
      } catch (ArithmeticException e) {
        wanted = -1;
      }
      if (wanted != bytes() || wanted > Integer.MAX_VALUE) {
        throw new WeightsFormatException(
            file,
            String.format(
                "tensor '%s' of type %s and shape %s cannot have %d bytes",
                name, type, shape, bytes()));
      }
    }

    WeightTensor decode(ByteBuffer bytes) {
      float[] values;
      if (type.equals("F32")) {
        values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
      } else {
        values = new float[bytes.remaining() / 2];
        boolean half = type.equals("F16");
        for (int i = 0; i < values.length; i++) {
          short bits = bytes.getShort(2 * i);
          values[i] = half ? halfToFloat(bits) : Float.intBitsToFloat(bits << 16);
        }
      }
      return WeightTensor.wrap(shape, values);
    }
  }

  /** IEEE 754 binary16; {@code Float.float16ToFloat} came only with Java 20. */
  static float halfToFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1f ? 0xff : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  private static ByteBuffer readFully(Path file, FileChannel channel, long position, int size)
      throws IOException {
    ByteBuffer buffer = littleEndian(size);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new WeightsFormatException(
            file, "ended at byte " + (position + buffer.position()) + " while it was read");
      }
    }
    return buffer.flip();
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
