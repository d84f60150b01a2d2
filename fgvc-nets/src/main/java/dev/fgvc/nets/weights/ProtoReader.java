package dev.fgvc.nets.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Walks over the fields of one protocol buffer message. The checkpoints need five small messages; a
 * protobuf runtime would be a dependency of every user of this module for them.
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
final class ProtoReader {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final Path file;
  private final String message;
  private final ByteBuffer buffer;
  private int field;
  private int wireType;

  /**
   * A reader.
   *
   * @param message what is read, for error messages
   */
  ProtoReader(Path file, String message, ByteBuffer buffer) {
    this.file = file;
    this.message = message;
    this.buffer = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Steps to the next field, whose content must then be read or skipped. */
  boolean next() {
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

  int field() {
    return field;
  }

  boolean isPacked() {
    return wireType == BYTES;
  }

  long number() {
    require(VARINT);
    return rawVarint();
  }

  int fixed32() {
    require(FIXED32);
    return take(4).getInt();
  }

  long fixed64() {
    require(FIXED64);
    return take(8).getLong();
  }

  String text() {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }

  ProtoReader nested(String name) {
    return new ProtoReader(file, name, bytes());
  }

  /** The content of a nested message, text or packed field; a view. */
  ByteBuffer bytes() {
    require(BYTES);
    return take(rawVarint());
  }

  void skip() {
    switch (wireType) {
      case VARINT -> rawVarint();
      case FIXED64 -> take(8);
      case BYTES -> take(rawVarint());
      case FIXED32 -> take(4);
      default -> throw damaged("a wire type of 0, 1, 2 or 5", Integer.toString(wireType));
    }
  }

  WeightsFormatException damaged(String expected, String found) {
    return new WeightsFormatException(
        file,
        String.format(
            Locale.ROOT,
            "%s, at its byte %d: expected %s, found %s",
            message,
            buffer.position(),
            expected,
            found));
  }

  /** A base-128 number, or empty if the buffer ends within it or it has more than 64 bits. */
  static OptionalLong varint(ByteBuffer buffer) {
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
