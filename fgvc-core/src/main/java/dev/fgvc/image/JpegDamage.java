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
 * <p>Huffman codes fall into step again, so a hole need not give a warning. In a scan that starts a
 * band of at least {@value #BAND} coefficients, {@value #ZEROS} bytes of zero are damage anyway
 * where a table reads zeros as coefficients, as the usual ones do: no picture has blocks full of
 * the same one. So a hole is found in sequential files and in most scans of progressive ones. It
 * may pass, where it leaves the rest in step, in scans of first coefficients alone and in scans
 * that refine others, which hold long runs of zeros in flat and regular pictures too, where tables
 * read zeros as ends of blocks, and where it is smaller. Files with arithmetic coding are not
 * looked at, as the JDK does not read them.
 */
final class JpegDamage {

  private static final int ZEROS = 32;

  /** The usual scripts of progressive files have bands from here on; a slope fills smaller ones. */
  private static final int BAND = 5;

  private static final int APP0 = 0xE0;
  private static final int COM = 0xFE;

  /** The distance of the columns that are kept, so that a photo takes little of the heap. */
  private static final int KEPT_COLUMNS = 16;

  /** The tables and pixel data without what other programs have written between them. */
  private final ByteArrayOutputStream plain = new ByteArrayOutputStream();

  /** Which of the four tables for coefficients beyond the first read zeros as one of them. */
  private final boolean[] zerosAreCoefficients = new boolean[4];

  private JpegDamage() {}

  /**
   * Looks into a file whose header is whole.
   *
   * @param jpeg the whole file
   * @return what is wrong; empty if nothing is found
   */
  static Optional<String> find(byte[] jpeg) {
    JpegDamage damage = new JpegDamage();
    int hole = damage.holeInScans(jpeg, damage.readHeader(jpeg));
    return hole >= 0
        ? Optional.of("a hole of zeros in the pixel data at byte " + hole)
        : firstWarning(damage.plain.toByteArray());
  }

  /** Copies all but metadata and returns where the first scan starts. */
  private int readHeader(byte[] jpeg) {
    plain.write(jpeg, 0, 2);
    int at = 2;
    while (true) {
      at = ImageHeader.nextMarker(jpeg, at);
      int marker = jpeg[at + 1] & 0xFF;
      if (marker == ImageHeader.SOS) {
        plain.write(jpeg, at, jpeg.length - at);
        return at;
      }
      int end = end(jpeg, at);
      if (marker == ImageHeader.DHT) {
        readTables(jpeg, at + 4, end);
      }
      if (!ImageHeader.standsAlone(marker) && (marker & 0xF0) != APP0 && marker != COM) {
        plain.write(jpeg, at, end - at);
      }
      at = end;
    }
  }

  /** Where the segment ends whose marker stands there. */
  private static int end(byte[] jpeg, int at) {
    return at
        + 2
        + (ImageHeader.standsAlone(jpeg[at + 1] & 0xFF) ? 0 : ImageHeader.u16(jpeg, at + 2));
  }

  /** Where the first hole starts; -1 if there is none. */
  private int holeInScans(byte[] jpeg, int from) {
    int at = from;
    while (at >= 0 && (jpeg[at + 1] & 0xFF) != ImageHeader.EOI && end(jpeg, at) <= jpeg.length) {
      int marker = jpeg[at + 1] & 0xFF;
      int end = end(jpeg, at);
      if (marker == ImageHeader.DHT) {
        readTables(jpeg, at + 4, end);
      } else if (marker == ImageHeader.SOS && readsZerosAsCoefficients(jpeg, at + 4, end)) {
        int hole = hole(jpeg, end);
        if (hole >= 0) {
          return hole;
        }
      }
      at = ImageHeader.nextMarker(jpeg, end);
    }
    return -1;
  }

  /** The first value of a table has the code of zeros alone; its lower half counts more bits. */
  private void readTables(byte[] jpeg, int from, int end) {
    int at = from;
    while (at + 17 < end) {
      int values = 0;
      for (int length = 1; length <= 16; length++) {
        values += jpeg[at + length] & 0xFF;
      }
      if ((jpeg[at] & 0xF0) != 0) {
        zerosAreCoefficients[jpeg[at] & 3] = (jpeg[at + 17] & 0x0F) != 0;
      }
      at += 17 + values;
    }
  }

  /** Blocks of several components take turns, so one of their tables suffices. */
  private boolean readsZerosAsCoefficients(byte[] jpeg, int scan, int end) {
    int components = jpeg[scan] & 0xFF;
    int band = scan + 1 + 2 * components;
    boolean starts = band + 3 <= end && (jpeg[band + 2] & 0xF0) == 0;
    if (!starts || jpeg[band + 1] - jpeg[band] < BAND - 1) {
      return false;
    }
    boolean any = false;
    for (int i = 0; i < components; i++) {
      any |= zerosAreCoefficients[jpeg[scan + 2 + 2 * i] & 3];
    }
    return any;
  }

  /** Returns where this many zeros start before the next marker, or -1 if nowhere. */
  private static int hole(byte[] jpeg, int from) {
    int end = ImageHeader.nextMarker(jpeg, from);
    while (end >= 0 && ImageHeader.standsAlone(jpeg[end + 1] & 0xFF)) {
      end = ImageHeader.nextMarker(jpeg, end + 2);
    }
    int zeros = 0;
    for (int at = from; at < (end < 0 ? jpeg.length : end); at++) {
      zeros = jpeg[at] == 0 ? zeros + 1 : 0;
      if (zeros == ZEROS) {
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
