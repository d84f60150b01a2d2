package dev.fgvc.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/**
 * Walks over the fields of one protocol buffer message. TensorFlow's checkpoints need five small
 * messages and ONNX models a few more; a protobuf runtime would be a dependency of every user for
 * them.
 *
 * <pre>{@code
 * while (message.next()) {
 *   switch (message.field()) {
 *     case 1 -> name = message.text();
 *     default -> message.skip();
 *   }
 * }
 * }</pre>
 */
public final class ProtoReader {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final Path file;
  private final String message;
  private final ByteBuffer buffer;
  private final BiFunction<Path, String, ? extends RuntimeException> exception;
  private int field;
  private int wireType;

  /**
   * Starts before the first field.
   *
   * @param file for error messages
   * @param message what is read, for error messages
   * @param buffer the message's bytes, from position to limit
   * @param exception makes the exception for damage of the file and a description
   */
  public ProtoReader(
      Path file,
      String message,
      ByteBuffer buffer,
      BiFunction<Path, String, ? extends RuntimeException> exception) {
    this.file = file;
    this.message = message;
    this.buffer = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.exception = exception;
  }

  /**
   * Steps to the next field, whose content must then be read or skipped.
   *
   * @return false at the end of the message
   */
  public boolean next() {
    if (!buffer.hasRemaining()) {
      return false;
    }
    long tag = rawVarint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag < 0 || tag >>> 3 > Integer.MAX_VALUE || field == 0) {
      throw damaged("a field's tag", Long.toString(tag));
    }
    return true;
  }

  /**
   * Which field the reader stands at.
   *
   * @return its number, at least 1
   */
  public int field() {
    return field;
  }

  /**
   * Whether a repeated number is packed, so that {@link #bytes} reads it.
   *
   * @return whether the field holds bytes
   */
  public boolean isPacked() {
    return wireType == BYTES;
  }

  /**
   * Reads the field as a base-128 number.
   *
   * @return its 64 bits
   */
  public long number() {
    require(VARINT);
    return rawVarint();
  }

  /**
   * Reads the field as 32 fixed bits.
   *
   * @return the bits
   */
  public int fixed32() {
    require(FIXED32);
    return take(4).getInt();
  }

  /**
   * Reads the field as 64 fixed bits.
   *
   * @return the bits
   */
  public long fixed64() {
    require(FIXED64);
    return take(8).getLong();
  }

  /**
   * Reads the field as text.
   *
   * @return its characters
   */
  public String text() {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }

  /**
   * Reads the field as a message.
   *
   * @param name for error messages
   * @return a reader of it
   */
  public ProtoReader nested(String name) {
    return new ProtoReader(file, name, bytes(), exception);
  }

  /**
   * The content of a nested message, text or packed field.
   *
   * @return a view, little-endian
   */
  public ByteBuffer bytes() {
    require(BYTES);
    return take(rawVarint());
  }

  /** Passes over the field. */
  public void skip() {
    switch (wireType) {
      case VARINT -> rawVarint();
      case FIXED64 -> take(8);
      case BYTES -> take(rawVarint());
      case FIXED32 -> take(4);
      default -> throw damaged("a wire type of 0, 1, 2 or 5", Integer.toString(wireType));
    }
  }

  /**
   * Damage at the place the reader has come to.
   *
   * @param expected what should stand there
   * @param found what does
   * @return the exception, to be thrown
   */
  public RuntimeException damaged(String expected, String found) {
    return exception.apply(
        file,
        String.format(
            Locale.ROOT,
            "%s, at its byte %d: expected %s, found %s",
            message,
            buffer.position(),
            expected,
            found));
  }

  /**
   * Reads a base-128 number.
   *
   * @param buffer from its position on, which moves
   * @return the number, or empty if the buffer ends within it or it has more than 64 bits
   */
  public static OptionalLong varint(ByteBuffer buffer) {
    long value = 0;
    for (int shift = 0; shift < 64 && buffer.hasRemaining(); shift += 7) {
      byte next = buffer.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return OptionalLong.of(value);
      }
    }
    return OptionalLong.empty();
  }

  private long rawVarint() {
    return varint(buffer).orElseThrow(() -> damaged("a number", "no end of it"));
  }

  private ByteBuffer take(long length) {
    if (length < 0 || length > buffer.remaining()) {
      throw damaged(length + " bytes", buffer.remaining() + " bytes");
    }
    ByteBuffer part = buffer.slice(buffer.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.position(buffer.position() + (int) length);
    return part;
  }

  private void require(int type) {
    if (wireType != type) {
      throw damaged("wire type " + type + " in field " + field, Integer.toString(wireType));
    }
  }
}
