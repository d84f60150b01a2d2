package dev.fgvc.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/** Finds the orientation that a camera wrote into a JPEG's EXIF segment. */
final class ExifOrientation {

  private static final byte[] SIGNATURE = {'E', 'x', 'i', 'f', 0, 0};
  private static final int TIFF_HEADER = 8;
  private static final int ENTRY = 12;
  private static final int ORIENTATION_TAG = 0x0112;

  private ExifOrientation() {}

  /**
   * Looks into one application segment.
   *
   * @return 1 to 8; empty if the segment is none of EXIF's, is damaged or says nothing
   */
  static OptionalInt find(byte[] bytes, int from, int to) {
    if (to - from < SIGNATURE.length + TIFF_HEADER) {
      return OptionalInt.empty();
    }
    for (int i = 0; i < SIGNATURE.length; i++) {
      if (bytes[from + i] != SIGNATURE[i]) {
        return OptionalInt.empty();
      }
    }
    int start = from + SIGNATURE.length;
    ByteBuffer tiff = ByteBuffer.wrap(bytes, start, to - start).slice();
    short order = tiff.getShort(0);
    tiff.order(order == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = Integer.toUnsignedLong(tiff.getInt(4));
    if (directory > tiff.limit() - Short.BYTES) {
      return OptionalInt.empty();
    }
    int entries = Short.toUnsignedInt(tiff.getShort((int) directory));
    int at = (int) directory + Short.BYTES;
    for (int i = 0; i < entries && at <= tiff.limit() - ENTRY; i++, at += ENTRY) {
      if (Short.toUnsignedInt(tiff.getShort(at)) == ORIENTATION_TAG) {
        int value = Short.toUnsignedInt(tiff.getShort(at + 8));
        return value >= 1 && value <= 8 ? OptionalInt.of(value) : OptionalInt.empty();
      }
    }
    return OptionalInt.empty();
  }
}
