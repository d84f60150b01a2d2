package dev.fgvc.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Reads what {@link BinaryWriter} has written, from wherever the bytes come. Kind, version and
 * checksum are compared first; each length is held against the bytes that are really there before
 * memory is taken for it. The checksum finds accidents: bytes made to deceive can carry a right
 * one, and every value is still to be checked by whoever reads it.
 */
public final class BinaryReader {

  private final ByteBuffer buffer;
  private final String source;

  /**
   * Opens the bytes of one object.
   *
   * @param bytes all of them
   * @param kind what they must hold
   * @param newest the latest version that the caller reads
   * @param source where the bytes are from, for error messages
   * @throws BinaryFormatException if they are damaged, of another kind or of a later version
   */
  public BinaryReader(byte[] bytes, String kind, int newest, String source) {
    this.source = source;
    this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 2 * Integer.BYTES || buffer.getInt() != BinaryWriter.MAGIC) {
      throw new BinaryFormatException(source, 0, "expected fgvc's bytes of a " + kind);
    }
    int end = bytes.length - Integer.BYTES;
    buffer.limit(end);
    String found = text();
    if (!found.equals(kind)) {
      throw problem("expected a " + kind + ", found a " + found);
    }
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, end);
    if ((int) checksum.getValue()
        != buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(bytes.length).getInt(end)) {
      throw new BinaryFormatException(
          source, end, "the checksum does not fit: the " + kind + " is damaged or cut off");
    }
    int version = integer();
    if (version < 1 || version > newest) {
      throw problem(
          String.format(
              Locale.ROOT,
              "a %s of version %d, where this library reads up to %d",
              kind,
              version,
              newest));
    }
  }

  /**
   * An exception that names the source and the current place.
   *
   * @param message what was expected and what was found
   * @return to be thrown
   */
  public BinaryFormatException problem(String message) {
    return new BinaryFormatException(source, buffer.position(), message);
  }

  private void require(long bytes) {
    if (bytes < 0 || bytes > buffer.remaining()) {
      throw problem(
          String.format(
              Locale.ROOT, "expected %d bytes, found the last %d", bytes, buffer.remaining()));
    }
  }

  /**
   * The next four bytes.
   *
   * @return any number
   */
  public int integer() {
    require(Integer.BYTES);
    return buffer.getInt();
  }

  /**
   * The next eight bytes.
   *
   * @return any number
   */
  public long longInteger() {
    require(Long.BYTES);
    return buffer.getLong();
  }

  /**
   * A number of things that follow.
   *
   * @param bytesOfEach how long one is at least, from 1
   * @return at least 0, and no more than the bytes left can hold
   */
  public int count(int bytesOfEach) {
    int count = integer();
    if (count < 0 || (long) count * bytesOfEach > buffer.remaining()) {
      throw problem(
          String.format(
              Locale.ROOT,
              "%d items of at least %d bytes do not fit into the last %d",
              count,
              bytesOfEach,
              buffer.remaining()));
    }
    return count;
  }

  /**
   * A text.
   *
   * @return the same that was put
   */
  public String text() {
    int at = buffer.position();
    ByteBuffer encoded = ByteBuffer.wrap(bytes());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(encoded).toString();
    } catch (CharacterCodingException e) {
      throw new BinaryFormatException(source, at, "a text that is not UTF-8");
    }
  }

  /**
   * Bytes, as many as were put.
   *
   * @return a new array
   */
  public byte[] bytes() {
    byte[] values = new byte[count(1)];
    buffer.get(values);
    return values;
  }

  /**
   * 32-bit numbers.
   *
   * @param count how many
   * @return a new array; NaN and infinity are left to the caller
   */
  public float[] floats(long count) {
    require(Math.multiplyExact(Float.BYTES, count));
    FloatBuffer view = buffer.asFloatBuffer();
    float[] values = new float[(int) count];
    view.get(values);
    buffer.position(buffer.position() + Float.BYTES * values.length);
    return values;
  }

  /**
   * 64-bit numbers.
   *
   * @param count how many
   * @return a new array; NaN and infinity are left to the caller
   */
  public double[] doubles(long count) {
    require(Math.multiplyExact(Double.BYTES, count));
    double[] values = new double[(int) count];
    buffer.asDoubleBuffer().get(values);
    buffer.position(buffer.position() + Double.BYTES * values.length);
    return values;
  }

  /**
   * Requires that nothing is left.
   *
   * @throws BinaryFormatException if something is
   */
  public void requireEnd() {
    if (buffer.hasRemaining()) {
      throw problem("expected the end, found " + buffer.remaining() + " more bytes");
    }
  }
}
