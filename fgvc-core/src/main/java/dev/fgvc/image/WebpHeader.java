package dev.fgvc.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The chunks of a WebP file: a RIFF container with one lossy or lossless picture, before which the
 * size of the canvas and after which metadata may stand (RFC 9649). Animations are refused, since
 * which of their pictures is meant cannot be told.
 */
final class WebpHeader {

  private static final int RIFF = 0x52494646;
  private static final int WEBP = 0x57454250;
  private static final int LOSSY = 0x56503820;
  private static final int LOSSLESS = 0x5650384C;
  private static final int EXTENDED = 0x56503858;
  private static final int EXIF = 0x45584946;
  private static final int XMP = 0x584D5020;

  private static final int HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int ANIMATED = 0x02;
  private static final int LOSSLESS_SIGNATURE = 0x2F;
  private static final int START_CODE = 0x2A019D;

  private final byte[] bytes;
  private final ByteBuffer little;
  private final Path file;
  private final ExifOrientation orientation = new ExifOrientation();
  private int height = -1;
  private int width = -1;
  private boolean hasPicture;

  private WebpHeader(byte[] bytes, Path file) {
    this.bytes = bytes;
    this.little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.file = file;
  }

  static boolean isWebp(byte[] bytes) {
    return bytes.length >= HEADER
        && ByteBuffer.wrap(bytes).getInt(0) == RIFF
        && ByteBuffer.wrap(bytes).getInt(8) == WEBP;
  }

  /** Reads the header and requires that the file holds all that it declares. */
  static ImageHeader parse(byte[] bytes, Path file, long maximumPixels) {
    WebpHeader header = new WebpHeader(bytes, file);
    header.readChunks(maximumPixels);
    return new ImageHeader(
        header.height, header.width, ImageHeader.Format.WEBP, header.orientation.value(), false);
  }

  private void readChunks(long maximumPixels) {
    long end = CHUNK_HEADER + Integer.toUnsignedLong(little.getInt(4));
    long at = HEADER;
    while (at + CHUNK_HEADER <= Math.min(end, bytes.length)) {
      int type = Integer.reverseBytes(little.getInt((int) at));
      long length = Integer.toUnsignedLong(little.getInt((int) at + 4));
      int content = (int) at + CHUNK_HEADER;
      at = content + length;
      boolean first = height < 0;
      if (type == EXTENDED || type == LOSSY || type == LOSSLESS) {
        // The size first, for a truncated giant is above all a giant.
        readSize(type, content, (int) Math.min(length, bytes.length - (long) content));
        if (first) {
          ImageHeader.requireSize(height, width, maximumPixels, file);
        }
        hasPicture |= type != EXTENDED;
      }
      if (at > bytes.length) {
        break;
      }
      if (type == EXIF) {
        orientation.addExif(bytes, content, (int) at);
      } else if (type == XMP) {
        orientation.addXmp(bytes, content, (int) at);
      }
      at += length & 1; // chunks start at even places
    }
    if (at < end - 1 || end > bytes.length + 1L || at > bytes.length + 1L) {
      throw new ImageFormatException(
          file, "truncated: no end of the image in its " + bytes.length + " bytes");
    }
    if (!hasPicture) {
      throw new ImageFormatException(file, "damaged: a WebP file without a picture");
    }
  }

  /**
   * The canvas counts where there is one, which is at the start; the decoder refuses a picture of
   * another size.
   */
  private void readSize(int type, int at, int length) {
    if (length < 10 && !(type == LOSSLESS && length >= 5)) {
      throw new ImageFormatException(file, "truncated in the WebP header, byte " + bytes.length);
    }
    boolean known = height >= 0;
    if (type == EXTENDED) {
      if (known) {
        throw new ImageFormatException(
            file, "damaged: a canvas at byte " + at + ", after that of the file");
      }
      if ((bytes[at] & ANIMATED) != 0) {
        throw new ImageFormatException(file, "an animated WebP: save the picture that is meant");
      }
      width = 1 + (little.getInt(at + 3) >>> 8);
      height = 1 + (little.getInt(at + 6) >>> 8);
    } else if (type == LOSSY) {
      boolean isKeyFrame = (bytes[at] & 1) == 0;
      if (!isKeyFrame || little.getInt(at + 2) >>> 8 != START_CODE) {
        throw new ImageFormatException(file, damaged("lossy", at));
      }
      if (!known) {
        width = little.getShort(at + 6) & 0x3FFF;
        height = little.getShort(at + 8) & 0x3FFF;
      }
    } else {
      if (bytes[at] != LOSSLESS_SIGNATURE) {
        throw new ImageFormatException(file, damaged("lossless", at));
      }
      if (!known) {
        int sizes = little.getInt(at + 1);
        width = 1 + (sizes & 0x3FFF);
        height = 1 + (sizes >>> 14 & 0x3FFF);
      }
    }
  }

  private static String damaged(String kind, int at) {
    return String.format(
        Locale.ROOT, "damaged: no %s picture at byte %d, where the file tells of one", kind, at);
  }
}
