package dev.fgvc.nets.weights;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A safetensors file, open for reading: a little-endian length, a JSON header of that length, then
 * the tensors' bytes. Opening reads the header only.
 */
final class Safetensors implements AutoCloseable {

  /** Smaller tensors, in bytes, are read at once. */
  private static final long LEAST_IN_FILE = 1 << 16;

  private final FileBytes bytes;
  private final SafetensorsHeader header;

  private Safetensors(FileBytes bytes, SafetensorsHeader header) {
    this.bytes = bytes;
    this.header = header;
  }

  static Safetensors open(Path file) throws IOException {
    return open(FileBytes.open(file));
  }

  /**
   * The contents of a file.
   *
   * @param name what messages call them
   */
  static Safetensors of(byte[] contents, Path name) throws IOException {
    return open(FileBytes.of(contents, name));
  }

  private static Safetensors open(FileBytes bytes) throws IOException {
    try {
      return new Safetensors(bytes, SafetensorsHeader.read(bytes));
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  Path file() {
    return bytes.file();
  }

  /** Place, type and shape of every tensor, by name. */
  Map<String, SafetensorsHeader.Entry> entries() {
    return header.entries();
  }

  Map<String, String> metadata() {
    return header.metadata();
  }

  /** All tensors, none of which may hold whole numbers; large ones stay in the file. */
  Map<String, WeightTensor> weights() {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    header
        .entries()
        .forEach(
            (name, entry) -> {
              if (!entry.type().isFloating()) {
                throw new WeightsFormatException(
                    bytes.file(),
                    String.format(
                        Locale.ROOT,
                        "'%s' is of type %s, which holds no weights; a network of PyTorch, with its"
                            + " counters, is read by WeightsImport.pytorch",
                        name,
                        entry.typeAndShape()));
              }
              tensors.put(name, weights(name, entry.shape(), FileValues.Order.SAME));
            });
    return tensors;
  }

  /** All tensors, in memory. */
  Map<String, WeightTensor> weightsInMemory() {
    Map<String, WeightTensor> tensors = weights();
    tensors.replaceAll((name, tensor) -> tensor.inMemory());
    return tensors;
  }

  /**
   * A tensor of floats. It stays in the file where it is large and the file can stay open.
   *
   * @param shape that it gets
   * @param order in which its values lie in the file
   */
  WeightTensor weights(String name, List<Integer> shape, FileValues.Order order) {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (!entry.type().isFloating()) {
      throw new WeightsFormatException(
          file(), "'" + name + "' is of type " + entry.typeAndShape() + ", which holds no weights");
    }
    long length = entry.end() - entry.begin();
    int size = Math.toIntExact(length / entry.type().bytes());
    long offset = header.dataStart() + entry.begin();
    FileValues values = new FileValues(bytes, name, entry.type(), offset, size, order);
    WeightTensor tensor = WeightTensor.of(shape, values);
    if (length < LEAST_IN_FILE || !bytes.canStayOpen()) {
      return tensor.inMemory();
    }
    bytes.keepOpen();
    return tensor;
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }

  static void write(Path file, Map<String, WeightTensor> tensors, Map<String, String> metadata)
      throws IOException {
    ByteBuffer head = head(tensors, metadata);
    WholeFile.write(
        file,
        channel -> {
          WholeFile.writeFully(channel, head);
          for (WeightTensor tensor : tensors.values()) {
            WholeFile.writeFully(channel, values(tensor));
          }
        });
  }

  /** Returns the bytes that {@link #write} writes. */
  static byte[] toBytes(Map<String, WeightTensor> tensors, Map<String, String> metadata) {
    ByteBuffer head = head(tensors, metadata);
    long size =
        head.remaining() + tensors.values().stream().mapToLong(each -> 4L * each.size()).sum();
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException("weights of " + size + " bytes do not fit into one array");
    }
    ByteBuffer whole = ByteBuffer.allocate((int) size).put(head);
    tensors.values().forEach(tensor -> whole.put(values(tensor)));
    return whole.array();
  }

  private static ByteBuffer head(Map<String, WeightTensor> tensors, Map<String, String> metadata) {
    byte[] json = header(tensors, metadata).toString().getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer head = littleEndian(8 + padded).putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    return head.flip();
  }

  private static ByteBuffer values(WeightTensor tensor) {
    ByteBuffer values = littleEndian(4 * tensor.size());
    tensor.copyTo(values.asFloatBuffer());
    return values;
  }

  private static JsonObject header(
      Map<String, WeightTensor> tensors, Map<String, String> metadata) {
    JsonObject header = new JsonObject();
    if (!metadata.isEmpty()) {
      JsonObject texts = new JsonObject();
      metadata.forEach(texts::addProperty);
      header.add("__metadata__", texts);
    }
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
    return header;
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
