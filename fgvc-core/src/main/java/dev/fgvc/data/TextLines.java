package dev.fgvc.data;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Text files as editors save them: UTF-8 with or without a byte order mark, or UTF-16 or UTF-32
 * with one; lines end with a line feed, a carriage return or both.
 */
final class TextLines {

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /** The longer marks first, as the mark of UTF-16 begins that of UTF-32. */
  private enum Mark {
    UTF_32_LE("UTF-32LE", 0xFF, 0xFE, 0, 0),
    UTF_32_BE("UTF-32BE", 0, 0, 0xFE, 0xFF),
    UTF_8("UTF-8", 0xEF, 0xBB, 0xBF),
    UTF_16_LE("UTF-16LE", 0xFF, 0xFE),
    UTF_16_BE("UTF-16BE", 0xFE, 0xFF);

    private final String charset;
    private final byte[] bytes;

    Mark(String charset, int... bytes) {
      this.charset = charset;
      this.bytes = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        this.bytes[i] = (byte) bytes[i];
      }
    }

    boolean starts(byte[] file) {
      return file.length >= bytes.length && Arrays.equals(bytes, Arrays.copyOf(file, bytes.length));
    }
  }

  /** Takes a line. */
  @FunctionalInterface
  interface LineConsumer {
    void accept(String line, ListPlace place) throws IOException;
  }

  private TextLines() {}

  /** The characters after the mark; other bytes than those of the encoding are an exception. */
  static BufferedReader open(Path file) throws IOException {
    BufferedInputStream bytes = new BufferedInputStream(Files.newInputStream(file));
    try {
      bytes.mark(4);
      byte[] start = bytes.readNBytes(4);
      bytes.reset();
      Charset charset = StandardCharsets.UTF_8;
      for (Mark mark : Mark.values()) {
        if (mark.starts(start)) {
          bytes.skipNBytes(mark.bytes.length);
          charset = Charset.forName(mark.charset);
          break;
        }
      }
      return new BufferedReader(new InputStreamReader((InputStream) bytes, charset.newDecoder()));
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  /**
   * Reads a file line by line.
   *
   * @throws DatasetFormatException if it is no text
   */
  static void forEach(Path file, LineConsumer consumer) throws IOException {
    int number = 0;
    try (BufferedReader reader = open(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        ListPlace place = ListPlace.line(file, ++number);
        if (line.indexOf(0) >= 0) {
          throw place.error(
              "expected UTF-8 text, found a zero byte, as in UTF-16 without a byte order mark");
        }
        if (!line.isEmpty() && line.charAt(0) == BYTE_ORDER_MARK) {
          throw place.error("expected no byte order mark within the text: were files joined?");
        }
        consumer.accept(line, place);
      }
    } catch (CharacterCodingException e) {
      throw new DatasetFormatException(
          ListPlace.whole(file),
          "expected UTF-8 text (or UTF-16 or UTF-32 with a byte order mark), found other bytes"
              + (number == 0 ? "" : " after line " + number)
              + ": save it as UTF-8");
    }
  }
}
