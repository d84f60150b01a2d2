package dev.fgvc.image;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The header of a JPEG, PNG or WebP file, read before any pixel is decoded. The decoder takes
 * memory for whatever size a file declares and fills up what a truncated one lacks, so both are
 * looked at here.
 *
 * @param orientation EXIF's or XMP's, from 1 to 8; 1 is upright, and stands for files that say
 *     nothing
 * @param isTurned whether height and width are those of the picture turned upright
 */
record ImageHeader(int height, int width, Format format, int orientation, boolean isTurned) {

  /** The formats that are read. */
  enum Format {
    JPEG,
    PNG,
    WEBP
  }

  private static final int SOI = 0xD8;
  static final int EOI = 0xD9;
  static final int SOS = 0xDA;
  static final int DHT = 0xC4;
  private static final int DAC = 0xCC;
  private static final int APP1 = 0xE1;
  private static final int TEM = 0x01;
  private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int IHDR = 0x49484452;
  static final int IEND = 0x49454E44;
  private static final int EXIF = 0x65584966;

  /** Reads the header and requires that the file goes on to its end marker. */
  static ImageHeader parse(byte[] bytes, Path file) {
    return parse(bytes, file, ImageDecoding.MAXIMUM_PIXELS);
  }

  static ImageHeader parse(byte[] bytes, Path file, long maximumPixels) {
    if (bytes.length == 0) {
      throw new ImageFormatException(file, "empty file");
    }
    ImageHeader header;
    if (u8(bytes, 0) == 0xFF && u8(bytes, 1) == SOI) {
      header = parseJpeg(bytes, file, maximumPixels);
    } else if (startsWith(bytes, 0, bytes.length, PNG_SIGNATURE)) {
      header = parsePng(bytes, file, maximumPixels);
    } else if (WebpHeader.isWebp(bytes)) {
      header = WebpHeader.parse(bytes, file, maximumPixels);
    } else {
      throw new ImageFormatException(file, "neither a JPEG nor a PNG nor a WebP image");
    }
    if (header.height < 1 || header.width < 1) {
      throw new ImageFormatException(
          file, "declared size " + header.height + "x" + header.width + " is empty");
    }
    return header;
  }

  /** Called as soon as the size is known, for a truncated giant is above all a giant. */
  static void requireSize(long height, long width, long maximumPixels, Path file) {
    if (height < 0 || width < 0 || height * width > maximumPixels) {
      throw new ImageFormatException(
          file,
          String.format(
              Locale.ROOT,
              "declared size %dx%d is above the limit of %s megapixels",
              height,
              width,
              new BigDecimal(maximumPixels).movePointLeft(6).stripTrailingZeros().toPlainString()));
    }
  }

  /** The header of the picture turned upright. */
  ImageHeader upright() {
    if (orientation == 1) {
      return this;
    }
    boolean onItsSide = orientation >= 5;
    return new ImageHeader(
        onItsSide ? width : height, onItsSide ? height : width, format, orientation, true);
  }

  private static ImageHeader parseJpeg(byte[] bytes, Path file, long maximumPixels) {
    int height = -1;
    int width = -1;
    ExifOrientation orientation = new ExifOrientation();
    boolean tables = false;
    int at = 2;
    while (true) {
      at = nextMarker(bytes, at);
      if (at < 0) {
        throw new ImageFormatException(file, "truncated in the header, byte " + bytes.length);
      }
      int marker = u8(bytes, at + 1);
      at += 2;
      if (marker == EOI) {
        throw new ImageFormatException(file, "ends before any pixel data, at byte " + at);
      }
      if (standsAlone(marker)) {
        continue;
      }
      int length = u16(bytes, at);
      if (length < 2 || at + length > bytes.length) {
        throw new ImageFormatException(
            file,
            String.format(
                Locale.ROOT,
                "truncated in the header: a segment of %d bytes at byte %d",
                length,
                at));
      }
      if (isFrame(marker)) {
        height = u16(bytes, at + 3);
        width = u16(bytes, at + 5);
        requireSize(height, width, maximumPixels, file);
      } else if (marker == APP1) {
        orientation.addSegment(bytes, at + 2, at + length);
      } else if (marker == SOS) {
        if (height < 0) {
          throw new ImageFormatException(file, "pixel data at byte " + at + " before any size");
        }
        if (!tables) {
          // libjpeg would go on with tables of its own and make noise of the picture.
          throw new ImageFormatException(file, "damaged: no Huffman tables before the pixel data");
        }
        requireEndOfJpeg(bytes, at + length, file);
        return new ImageHeader(height, width, Format.JPEG, orientation.value(), false);
      }
      tables |= marker == DHT || marker == DAC;
      at += length;
    }
  }

