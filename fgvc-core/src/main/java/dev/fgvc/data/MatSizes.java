package dev.fgvc.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.InflaterInputStream;

/**
 * Walks through the elements of a MATLAB 5 file, each a tag of type and size and then its data, and
 * refuses a size that does not fit into what is around it. Keeps nothing, so that a size that lies
 * costs no memory; a reader that trusts sizes can follow.
 */
final class MatSizes {

  private static final int HEADER = 128;
  private static final int TAG = 8;
  private static final int MATRIX = 14;
  private static final int COMPRESSED = 15;

  private final ByteOrder order;

  private MatSizes(ByteOrder order) {
    this.order = order;
  }

  /**
   * Checks a whole file.
   *
   * @param file its bytes
   * @param limit how many bytes all compressed parts may have in all
   * @throws IOException if a size does not fit, or a compressed part is damaged
   */
  static void requireFitting(byte[] file, long limit) throws IOException {
    if (file.length < HEADER) {
      throw new IOException("a header of " + file.length + " bytes");
    }
    boolean little = file[HEADER - 2] == 'I' && file[HEADER - 1] == 'M';
    MatSizes sizes = new MatSizes(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long left = limit;
    int at = HEADER;
    while (file.length - at >= TAG) {
      Tag tag = sizes.tag(new ByteArrayInputStream(file, at, TAG));
      at += TAG;
      tag.requireAtMost(file.length - at);
      InputStream data = new ByteArrayInputStream(file, at, (int) tag.size());
      if (tag.type() == COMPRESSED) {
        left -= sizes.inflatedSize(new InflaterInputStream(data), left);
      } else if (tag.type() == MATRIX) {
        sizes.walk(data, tag.size());
      }
      at += (int) tag.size();
    }
  }

  private record Tag(int type, long size) {

    void requireAtMost(long left) throws IOException {
      if (size < 0 || size > left) {
        throw new IOException("an array of " + size + " bytes where " + left + " are left");
      }
    }
  }

  /** A compressed part holds one element. */
  private long inflatedSize(InputStream data, long left) throws IOException {
    Tag tag = tag(data);
    tag.requireAtMost(left);
    walk(data, tag.size());
    return tag.size();
  }

  /** The elements of an array, and those of the arrays among them. */
  private void walk(InputStream data, long bytes) throws IOException {
    long left = bytes;
    while (left >= TAG) {
      Tag tag = tag(data);
      left -= TAG;
      tag.requireAtMost(left);
      long padded = Math.min(left, (tag.size() + TAG - 1) / TAG * TAG);
      if (tag.type() == MATRIX) {
        walk(data, tag.size());
        data.skipNBytes(padded - tag.size());
      } else {
        data.skipNBytes(padded);
      }
      left -= padded;
    }
    data.skipNBytes(left);
  }

  /** Up to four bytes of data stand in the tag itself; nothing follows it then. */
  private Tag tag(InputStream data) throws IOException {
    byte[] bytes = data.readNBytes(TAG);
    if (bytes.length < TAG) {
      throw new IOException("an end in the middle of an element");
    }
    ByteBuffer tag = ByteBuffer.wrap(bytes).order(order);
    int type = tag.getInt();
    return type >>> 16 == 0 ? new Tag(type, tag.getInt()) : new Tag(type & 0xffff, 0);
  }
}
