package dev.fgvc.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damages files as disks, networks, editors and attackers do: bits flip, ends are lost, blocks are
 * zeroed, moved, repeated or taken from other files, sizes lie, numbers in texts become huge.
 */
final class ByteMutations {

  /** Around the borders of the types that sizes are read as. */
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    7,
    -1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    1L << 20,
    1L << 28,
    Integer.MAX_VALUE,
    1L << 31,
    0xFFFFFFFFL,
    1L << 32,
    (1L << 53) + 1,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final String[] TOKENS = {
    "0",
    "-1",
    "1e9",
    "NaN",
    "Infinity",
    "2147483647",
    "4294967296",
    "9223372036854775808",
    "999999999999999999999999",
    "\uFEFF",
    "\u0000",
    "\r",
    "\r\n",
    "\n\n",
    "\t",
    "../",
    "/",
    ": ",
    ",",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "null",
    "e\u0301"
  };

  /** Deep nesting must end in a refusal, not in a full stack. */
  private static final int MOST_REPEATS = 20_000;

  private final List<byte[]> samples;
  private final List<byte[]> tokens = new ArrayList<>();

  /**
   * Mutations of some files.
   *
   * @param samples whole files; blocks move from one to another
   * @param words what the format's texts are made of
   */
  ByteMutations(List<byte[]> samples, List<String> words) {
    this.samples = samples;
    words.forEach(word -> tokens.add(word.getBytes(StandardCharsets.UTF_8)));
    for (String token : TOKENS) {
      tokens.add(token.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** One of the files with one to four damages, or now and then more. */
  byte[] next(SplittableRandom random) {
    byte[] bytes = sample(random).clone();
    int damages = 1 + random.nextInt(random.nextInt(8) == 0 ? 20 : 4);
    for (int i = 0; i < damages; i++) {
      bytes = damaged(bytes, random);
    }
    return bytes;
  }

  private byte[] sample(SplittableRandom random) {
    return samples.get(random.nextInt(samples.size()));
  }

  private byte[] damaged(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length + 1);
    int length = Math.min(bytes.length - at, 1 << random.nextInt(12));
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        if (at < bytes.length) {
          bytes[at] ^= (byte) (1 << random.nextInt(8));
        }
      }
      case 2 -> {
        if (at < bytes.length) {
          bytes[at] = (byte) random.nextInt(256);
        }
      }
      case 3, 4 -> putNumber(bytes, at, random);
      case 5 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 6 -> Arrays.fill(bytes, at, at + length, (byte) (random.nextBoolean() ? 0 : 0xFF));
      case 7 -> {
        return spliced(bytes, at, at + length, new byte[0]);
      }
      case 8 -> {
        return spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
      }
      case 9 -> {
        byte[] other = sample(random);
        int from = random.nextInt(other.length + 1);
        int to = Math.min(other.length, from + (1 << random.nextInt(12)));
        return spliced(bytes, at, at + length, Arrays.copyOfRange(other, from, to));
      }
      case 10 -> {
        return spliced(bytes, at, at, token(random));
      }
      default -> {
        return withOtherDigits(bytes, at, random);
      }
    }
    return bytes;
  }

  private static void putNumber(byte[] bytes, int at, SplittableRandom random) {
    ByteBuffer number =
        ByteBuffer.allocate(Long.BYTES)
            .order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long value = NUMBERS[random.nextInt(NUMBERS.length)];
    int width = 1 << random.nextInt(4);
    switch (width) {
      case 1 -> number.put((byte) value);
      case 2 -> number.putShort((short) value);
      case 4 -> number.putInt((int) value);
      default -> number.putLong(value);
    }
    // Most formats align their numbers.
    int start = random.nextBoolean() ? at : at / width * width;
    System.arraycopy(number.array(), 0, bytes, start, Math.min(width, bytes.length - start));
  }

  private byte[] token(SplittableRandom random) {
    byte[] token = tokens.get(random.nextInt(tokens.size()));
    if (random.nextInt(30) > 0) {
      return token;
    }
    int repeats = 1 + random.nextInt(MOST_REPEATS);
    byte[] many = new byte[token.length * repeats];
    for (int i = 0; i < many.length; i++) {
      many[i] = token[i % token.length];
    }
    return many;
  }

  /** Replaces the first decimal number after a place. */
  private byte[] withOtherDigits(byte[] bytes, int at, SplittableRandom random) {
    int from = at;
    while (from < bytes.length && !isDigit(bytes[from])) {
      from++;
    }
    int to = from;
    while (to < bytes.length && isDigit(bytes[to])) {
      to++;
    }
    return spliced(bytes, from, to, token(random));
  }

  private static boolean isDigit(byte value) {
    return value >= '0' && value <= '9';
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle) {
    byte[] result = Arrays.copyOf(bytes, bytes.length - (to - from) + middle.length);
    System.arraycopy(middle, 0, result, from, middle.length);
    System.arraycopy(bytes, to, result, from + middle.length, bytes.length - to);
    return result;
  }
}
