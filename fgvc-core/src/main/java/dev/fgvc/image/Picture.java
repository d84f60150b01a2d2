package dev.fgvc.image;

import dev.fgvc.image.Pixels.Span;
import java.nio.ByteBuffer;

/**
 * A decoded picture outside the heap. Its parts read from it without a copy, so they end with it.
 *
 * @param bgr height * width * 3 bytes
 * @param height of the file's picture by the reduction, rounded up
 * @param width of the file's picture by the reduction, rounded up
 * @param reduction 1, 2, 4 or 8: how many rows and columns of the file's picture one pixel stands
 *     for
 * @param release frees it
 */
record Picture(ByteBuffer bgr, int height, int width, int reduction, Runnable release)
    implements AutoCloseable {

  /**
   * The pixels that a box touches, and where the box lies in them.
   *
   * @param box in pixels of the file's picture
   */
  Pixels part(Box box) {
    int top = box.top() / reduction;
    int left = box.left() / reduction;
    int bottom = divideUp(box.top() + box.height(), reduction);
    int right = divideUp(box.left() + box.width(), reduction);
    int stride = 3 * width;
    return new Pixels(
        bgr,
        top * stride + 3 * left,
        stride,
        bottom - top,
        right - left,
        span(box.top(), box.height(), top),
        span(box.left(), box.width(), left));
  }

  /** The middle of a reduced pixel is the middle of those it stands for. */
  private Span span(int start, int length, int first) {
    float middle = (reduction - 1) / 2f;
    return new Span((start - middle) / reduction - first, (float) length / reduction);
  }

  static int divideUp(int size, int divisor) {
    return (size + divisor - 1) / divisor;
  }

  @Override
  public void close() {
    release.run();
  }
}
