package dev.fgvc.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Arrays as NumPy's {@code .npy} files of format version 1, in C order, for other programs. */
public final class NpyFormat {

  /** The first time that a zip file can hold: equal arrays give equal archives. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private NpyFormat() {}

  /**
   * A float32 array.
   *
   * @param values all of them, from position to limit, the last axis fastest
   * @param shape lengths of the axes
   * @return the bytes of the whole file
   * @throws IllegalArgumentException if there are more or fewer values than the shape says
   */
  public static byte[] floats(FloatBuffer values, List<Integer> shape) {
    ByteBuffer npy = start("<f4", Float.BYTES, shape, values.remaining());
    npy.asFloatBuffer().put(values.duplicate());
    return npy.array();
  }

  /**
   * An int32 vector.
   *
   * @param values all of them
   * @return the bytes of the whole file
   */
  public static byte[] integers(int... values) {
    ByteBuffer npy = start("<i4", Integer.BYTES, List.of(values.length), values.length);
    npy.asIntBuffer().put(IntBuffer.wrap(values));
    return npy.array();
  }

  /**
   * A float64 vector.
   *
   * @param values all of them
   * @return the bytes of the whole file
   */
  public static byte[] doubles(double... values) {
    ByteBuffer npy = start("<f8", Double.BYTES, List.of(values.length), values.length);
    npy.asDoubleBuffer().put(DoubleBuffer.wrap(values));
    return npy.array();
  }

  /**
   * A vector of texts, each as long as the longest, filled up with zeros. A zero at a text's end
   * would be taken for one of these.
   *
   * @param values all of them
   * @return the bytes of the whole file
   */
  public static byte[] texts(List<String> values) {
    int longest =
        values.stream().mapToInt(text -> text.codePointCount(0, text.length())).max().orElse(0);
    int length = Math.max(1, longest);
    ByteBuffer npy =
        start("<U" + length, Integer.BYTES * length, List.of(values.size()), values.size());
    int at = npy.position();
    for (String text : values) {
      npy.position(at);
      text.codePoints().forEach(npy::putInt);
      at += Integer.BYTES * length;
    }
    return npy.array();
  }

  /**
   * Adds an array to a NumPy archive ({@code .npz}), uncompressed and without the time, so that
   * equal arrays give equal archives.
   *
   * @param zip the archive
   * @param array what the array is called there; slashes stay
   * @param npy the bytes of the array's whole file
   * @throws IOException if they cannot be written, or the archive has an array of that name
   */
  public static void store(ZipOutputStream zip, String array, byte[] npy) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(npy);
    ZipEntry entry = new ZipEntry(array + ".npy");
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(npy.length);
    entry.setCrc(checksum.getValue());
    entry.setTimeLocal(NO_TIME);
    zip.putNextEntry(entry);
    zip.write(npy);
    zip.closeEntry();
  }

  /**
   * Returns a buffer positioned after the header, whose length NumPy wants to be a multiple of 64.
   */
  private static ByteBuffer start(String type, int valueBytes, List<Integer> shape, int values) {
    long wanted = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    if (wanted != values) {
      throw new IllegalArgumentException(values + " values for an array of shape " + shape);
    }
    String sides = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
    String header =
        String.format(
            Locale.ROOT,
            "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }",
            type,
            sides,
            shape.size() == 1 ? "," : "");
    int headerSize = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
    ByteBuffer npy =
        ByteBuffer.allocate(Math.addExact(10 + headerSize, Math.multiplyExact(valueBytes, values)))
            .order(ByteOrder.LITTLE_ENDIAN);
    npy.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    npy.put((byte) 1).put((byte) 0).putShort((short) headerSize);
    npy.put(header.getBytes(StandardCharsets.US_ASCII));
    while (npy.position() < 9 + headerSize) {
      npy.put((byte) ' ');
    }
    return npy.put((byte) '\n');
  }
}
