package dev.fgvc.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The metadata that PNG files carry in texts: XMP under its own keyword, and what ImageMagick and
 * others call raw profiles, which are a name, a length and hexadecimal digits. Compressed texts are
 * inflated up to {@value #MOST_INFLATED} bytes in all of a file, as small chunks can hold
 * gigabytes; what lies beyond is not looked at.
 */
final class PngText {

  static final int MOST_INFLATED = 1 << 20;

  private static final String XMP = "XML:com.adobe.xmp";
  private static final String PROFILE = "Raw profile type ";

  /** The chunks that hold texts, by their types. */
  enum Kind {
    /** A keyword and a text: tEXt. */
    PLAIN(0x74455874),
    /** A keyword and a compressed text: zTXt. */
    COMPRESSED(0x7A545874),
    /** A keyword, two notes of languages and a text, compressed or not: iTXt. */
    INTERNATIONAL(0x69545874);

    private final int type;

    Kind(int type) {
      this.type = type;
    }

    static Optional<Kind> of(int type) {
      return Arrays.stream(values()).filter(kind -> kind.type == type).findFirst();
    }
  }

  /**
   * A text that tells of the picture.
   *
   * @param bytes XMP's text, or EXIF with or without its signature, or XMP with it
   * @param isXmp whether the keyword says that it is XMP
   */
  record Metadata(byte[] bytes, boolean isXmp) {}

  private int left = MOST_INFLATED;

  /** Returns the metadata in a chunk; empty if its keyword is another, or it is damaged. */
  Optional<Metadata> metadata(byte[] chunk, Kind kind) {
    int end = zero(chunk, 0);
    String keyword = new String(chunk, 0, end, StandardCharsets.ISO_8859_1);
    String profile = keyword.startsWith(PROFILE) ? keyword.substring(PROFILE.length()) : "";
    boolean isXmp = keyword.equals(XMP) || profile.equals("xmp");
    if (!isXmp && !profile.equals("exif") && !profile.equals("APP1")) {
      return Optional.empty();
    }
    int method = end + 1;
    byte[] text =
        switch (kind) {
          case PLAIN -> rest(chunk, end + 1);
          case COMPRESSED -> inflated(chunk, method + 1);
          case INTERNATIONAL -> {
            int start = zero(chunk, zero(chunk, method + 2) + 1) + 1;
            boolean isCompressed = method < chunk.length && chunk[method] == 1;
            yield isCompressed ? inflated(chunk, start) : rest(chunk, start);
          }
        };
    return Optional.of(new Metadata(profile.isEmpty() ? text : profile(text), isXmp));
  }

  /** Where the next zero byte is, or the end. */
  private static int zero(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] != 0) {
      at++;
    }
    return Math.min(at, bytes.length);
  }

  private static byte[] rest(byte[] bytes, int from) {
    return Arrays.copyOfRange(bytes, Math.min(from, bytes.length), bytes.length);
  }

  private byte[] inflated(byte[] chunk, int from) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(rest(chunk, from));
      byte[] text = new byte[(int) Math.min(left, 1024L * chunk.length)];
      int length = 0;
      int more = 1;
      while (more > 0 && length < text.length) {
        more = inflater.inflate(text, length, text.length - length);
        length += more;
      }
      left -= length;
      return Arrays.copyOf(text, length);
    } catch (DataFormatException e) {
      return new byte[0]; // pixels may be whole all the same
    } finally {
      inflater.end();
    }
  }

  /** The bytes after the lines of name and length, up to what is no digit. */
  private static byte[] profile(byte[] text) {
    int at = afterLine(text, afterLine(text, 0));
    byte[] bytes = new byte[(text.length - at) / 2];
    int digits = 0;
    for (; at < text.length; at++) {
      int digit = Character.digit(text[at], 16);
      if (digit >= 0) {
        if (digits / 2 < bytes.length) {
          bytes[digits / 2] |= (byte) (digits % 2 == 0 ? digit << 4 : digit);
        }
        digits++;
      } else if (!Character.isWhitespace(text[at])) {
        break;
      }
    }
    return Arrays.copyOf(bytes, digits / 2);
  }

  /** Leading space and empty lines belong to the line. */
  private static int afterLine(byte[] text, int from) {
    int at = from;
    while (at < text.length && Character.isWhitespace(text[at])) {
      at++;
    }
    while (at < text.length && text[at] != '\n') {
      at++;
    }
    return Math.min(at + 1, text.length);
  }
}
