package dev.fgvc.image;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

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
    int bottom = divide(box.top() + box.height(), reduction, CEILING);
    int right = divide(box.left() + box.width(), reduction, CEILING);
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

  @Override
  public void close() {
    release.run();
  }
}
