package dev.fgvc.nets.weights;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Any named tensors with any named texts in one safetensors file that tells when it is damaged: a
 * CRC-32C over all names, shapes, values and texts stands among the texts. What training writes its
 * checkpoints in. Immutable.
 *
 * @param tensors by name
 * @param texts by name
 */
public record TensorFile(Map<String, WeightTensor> tensors, Map<String, String> texts) {

  private static final String CHECKSUM = "crc32c";

  /** Keeps copies of the maps. */
  public TensorFile {
    tensors = ImmutableMap.copyOf(tensors);
    texts = ImmutableMap.copyOf(texts);
    if (texts.containsKey(CHECKSUM)) {
      throw new IllegalArgumentException("a text cannot be called " + CHECKSUM);
    }
  }

  /**
   * Reads a file and checks it.
   *
   * @param file its path
   * @return what it holds
   * @throws WeightsFormatException if it is truncated, damaged, or has no checksum
   * @throws IOException if it cannot be read
   */
  public static TensorFile read(Path file) throws IOException {
    try (Safetensors content = Safetensors.open(file)) {
      Map<String, String> texts = new HashMap<>(content.metadata());
      String expected = texts.remove(CHECKSUM);
      if (expected == null) {
        throw new WeightsFormatException(file, "no checksum among its texts");
      }
      TensorFile read = new TensorFile(content.weightsInMemory(), texts);
      if (!read.checksum().equals(expected)) {
        throw new WeightsFormatException(
            file, "damaged: its CRC-32C is " + read.checksum() + ", not " + expected);
      }
      return read;
    }
  }

  /**
   * Writes the file whole or not at all, forced to the disk.
   *
   * @param file its path; the folder must exist
   * @throws IOException if it cannot be written; what stood there before is untouched
   */
  public void write(Path file) throws IOException {
    Map<String, String> all = new TreeMap<>(texts);
    all.put(CHECKSUM, checksum());
    Safetensors.write(file, tensors, all);
  }

  /**
   * The size of the tensors' values.
   *
   * @return bytes; the file has its header besides, some kilobytes
   */
  public long bytes() {
    return tensors.values().stream().mapToLong(tensor -> 4L * tensor.size()).sum();
  }

  private String checksum() {
    CRC32C crc = new CRC32C();
    new TreeMap<>(texts).forEach((name, text) -> update(crc, name + "\0" + text + "\0"));
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) -> {
              update(crc, name + "\0" + tensor.shape() + "\0");
              ByteBuffer bytes =
                  ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
              tensor.copyTo(bytes.asFloatBuffer());
              crc.update(bytes);
            });
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }

  private static void update(CRC32C crc, String text) {
    crc.update(text.getBytes(StandardCharsets.UTF_8));
  }
}
