package dev.fgvc.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Writes values for {@link BinaryReader}: a kind and a version, then whatever is put, then a
 * checksum. Little-endian. The same values give the same bytes.
 *
 * <p>The layout: 4 bytes {@code fgvc}, the kind as a text, the version as an int, the values, and
 * the CRC-32C of all that as an int. A text is an int, the number of its bytes in UTF-8, and these.
 */
public final class BinaryWriter {

  static final int MAGIC = 0x63766766; // "fgvc", read little-endian

  private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * Starts the bytes of one object.
   *
   * @param kind tells these bytes from those of other types
   * @param version of the layout of the values, at least 1
   */
  public BinaryWriter(String kind, int version) {
    putInt(MAGIC);
    putText(kind);
    putInt(version);
  }

  private ByteBuffer room(long bytes) {
    if (bytes > buffer.remaining()) {
      long needed = buffer.position() + bytes;
      if (needed > Integer.MAX_VALUE - 8) {
        throw new IllegalStateException(
            "more than 2 GiB do not fit into one array: " + needed + " bytes");
      }
      long size = Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * buffer.capacity()));
      buffer =
          ByteBuffer.wrap(Arrays.copyOf(buffer.array(), (int) size))
              .order(ByteOrder.LITTLE_ENDIAN)
              .position(buffer.position());
    }
    return buffer;
  }

  /**
   * Adds four bytes.
   *
   * @param value any
   */
  public void putInt(int value) {
    room(Integer.BYTES).putInt(value);
  }

  /**
   * Adds eight bytes.
   *
   * @param value any
   */
  public void putLong(long value) {
    room(Long.BYTES).putLong(value);
  }

  /**
   * Adds a text, preceded by its length.
   *
   * @param value any text that UTF-8 can hold; an unpaired surrogate is not one
   */
  public void putText(String value) {
    putBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Adds bytes, preceded by their number.
   *
   * @param values all of them
   */
  public void putBytes(byte[] values) {
    putInt(values.length);
    room(values.length).put(values);
  }

  /**
   * Adds 32-bit numbers, without their number.
   *
   * @param values from position to limit, which do not move
   */
  public void putFloats(FloatBuffer values) {
    ByteBuffer target = room((long) Float.BYTES * values.remaining());
    target.asFloatBuffer().put(values.duplicate());
    target.position(target.position() + Float.BYTES * values.remaining());
  }

  /**
   * Adds 64-bit numbers, without their number.
   *
   * @param values all of them
   */
  public void putDoubles(double[] values) {
    ByteBuffer target = room((long) Double.BYTES * values.length);
    target.asDoubleBuffer().put(DoubleBuffer.wrap(values));
    target.position(target.position() + Double.BYTES * values.length);
  }

  /**
   * Ends the object with its checksum.
   *
   * @return all bytes; this writer is not to be used any more
   * @throws IllegalStateException if there are more than an array holds
   */
  public byte[] toBytes() {
    CRC32C checksum = new CRC32C();
    checksum.update(buffer.array(), 0, buffer.position());
    putInt((int) checksum.getValue());
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
