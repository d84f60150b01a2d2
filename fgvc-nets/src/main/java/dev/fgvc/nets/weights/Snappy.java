package dev.fgvc.nets.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Decompresses one Snappy block (google/snappy, {@code format_description.txt}). The kept Java
 * libraries for this bring native code or {@code Unsafe}, too much for an optional detail of a
 * checkpoint's index.
 */
final class Snappy {

  /** A copy of 64 bytes takes 3, so no honest block grows more than 22-fold. */
  private static final long MAX_GROWTH = 22;

  private Snappy() {}

  /**
   * The decompressed bytes, or empty if the input is no whole block; the output is allocated only
   * if the input can fill it.
   */
  static Optional<ByteBuffer> decompress(ByteBuffer input) {
    long declared = 0;
    int shift = 0;
    int next;
    do {
      if (!input.hasRemaining() || shift > 28) {
        return Optional.empty();
      }
      next = input.get() & 0xff;
      declared |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next >= 0x80);
    if (declared > MAX_GROWTH * input.remaining() || declared > Integer.MAX_VALUE - 16) {
      return Optional.empty();
    }
    byte[] output = new byte[(int) declared];
    int filled = 0;
    while (input.hasRemaining()) {
      int written = element(input, output, filled);
      if (written < 0) {
        return Optional.empty();
      }
      filled += written;
    }
    return filled == output.length
        ? Optional.of(ByteBuffer.wrap(output).order(ByteOrder.LITTLE_ENDIAN))
        : Optional.empty();
  }

  /** Bytes written by one element, or -1 if it is damaged. */
  private static int element(ByteBuffer input, byte[] output, int filled) {
    int tag = input.get() & 0xff;
    if ((tag & 3) == 0) {
      return literal(input, tag >> 2, output, filled);
    }
    int extra = (tag & 3) == 3 ? 4 : tag & 3;
    if (input.remaining() < extra) {
      return -1;
    }
    long operand = unsigned(input, extra);
    int length = (tag & 3) == 1 ? 4 + (tag >> 2 & 7) : 1 + (tag >> 2);
    long distance = (tag & 3) == 1 ? operand | (long) (tag & 0xe0) << 3 : operand;
    if (distance < 1 || distance > filled || length > output.length - filled) {
      return -1;
    }
    for (int i = 0; i < length; i++) { // byte by byte: a copy may overlap its own source
      output[filled + i] = output[filled + i - (int) distance];
    }
    return length;
  }

  private static int literal(ByteBuffer input, int code, byte[] output, int filled) {
    long length = code + 1L;
    if (code >= 60) {
      int extra = code - 59;
      if (input.remaining() < extra) {
        return -1;
      }
      length = unsigned(input, extra) + 1;
    }
    if (length > input.remaining() || length > output.length - filled) {
      return -1;
    }
    input.get(output, filled, (int) length);
    return (int) length;
  }

  private static long unsigned(ByteBuffer input, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) (input.get() & 0xff) << 8 * i;
    }
    return value;
  }
}
