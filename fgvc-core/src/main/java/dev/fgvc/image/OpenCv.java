package dev.fgvc.image;

import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeLibrary;
import java.util.function.Supplier;

/** The way to OpenCV. Knows none of its classes, so that it can say which are missing. */
final class OpenCv {

  private static final NativeLibrary LIBRARY =
      NativeLibrary.builder(
              "OpenCV", NativeArtifact.OPENCV, NativeArtifact.OPENBLAS, NativeArtifact.JAVACPP)
          .advice(
              "load with fewer threads, refuse large images by ImageDecoding.withMaximumPixels, or"
                  + " raise org.bytedeco.javacpp.maxBytes and"
                  + " org.bytedeco.javacpp.maxPhysicalBytes",
              "check the file with another program; its native library may not fit this machine")
          .build(() -> OpenCvDecoder.loadLibrary());

  private OpenCv() {}

  /**
   * Runs something that uses OpenCV.
   *
   * @throws dev.fgvc.natives.NativeLibraryException if OpenCV cannot be loaded, memory ends, or
   *     OpenCV throws
   */
  static <T> T call(String what, Supplier<T> work) {
    return LIBRARY.call(what, work);
  }

  /** The same for something without a result. */
  static void run(String what, Runnable work) {
    LIBRARY.run(what, work);
  }
}
