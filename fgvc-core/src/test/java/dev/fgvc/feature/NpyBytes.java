package dev.fgvc.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

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
        case "i4" -> bytes.putInt((int) value);
        case "i8" -> bytes.putLong((long) value);
        default -> bytes.put((byte) value);
      }
    }
    return java.util.Arrays.copyOf(bytes.array(), bytes.position());
  }
}
