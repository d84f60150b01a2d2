package dev.fgvc.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import dev.fgvc.image.Pixels.Span;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** The only class that touches OpenCV. */
final class OpenCvDecoder {

  private OpenCvDecoder() {}

  /**
   * Three channels of 8 bits whatever the file has; alpha is dropped.
   *
   * @param header as it should come out, turned upright if that is asked for
   * @param reduction 1, 2, 4 or 8: by how much the picture is reduced while it is decoded
   */
  static Pixels decode(byte[] bytes, ImageHeader header, Box box, int reduction, Path file) {
    int flags = color(reduction) | (header.isTurned() ? 0 : IMREAD_IGNORE_ORIENTATION);
    int height = divideUp(header.height(), reduction);
    int width = divideUp(header.width(), reduction);
    try (BytePointer encoded = new BytePointer(bytes);
        Mat input = new Mat(1, bytes.length, CV_8UC1, encoded);
        Mat image = imdecode(input, flags)) {
      if (image.empty()) {
        throw new ImageFormatException(file, "damaged: the decoder gives no pixels");
      }
      if (image.rows() != height || image.cols() != width || image.type() != CV_8UC3) {
        throw new ImageFormatException(
            file,
            "damaged: decoded as %dx%d where the header declares %dx%d"
                .formatted(image.rows(), image.cols(), height, width));
      }
      return reduction == 1 ? copy(image, box) : copyReduced(image, box, reduction);
    } catch (ImageFormatException e) {
      throw e;
    } catch (RuntimeException e) {
      // JavaCPP turns every C++ exception into a bare RuntimeException.
      throw new ImageFormatException(file, "damaged: " + e.getMessage());
    }
  }

  private static int color(int reduction) {
    return switch (reduction) {
      case 1 -> IMREAD_COLOR;
      case 2 -> IMREAD_REDUCED_COLOR_2;
      case 4 -> IMREAD_REDUCED_COLOR_4;
      default -> IMREAD_REDUCED_COLOR_8;
    };
  }

  private static int divideUp(int size, int divisor) {
    return (size + divisor - 1) / divisor;
  }

  /** The reduced pixels that the box touches, and where the box lies in them. */
  private static Pixels copyReduced(Mat image, Box box, int reduction) {
    int top = box.top() / reduction;
    int left = box.left() / reduction;
    int bottom = divideUp(box.top() + box.height(), reduction);
    int right = divideUp(box.left() + box.width(), reduction);
    Pixels touched = copy(image, new Box(top, left, bottom - top, right - left));
    return new Pixels(
        touched.bgr(),
        touched.height(),
        touched.width(),
        span(box.top(), box.height(), top, reduction),
        span(box.left(), box.width(), left, reduction));
  }

  /** The middle of a reduced pixel is the middle of those it stands for. */
  private static Span span(int start, int length, int first, int reduction) {
    float middle = (reduction - 1) / 2f;
    return new Span((start - middle) / reduction - first, (float) length / reduction);
  }

  private static Pixels copy(Mat image, Box box) {
    int rowBytes = box.width() * 3;
    byte[] bgr = new byte[box.height() * rowBytes];
    long step = image.step();
    try (BytePointer data = image.data()) {
      for (int row = 0; row < box.height(); row++) {
        data.position((box.top() + row) * step + box.left() * 3L);
        data.get(bgr, row * rowBytes, rowBytes);
      }
    }
    return new Pixels(bgr, box.height(), box.width());
  }
}
