package dev.fgvc.image;

import java.nio.ByteBuffer;

/**
 * A rectangle of decoded pixels: rows of blue, green, red bytes, from OpenCV's order.
 *
 * @param bgr holds them, perhaps among others; of a {@link Picture}'s part, only until that is
 *     closed
 * @param first where the first row begins
 * @param stride from there to where the next one begins
 * @param rows which stretch of the rows is meant
 * @param columns which stretch of the columns is meant
 */
record Pixels(
    ByteBuffer bgr, int first, int stride, int height, int width, Span rows, Span columns) {

  /** All of an array without gaps, one for one. */
  static Pixels of(byte[] bgr, int height, int width) {
    Span rows = new Span(0, height);
    return new Pixels(ByteBuffer.wrap(bgr), 0, 3 * width, height, width, rows, new Span(0, width));
  }

  /**
   * A stretch along one axis in units of pixels, whose n samples are taken at start + i * length /
   * n. Not whole numbers where the pixels are reduced ones.
   */
  record Span(float start, float length) {}
}
