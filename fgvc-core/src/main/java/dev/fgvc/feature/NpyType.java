package dev.fgvc.feature;

import dev.fgvc.file.NarrowFloats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The type of an array's elements, which a header describes such as {@code <f4}: the order of the
 * bytes, a letter and a number.
 *
 * @param kind what an element is
 * @param bytes of an element
 * @param order of the bytes of a number or character
 */
record NpyType(Kind kind, int bytes, ByteOrder order) {

  /** Longer texts are no names of classes. */
  private static final int MOST_TEXT_BYTES = 1 << 12;

  private static final double TWO_TO_64 = 0x1p64;

  /** The kinds of elements. */
  enum Kind {
    BOOLEAN,
    SIGNED,
    UNSIGNED,
    FLOATING,
    BFLOAT16,
    /** Characters of one byte. */
    BYTES,
    /** Characters of four bytes. */
    UNICODE
  }

  /** The type that a description means; empty if its values cannot be read. */
  static Optional<NpyType> of(String descr) {
    ByteOrder order = descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    String type = descr.replaceFirst("^[<>|=]", "");
    Kind kind =
        switch (type) {
          case "b1" -> Kind.BOOLEAN;
          case "i1", "i2", "i4", "i8" -> Kind.SIGNED;
          case "u1", "u2", "u4", "u8" -> Kind.UNSIGNED;
          case "f2", "f4", "f8" -> Kind.FLOATING;
          default -> null;
        };
    if (kind != null) {
      return Optional.of(new NpyType(kind, type.charAt(1) - '0', order));
    }
    if (type.equals("V2") && !descr.startsWith("|")) {
      // So NumPy writes bfloat16 of ml_dtypes; other raw bytes are |V2.
      return Optional.of(new NpyType(Kind.BFLOAT16, Short.BYTES, order));
    }
    if (type.matches("[US][1-9][0-9]{0,3}")) {
      boolean wide = type.charAt(0) == 'U';
      int bytes = (wide ? 4 : 1) * Integer.parseInt(type.substring(1));
      return Optional.of(new NpyType(wide ? Kind.UNICODE : Kind.BYTES, bytes, order))
          .filter(text -> text.bytes <= MOST_TEXT_BYTES);
    }
    return Optional.empty();
  }

  boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED || kind == Kind.BOOLEAN;
  }

  boolean isText() {
    return kind == Kind.BYTES || kind == Kind.UNICODE;
  }

  /** Whether Java's own floats are read from the bytes as they lie. */
  boolean isMappable() {
    return kind == Kind.FLOATING && bytes == Float.BYTES && order.equals(ByteOrder.LITTLE_ENDIAN);
  }

  /** The next number of a buffer in this type's order; a whole one beyond 2^53 is rounded. */
  double number(ByteBuffer buffer) {
    return switch (kind) {
      case BOOLEAN -> buffer.get() == 0 ? 0 : 1;
      case BFLOAT16 -> NarrowFloats.fromBfloat16(buffer.getShort());
      case FLOATING ->
          switch (bytes) {
            case 2 -> NarrowFloats.fromHalf(buffer.getShort());
            case 4 -> buffer.getFloat();
            default -> buffer.getDouble();
          };
      case SIGNED -> whole(buffer);
      case UNSIGNED -> {
        long value = whole(buffer);
        yield bytes < 8 ? value & (1L << 8 * bytes) - 1 : value >= 0 ? value : value + TWO_TO_64;
      }
      case BYTES, UNICODE -> throw new IllegalStateException("a text is no number");
    };
  }

  private long whole(ByteBuffer buffer) {
    return switch (bytes) {
      case 1 -> buffer.get();
      case 2 -> buffer.getShort();
      case 4 -> buffer.getInt();
      default -> buffer.getLong();
    };
  }

  /** The next text of a buffer in this type's order, without the zeros that fill it up. */
  String text(ByteBuffer buffer) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes; i += kind == Kind.UNICODE ? 4 : 1) {
      int character = kind == Kind.UNICODE ? buffer.getInt() : buffer.get() & 0xff;
      text.appendCodePoint(Character.isValidCodePoint(character) ? character : 0xFFFD);
    }
    int length = text.length();
    while (length > 0 && text.charAt(length - 1) == 0) {
      length--;
    }
    text.setLength(length);
    return kind == Kind.UNICODE
        ? text.toString()
        : new String(text.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
