package dev.fgvc.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Finds damage inside the pixel data of a JPEG, such as a hole of zeros. libjpeg goes on after it
 * with other pixels and at most a warning, which OpenCV prints and drops; the reader of the JDK, a
 * libjpeg too, passes its first warning on.
 *
 * <p>Huffman codes fall into step again, so a hole need not give a warning. In one scan that is not
 * progressive, {@value #ZEROS} bytes of zero are damage anyway where a table reads zeros as
 * coefficients, as the usual one of brightness does: no picture has blocks full of the same one.
 * Progressive files, those whose tables read zeros as ends of blocks, and smaller holes may pass
 * where they leave the rest in step. Files with arithmetic coding are not looked at, as the JDK
 * does not read them.
 */
final class JpegDamage {

  private static final int ZEROS = 32;

  private static final int SOF0 = 0xC0;
  private static final int SOF1 = 0xC1;
  private static final int DHT = 0xC4;
  private static final int SOS = 0xDA;
  private static final int APP0 = 0xE0;
  private static final int COM = 0xFE;

  /** The distance of the columns that are kept, so that a photo takes little of the heap. */
  private static final int KEPT_COLUMNS = 16;

  /** The tables and pixel data without what other programs have written between them. */
  private final ByteArrayOutputStream plain = new ByteArrayOutputStream();

  /** How many components a frame that is not progressive has; 0 for others. */
  private int sequentialComponents;

  /** Whether a table that blocks of each stretch of data use reads zeros as coefficients. */
  private boolean zerosAreCoefficients;

  private JpegDamage() {}

  /**
   * Looks into a file whose header is whole.
   *
   * @param jpeg the whole file
   * @return what is wrong; empty if nothing is found
   */
  static Optional<String> find(byte[] jpeg) {
    JpegDamage damage = new JpegDamage();
    int data = damage.readHeader(jpeg);
    if (damage.zerosAreCoefficients) {
      int hole = hole(jpeg, data);
      if (hole >= 0) {
        return Optional.of("a hole of zeros in the pixel data at byte " + hole);
      }
    }
    return firstWarning(damage.plain.toByteArray());
  }

  /** Copies all but metadata and returns where the pixel data starts. */
  private int readHeader(byte[] jpeg) {
    plain.write(jpeg, 0, 2);
    int at = 2;
    while (true) {
      at = ImageHeader.nextMarker(jpeg, at);
      int marker = jpeg[at + 1] & 0xFF;
      if (ImageHeader.standsAlone(marker)) {
        at += 2;
        continue;
      }
      int end = at + 2 + ImageHeader.u16(jpeg, at + 2);
      if (marker == SOS) {
        // Only in one scan of all components do blocks of each take turns.
        zerosAreCoefficients &= (jpeg[at + 4] & 0xFF) == sequentialComponents;
        plain.write(jpeg, at, jpeg.length - at);
        return end;
      }
      if (marker == SOF0 || marker == SOF1) {
        sequentialComponents = jpeg[at + 9] & 0xFF;
      }
      if (marker == DHT) {
        readTables(jpeg, at + 4, end);
      }
      if ((marker & 0xF0) != APP0 && marker != COM) {
        plain.write(jpeg, at, end - at);
      }
      at = end;
    }
  }

  /** The first value of a table has the code of zeros alone; its lower half counts more bits. */
  private void readTables(byte[] jpeg, int from, int end) {
    int at = from;
    while (at + 17 < end) {
      int values = 0;
      for (int length = 1; length <= 16; length++) {
        values += jpeg[at + length] & 0xFF;
      }
      boolean isOfCoefficients = (jpeg[at] & 0xF0) != 0;
      zerosAreCoefficients |= isOfCoefficients && (jpeg[at + 17] & 0x0F) != 0;
      at += 17 + values;
    }
  }

  /** Returns where this many zeros start, or -1 if nowhere. */
  private static int hole(byte[] jpeg, int from) {
    int zeros = 0;
    for (int at = from; at < jpeg.length; at++) {
      if (jpeg[at] != 0) {
        if (at > from && jpeg[at - 1] == (byte) 0xFF && jpeg[at] == (byte) 0xD9) {
          return -1; // the end of the image; what follows is none of it
        }
        zeros = 0;
      } else if (++zeros == ZEROS) {
        return at - ZEROS + 1;
      }
    }
    return -1;
  }

  private static Optional<String> firstWarning(byte[] jpeg) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
    if (!readers.hasNext()) {
      return Optional.empty();
    }
    List<String> warnings = new ArrayList<>();
    ImageReader reader = readers.next();
    try {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg)), true, true);
      ImageReadParam param = reader.getDefaultReadParam();
      param.setSourceSubsampling(KEPT_COLUMNS, 1, 0, 0);
      reader.readRaster(0, param);
    } catch (IOException | RuntimeException e) {
      // A form that OpenCV's libjpeg reads and the JDK's does not: nothing can be told of it.
      return Optional.empty();
    } finally {
      reader.dispose();
    }
    return warnings.stream().filter(warning -> !isFilling(warning, jpeg)).findFirst();
  }

  /** Some cameras fill up before the end marker with equal bytes, of which libjpeg warns too. */
  private static boolean isFilling(String warning, byte[] jpeg) {
    if (!warning.contains("extraneous bytes before marker 0xd9")) {
      return false;
    }
    int count = Integer.parseInt(warning.replaceAll("\\D*(\\d+) extraneous.*", "$1"));
    int end = ImageHeader.endOfJpeg(jpeg);
    for (int at = Math.max(0, end - count); at < end - 1; at++) {
      if (jpeg[at] != jpeg[at + 1]) {
        return false;
      }
    }
    return true;
  }
}
