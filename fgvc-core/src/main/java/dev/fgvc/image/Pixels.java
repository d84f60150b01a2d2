package dev.fgvc.image;

/**
 * Decoded pixels on the heap: rows of blue, green, red bytes without gaps, from OpenCV's order.
 *
 * @param bgr height * width * 3 bytes
 * @param rows which stretch of the rows is meant
 * @param columns which stretch of the columns is meant
 */
record Pixels(byte[] bgr, int height, int width, Span rows, Span columns) {

  /** All of them, one for one. */
  Pixels(byte[] bgr, int height, int width) {
    this(bgr, height, width, new Span(0, height), new Span(0, width));
  }

  /**
   * A stretch along one axis in units of pixels, whose n samples are taken at start + i * length /
   * n. Not whole numbers where the pixels are reduced ones.
   */
  record Span(float start, float length) {}
}