  /** Most files end in the marker; one with something after it is searched. */
  private static void requireEndOfJpeg(byte[] bytes, int from, Path file) {
    if (isEnd(bytes, bytes.length - 2)) {
      return;
    }
    for (int at = nextMarker(bytes, from); at >= 0; at = nextMarker(bytes, at + 2)) {
      if (isEnd(bytes, at)) {
        return;
      }
    }
    throw new ImageFormatException(
        file, "truncated: no end of the image in its " + bytes.length + " bytes");
  }

  private static boolean isEnd(byte[] bytes, int at) {
    return u8(bytes, at) == 0xFF && u8(bytes, at + 1) == EOI;
  }

  /** Where the end marker of a whole file starts, its last one. */
  static int endOfJpeg(byte[] bytes) {
    int end = bytes.length - 2;
    while (end > 0 && !isEnd(bytes, end)) {
      end--;
    }
    return end;
  }

  /** Where the next marker starts; skips stray bytes, as libjpeg does; -1 if there is none. */
  static int nextMarker(byte[] bytes, int from) {
    for (int at = from; at < bytes.length - 1; at++) {
      if (bytes[at] == (byte) 0xFF && bytes[at + 1] != 0 && bytes[at + 1] != (byte) 0xFF) {
        return at;
      }
    }
    return -1;
  }

  /** SOF0 to SOF15 without the three codes in between that mean other things. */
  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != DHT && marker != 0xC8 && marker != DAC;
  }

  /** Whether no length follows a marker of a header. */
  static boolean standsAlone(int marker) {
    return marker == SOI || marker == TEM || isRestart(marker);
  }

  private static boolean isRestart(int marker) {
    return marker >= 0xD0 && marker <= 0xD7;
  }

  private static ImageHeader parsePng(byte[] bytes, Path file, long maximumPixels) {
    if (bytes.length < 33 || i32(bytes, 8) != 13 || i32(bytes, 12) != IHDR) {
      throw new ImageFormatException(file, "truncated or damaged in the PNG header");
    }
    int height = i32(bytes, 20);
    int width = i32(bytes, 16);
    requireSize(height, width, maximumPixels, file);
    ExifOrientation orientation = new ExifOrientation();
    PngText texts = new PngText();
    long at = PNG_SIGNATURE.length;
    while (at + 12 <= bytes.length) {
      int length = i32(bytes, (int) at);
      if (length < 0) {
        throw new ImageFormatException(file, "a PNG chunk of negative length at byte " + at);
      }
      int type = i32(bytes, (int) at + 4);
      int content = (int) at + 8;
      at += 12L + length;
      if (at <= bytes.length) {
        if (type == IEND) {
          return new ImageHeader(height, width, Format.PNG, orientation.value(), false);
        } else if (type == EXIF) {
          orientation.addExif(bytes, content, content + length);
        } else {
          PngText.Kind.of(type)
              .ifPresent(
                  kind ->
                      orientation.addText(
                          Arrays.copyOfRange(bytes, content, content + length), kind, texts));
        }
      }
    }
    throw new ImageFormatException(
        file, "truncated: no end of the image in its " + bytes.length + " bytes");
  }

  /** The first chunk whose checksum does not fit; only of a file that {@link #parse} accepts. */
  static Optional<String> pngDamage(byte[] bytes) {
    int at = PNG_SIGNATURE.length;
    while (at + 12 <= bytes.length) {
      int end = at + 8 + i32(bytes, at);
      CRC32 checksum = new CRC32();
      checksum.update(bytes, at + 4, end - at - 4);
      if ((int) checksum.getValue() != i32(bytes, end)) {
        return Optional.of("a PNG chunk at byte " + at + " whose checksum does not fit");
      }
      if (i32(bytes, at + 4) == IEND) {
        break;
      }
      at = end + 4;
    }
    return Optional.empty();
  }

  /** Whether a part of the bytes starts with a signature. */
  static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
    return to - from >= prefix.length
        && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
  }

  /** Bytes after the end read as 0, which no marker and no size may be. */
  private static int u8(byte[] bytes, int at) {
    return at < bytes.length ? bytes[at] & 0xFF : 0;
  }

  static int u16(byte[] bytes, int at) {
    return u8(bytes, at) << 8 | u8(bytes, at + 1);
  }

  static int i32(byte[] bytes, int at) {
    return u16(bytes, at) << 16 | u16(bytes, at + 2);
  }
}
