package dev.fgvc.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gathers what the metadata of an image file say of its orientation: the first EXIF block counts, a
 * PNG's eXIf chunk before its texts, and XMP only where that says nothing, as in Pillow 12.
 */
final class ExifOrientation {

  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] XMP =
      "http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.US_ASCII);
  private static final int TIFF_HEADER = 8;
  private static final int ENTRY = 12;
  private static final int ORIENTATION_TAG = 0x0112;
  private static final int UPRIGHT = 1;

  private static final Pattern XMP_ORIENTATION =
      Pattern.compile("tiff:Orientation(?:=[\"']|>)\\s*([0-9])(?![0-9])");

  private boolean hasExif;
  private OptionalInt exif = OptionalInt.empty();
  private OptionalInt exifInText = OptionalInt.empty();
  private boolean hasExifInText;
  private OptionalInt xmp = OptionalInt.empty();

  /** Takes an application segment of a JPEG, from its signature on. */
  void addSegment(byte[] bytes, int from, int to) {
    if (ImageHeader.startsWith(bytes, from, to, EXIF)) {
      addExif(bytes, from, to);
    } else if (ImageHeader.startsWith(bytes, from, to, XMP)) {
      addXmp(bytes, from + XMP.length, to);
    }
  }

  /** Takes the content of a PNG's eXIf or a WebP's EXIF chunk. */
  void addExif(byte[] bytes, int from, int to) {
    if (!hasExif) {
      hasExif = true;
      exif = inExif(bytes, from, to);
    }
  }

  /** Takes the content of a PNG's tEXt, zTXt or iTXt chunk. */
  void addText(byte[] content, PngText.Kind kind, PngText texts) {
    Optional<PngText.Metadata> metadata = texts.metadata(content, kind);
    if (metadata.isEmpty()) {
      return;
    }
    byte[] bytes = metadata.get().bytes();
    if (metadata.get().isXmp() || ImageHeader.startsWith(bytes, 0, bytes.length, XMP)) {
      addXmp(bytes, 0, bytes.length);
    } else if (!hasExifInText) {
      hasExifInText = true;
      exifInText = inExif(bytes, 0, bytes.length);
    }
  }

  /** Some writers of PNG put the JPEG's signature before it. */
  private static OptionalInt inExif(byte[] bytes, int from, int to) {
    int start = from;
    while (ImageHeader.startsWith(bytes, start, to, EXIF)) {
      start += EXIF.length;
    }
    return inTiff(ByteBuffer.wrap(bytes, start, to - start).slice());
  }

  /** Takes XMP's text. */
  void addXmp(byte[] bytes, int from, int to) {
    if (xmp.isPresent()) {
      return;
    }
    Matcher found =
        XMP_ORIENTATION.matcher(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
    if (found.find()) {
      xmp = OptionalInt.of(checked(found.group(1).charAt(0) - '0'));
    }
  }

  /** From 1 to 8; 1, upright, where nothing is said. */
  int value() {
    OptionalInt first = hasExif ? exif : exifInText;
    return first.orElse(xmp.orElse(UPRIGHT));
  }

  /** Empty if there is no such tag; upright if its value means nothing. */
  private static OptionalInt inTiff(ByteBuffer tiff) {
    if (tiff.limit() < TIFF_HEADER) {
      return OptionalInt.empty();
    }
    short mark = tiff.getShort(0);
    if (mark != 0x4949 && mark != 0x4D4D) {
      return OptionalInt.empty();
    }
    tiff.order(mark == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = Integer.toUnsignedLong(tiff.getInt(4));
    if (directory > tiff.limit() - Short.BYTES) {
      return OptionalInt.empty();
    }
    int entries = Short.toUnsignedInt(tiff.getShort((int) directory));
    int at = (int) directory + Short.BYTES;
    for (int i = 0; i < entries && at <= tiff.limit() - ENTRY; i++, at += ENTRY) {
      if (Short.toUnsignedInt(tiff.getShort(at)) == ORIENTATION_TAG) {
        return OptionalInt.of(checked(number(tiff, at)));
      }
    }
    return OptionalInt.empty();
  }

  /** The value of an entry of one whole number; -1 for any other. */
  private static int number(ByteBuffer tiff, int entry) {
    if (tiff.getInt(entry + 4) != 1) {
      return -1;
    }
    return switch (tiff.getShort(entry + 2)) {
      case 3, 8 -> tiff.getShort(entry + 8); // SHORT, SSHORT
      case 4, 9 -> tiff.getInt(entry + 8); // LONG, SLONG
      default -> -1;
    };
  }

  private static int checked(int value) {
    return value >= 1 && value <= 8 ? value : UPRIGHT;
  }
}
