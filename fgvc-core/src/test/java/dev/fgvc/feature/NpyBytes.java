package dev.fgvc.feature;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes {@code .npy} files for tests, good and bad. */
final class NpyBytes {

  private NpyBytes() {}

  static Path write(Path path, String descr, boolean fortran, String shape, double... values)
      throws IOException {
    String header =
        "{'descr': '"
            + descr
            + "', 'fortran_order': "
            + (fortran ? "True" : "False")
            + ", 'shape': "
            + shape
            + ", }";
    return write(path, header, data(descr, values));
  }

  static Path write(Path path, String header, byte[] data) throws IOException {
    String padded = header + " ".repeat(63 - (10 + header.length()) % 64) + "\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + padded.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) padded.length());
    bytes.put(padded.getBytes(StandardCharsets.ISO_8859_1));
    bytes.put(data);
    return Files.write(path, bytes.array());
  }

  static byte[] data(String descr, double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length);
    bytes.order(descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (descr.substring(1)) {
        case "f4" -> bytes.putFloat((float) value);
        case "f8" -> bytes.putDouble(value);
        case "f2" -> bytes.putShort(half((float) value));
        case "V2" -> bytes.putShort((short) (Float.floatToIntBits((float) value) >> 16));
        case "i2", "u2" -> bytes.putShort((short) value);
        case "i4", "u4" -> bytes.putInt((int) value);
        case "i8", "u8" -> bytes.putLong((long) value);
        default -> bytes.put((byte) value);
      }
    }
    return java.util.Arrays.copyOf(bytes.array(), bytes.position());
  }

  /** Takes whole numbers and halves of moderate size alone. */
  private static short half(float value) {
    int bits = Float.floatToIntBits(value);
    return (short)
        (value == 0
            ? 0
            : bits >> 16 & 0x8000 | (bits >> 23 & 0xff) - 112 << 10 | bits >> 13 & 0x3ff);
  }

  /** A zip file as {@code numpy.savez} writes it. */
  static byte[] archive(int method, Map<String, byte[]> arrays) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> array : new TreeMap<>(arrays).entrySet()) {
        ZipEntry entry = new ZipEntry(array.getKey() + ".npy");
        CRC32 checksum = new CRC32();
        checksum.update(array.getValue());
        entry.setMethod(method);
        entry.setSize(array.getValue().length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(array.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
