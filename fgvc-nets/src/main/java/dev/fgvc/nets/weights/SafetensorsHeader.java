package dev.fgvc.nets.weights;

import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The header of a safetensors file, checked against the file's real size. It is read as a stream,
 * so that a hostile one cannot grow in memory by its nesting.
 *
 * @param entries by name, in the header's order
 * @param metadata free text by key
 * @param dataStart where the tensors' bytes begin
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata, long dataStart) {

  /** The reference implementation's bound. */
  private static final long MAX_SIZE = 100_000_000;

  private static final int MAX_RANK = 32;

  /** The position of a tensor, in bytes after the header. */
  record Entry(ElementType type, List<Integer> shape, long begin, long end) {

    /** Such as {@code float32 [3, 3, 8, 16]}. */
    String typeAndShape() {
      return type + " " + shape;
    }
  }

  static SafetensorsHeader read(FileBytes bytes) throws IOException {
    Path file = bytes.file();
    if (bytes.size() < 8) {
      throw new WeightsFormatException(
          file,
          "holds "
              + bytes.size()
              + " bytes; a safetensors file starts with 8 bytes of length"
              + FileKind.hint(file));
    }
    long size = bytes.read(0, 8, "the header's length").getLong();
    if (size < 2 || size > Math.min(MAX_SIZE, bytes.size() - 8)) {
      throw new WeightsFormatException(
          file,
          String.format(
              Locale.ROOT,
              "claims a header of %d bytes in a file of %d; not safetensors?%s",
              size,
              bytes.size(),
              FileKind.hint(file)));
    }
    String json = StandardCharsets.UTF_8.decode(bytes.read(8, size, "the header")).toString();
    SafetensorsHeader header =
        new SafetensorsHeader(new LinkedHashMap<>(), new LinkedHashMap<>(), 8 + size);
    header.parse(file, json);
    header.requirePlaces(file, bytes.size() - 8 - size);
    return header;
  }

  private void parse(Path file, String json) {
    try (JsonReader reader = new JsonReader(new StringReader(json))) {
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new WeightsFormatException(file, "header is not a JSON object");
      }
      reader.beginObject();
      while (reader.hasNext()) {
        String name = reader.nextName();
        if (name.equals("__metadata__")) {
          readMetadata(reader);
        } else if (entries.put(name, entry(file, name, reader)) != null) {
          throw new WeightsFormatException(file, "header names tensor '" + name + "' twice");
        }
      }
      reader.endObject();
    } catch (MalformedJsonException | EOFException | JsonParseException e) {
      throw new WeightsFormatException(file, "header is not JSON: " + e.getMessage());
    } catch (IOException | IllegalStateException e) {
      throw new WeightsFormatException(file, "header is no list of tensors: " + e.getMessage());
    }
  }

  private void readMetadata(JsonReader reader) throws IOException {
    reader.beginObject();
    while (reader.hasNext()) {
      metadata.put(reader.nextName(), reader.nextString());
    }
    reader.endObject();
  }

  private static Entry entry(Path file, String name, JsonReader reader) {
    Optional<ElementType> type = Optional.empty();
    String typeName = "";
    List<Long> shape = null;
    List<Long> offsets = null;
    try {
      reader.beginObject();
      while (reader.hasNext()) {
        switch (reader.nextName()) {
          case "dtype" -> {
            typeName = reader.nextString();
            type = ElementType.ofSafetensors(typeName);
          }
          case "shape" -> shape = numbers(reader);
          case "data_offsets" -> offsets = numbers(reader);
          default -> reader.skipValue();
        }
      }
      reader.endObject();
    } catch (IOException | RuntimeException e) {
      throw invalid(file, name);
    }
    if (typeName.isEmpty() || shape == null || offsets == null || offsets.size() != 2) {
      throw invalid(file, name);
    }
    String unknown = typeName;
    ElementType known =
        type.orElseThrow(
            () ->
                new WeightsFormatException(
                    file, "tensor '" + name + "' is of the unknown type " + unknown));
    long wanted = bytes(known, shape);
    long found = offsets.get(1) - offsets.get(0);
    if (offsets.get(0) < 0 || found < 0 || wanted != found) {
      throw new WeightsFormatException(
          file,
          String.format(
              Locale.ROOT,
              "tensor '%s' of type %s and shape %s cannot have bytes %d to %d",
              name,
              known,
              shape,
              offsets.get(0),
              offsets.get(1)));
    }
    return new Entry(
        known, shape.stream().map(Long::intValue).toList(), offsets.get(0), offsets.get(1));
  }

  private static WeightsFormatException invalid(Path file, String name) {
    return new WeightsFormatException(
        file, "tensor '" + name + "' lacks a valid dtype, shape or data_offsets");
  }

  private static List<Long> numbers(JsonReader reader) throws IOException {
    List<Long> numbers = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) {
      if (numbers.size() == MAX_RANK) {
        throw new IOException("more than " + MAX_RANK + " numbers");
      }
      numbers.add(reader.nextLong());
    }
    reader.endArray();
    return numbers;
  }

  /** The bytes that a tensor takes, or -1 if no array can hold it. */
  private static long bytes(ElementType type, List<Long> shape) {
    long bytes = type.bytes();
    boolean empty = shape.contains(0L);
    for (long side : shape) {
      if (side < 0 || side > Integer.MAX_VALUE) {
        return -1;
      }
      bytes *= Math.max(side, 1);
      if (bytes > Integer.MAX_VALUE - 16) {
        return -1;
      }
    }
    return empty ? 0 : bytes;
  }

  private void requirePlaces(Path file, long dataSize) {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(entries.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> entry) -> entry.getValue().begin())
            .thenComparingLong(entry -> entry.getValue().end()));
    long end = 0;
    for (Map.Entry<String, Entry> next : sorted) {
      Entry entry = next.getValue();
      if (entry.end() > dataSize) {
        throw new WeightsFormatException(
            file,
            String.format(
                Locale.ROOT,
                "tensor '%s' lies at bytes %d to %d of %d; the file is truncated or damaged",
                next.getKey(),
                entry.begin(),
                entry.end(),
                dataSize));
      }
      if (entry.begin() < end) {
        throw new WeightsFormatException(
            file, "tensor '" + next.getKey() + "' overlaps the one before it");
      }
      requireNothingBetween(file, end, entry.begin());
      end = entry.end();
    }
    requireNothingBetween(file, end, dataSize);
  }

  /** The format has no gaps: bytes of no tensor tell of damage, or of two files in one. */
  private static void requireNothingBetween(Path file, long end, long next) {
    if (next > end) {
      throw new WeightsFormatException(
          file,
          String.format(
              Locale.ROOT,
              "bytes %d to %d after the header belong to no tensor: the file is damaged; write"
                  + " or fetch it again",
              end,
              next));
    }
  }
}
