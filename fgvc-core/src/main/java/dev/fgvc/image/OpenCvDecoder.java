package dev.fgvc.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** The only class that touches OpenCV. */
final class OpenCvDecoder {

  private OpenCvDecoder() {}

  /**
   * Three channels of 8 bits whatever the file has; EXIF orientation is ignored, as TensorFlow
   * does.
   */
  static Pixels decode(byte[] bytes, ImageHeader header, Box box, Path file) {
    try (BytePointer encoded = new BytePointer(bytes);
        Mat input = new Mat(1, bytes.length, CV_8UC1, encoded);
        Mat image = imdecode(input, IMREAD_COLOR | IMREAD_IGNORE_ORIENTATION)) {
      if (image.empty()) {
        throw new ImageFormatException(file, "damaged: the decoder gives no pixels");
      }
      if (image.rows() != header.height()
          || image.cols() != header.width()
          || image.type() != CV_8UC3) {
        throw new ImageFormatException(
            file,
            "damaged: decoded as %dx%d where the header declares %dx%d"
                .formatted(image.rows(), image.cols(), header.height(), header.width()));
      }
      return copy(image, box);
    } catch (ImageFormatException e) {
      throw e;
    } catch (RuntimeException e) {
      // JavaCPP turns every C++ exception into a bare RuntimeException.
      throw new ImageFormatException(file, "damaged: " + e.getMessage());
    }
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
