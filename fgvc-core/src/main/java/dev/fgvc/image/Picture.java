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
 * @param rowsBefore how many rows the first pixel stands for that the file's picture has not
 * @param columnsBefore the same of columns
 * @param release frees it
 */
record Picture(
    ByteBuffer bgr,
    int height,
    int width,
    int reduction,
    int rowsBefore,
    int columnsBefore,
    Runnable release)
    implements AutoCloseable {

  /**
   * The pixels that a box touches, and where the box lies in them.
   *
   * @param box in pixels of the file's picture
   */
  Pixels part(Box box) {
    int firstRow = box.top() + rowsBefore;
    int firstColumn = box.left() + columnsBefore;
    int top = firstRow / reduction;
    int left = firstColumn / reduction;
    int bottom = divide(firstRow + box.height(), reduction, CEILING);
    int right = divide(firstColumn + box.width(), reduction, CEILING);
    int stride = 3 * width;
    return new Pixels(
        bgr,
        top * stride + 3 * left,
        stride,
        bottom - top,
        right - left,
        span(firstRow, box.height(), top),
        span(firstColumn, box.width(), left));
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
