package dev.fgvc.image;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_32FC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;

import java.nio.FloatBuffer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The rows of a rectangle of pixels as floats, for one thread. OpenCV converts them, some rows at a
 * time, since Java's compiler makes no vector code of a loop from bytes to floats, which takes 3
 * times as long as this and the copy together.
 */
final class PixelFloats implements AutoCloseable {

  /**
   * Values that are handled together: few enough for a core's own cache, and enough to be worth a
   * call out of Java.
   */
  private static final int BLOCK = 1 << 15;

  private final int rowValues;
  private final int blockRows;
  private final int lastBlock;
  private final BytePointer bytes;
  private final Mat whole;
  private final Mat part;
  private final Mat converted;
  private final FloatBuffer values;
  private int partStart;
  private boolean isConverted;

  /**
   * Rows are converted ahead.
   *
   * @param ahead how many rows are likely to be read next to each other, at least 1
   */
  static PixelFloats of(Pixels source, int ahead) {
    return OpenCv.call(
        "resizing " + source.height() + "x" + source.width() + " pixels",
        () -> new PixelFloats(source, ahead));
  }

  private PixelFloats(Pixels source, int ahead) {
    int height = source.height();
    rowValues = 3 * source.width();
    blockRows = Math.max(1, Math.min(Math.min(ahead, height), BLOCK / rowValues));
    lastBlock = height - blockRows;
    bytes = new BytePointer(source.bgr().duplicate().position(source.first()));
    whole = new Mat(height, rowValues, CV_8UC1, bytes, source.stride());
    part = whole.rowRange(0, blockRows);
    converted = new Mat(blockRows, rowValues, CV_32FC1);
    values = converted.createBuffer();
  }

  /** Copies a row's 3 * width values, blue, green and red of each pixel, to an array's start. */
  void row(int row, float[] target) {
    if (!isConverted || row < partStart || row >= partStart + blockRows) {
      OpenCv.run("converting rows", () -> convertFrom(Math.min(row, lastBlock)));
    }
    values.get((row - partStart) * rowValues, target, 0, rowValues);
  }

  private void convertFrom(int row) {
    int down = row - partStart;
    part.adjustROI(-down, down, 0, 0);
    part.convertTo(converted, CV_32F);
    partStart = row;
    isConverted = true;
  }

  @Override
  public void close() {
    OpenCv.run(
        "freeing rows", () -> Stream.of(converted, part, whole, bytes).forEach(Pointer::close));
  }
}
