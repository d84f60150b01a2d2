package dev.fgvc.image;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_core.transpose;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import dev.fgvc.natives.NativeFailures;
import java.nio.file.Path;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** Decodes. Only this class and {@link PixelFloats} touch OpenCV, inside {@link OpenCv#call}. */
final class OpenCvDecoder {

  private static final int COLUMNS = 1;
  private static final int ROWS = 0;
  private static final int BOTH = -1;

  /** The axes that each orientation reverses, after exchanging rows and columns from 5 on. */
  private static final int[] FLIPS = {0, 0, COLUMNS, BOTH, ROWS, 0, COLUMNS, BOTH, ROWS};

  private OpenCvDecoder() {}

  /** Loads all that this package uses. */
  static void loadLibrary() {
    Loader.load(opencv_imgcodecs.class);
  }

  /**
   * Three channels of 8 bits whatever the file has; alpha is dropped.
   *
   * @param header as it should come out, turned upright if that is asked for
   * @param reduction 1, 2, 4 or 8: by how much the picture is reduced while it is decoded
   */
  static Picture decode(byte[] bytes, ImageHeader header, int reduction, Path file) {
    int orientation = header.isTurned() ? header.orientation() : 1;
    Mat image =
        turned(decode(bytes, color(reduction) | IMREAD_IGNORE_ORIENTATION, file), orientation);
    int height = divide(header.height(), reduction, CEILING);
    int width = divide(header.width(), reduction, CEILING);
    if (image.rows() != height || image.cols() != width || !isPlain(image)) {
      String found = image.rows() + "x" + image.cols();
      image.close();
      throw new ImageFormatException(
          file,
          String.format(
              Locale.ROOT,
              "damaged: decoded as %s where the header declares %dx%d",
              found,
              height,
              width));
    }
    // A partly filled row or column is the last one of the file, the first where that is turned.
    boolean lastRowFirst = orientation == 3 || orientation == 4 || orientation >= 7;
    boolean lastColumnFirst = orientation == 2 || orientation == 3 || (orientation / 2 == 3);
    return new Picture(
        image.createBuffer(),
        height,
        width,
        reduction,
        lastRowFirst ? height * reduction - header.height() : 0,
        lastColumnFirst ? width * reduction - header.width() : 0,
        image::close);
  }

  private static Mat decode(byte[] bytes, int flags, Path file) {
    try (BytePointer encoded = new BytePointer(bytes);
        Mat input = new Mat(1, bytes.length, CV_8UC1, encoded)) {
      Mat image = imdecode(input, flags);
      if (image.empty()) {
        image.close();
        throw new ImageFormatException(file, "damaged: the decoder gives no pixels");
      }
      return image;
    } catch (ImageFormatException e) {
      throw e;
    } catch (RuntimeException e) {
      // JavaCPP turns every C++ exception into a bare RuntimeException.
      if (NativeFailures.isOutOfMemory(e)) {
        throw e; // says nothing of the file
      }
      throw new ImageFormatException(file, "damaged: " + NativeFailures.firstLine(e), e);
    }
  }

  private static boolean isPlain(Mat image) {
    return image.type() == CV_8UC3 && image.isContinuous();
  }

  /**
   * OpenCV's own turning reads fewer forms of EXIF. Values from 5 on exchange rows and columns
   * first; then columns, rows or both are reversed. Closes what it is given.
   */
  private static Mat turned(Mat image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    Mat turned = new Mat();
    try (image) {
      if (orientation >= 5) {
        transpose(image, turned);
      } else {
        flip(image, turned, FLIPS[orientation]);
      }
    }
    if (orientation >= 6) {
      flip(turned, turned, FLIPS[orientation]);
    }
    return turned;
  }

  private static int color(int reduction) {
    return switch (reduction) {
      case 1 -> IMREAD_COLOR;
      case 2 -> IMREAD_REDUCED_COLOR_2;
      case 4 -> IMREAD_REDUCED_COLOR_4;
      default -> IMREAD_REDUCED_COLOR_8;
    };
  }
}
