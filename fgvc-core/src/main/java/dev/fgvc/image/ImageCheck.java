package dev.fgvc.image;

import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/**
 * Says whether an image file is whole, by throwing where it is not. Safe for use by several threads
 * at once.
 */
@FunctionalInterface
public interface ImageCheck {

  /**
   * Checks one file.
   *
   * @param file the image
   * @throws ImageFormatException if it is damaged, of another format or too large; the reason says
   *     which
   * @throws IOException if it cannot be read
   */
  void check(Path file) throws IOException;

  /**
   * Reads the file, but decodes no pixel: format, size up to 100 megapixels, tables, end marker.
   *
   * @return a check that takes the time of reading the file, and needs no native library
   */
  static ImageCheck header() {
    return file -> ImageFile.read(file, ImageDecoding.exact());
  }

  /**
   * Decodes the file as a transform does, and finds what ends the work with it: whatever the
   * decoder refuses, and images beyond the transform's {@linkplain ImageTransform#maximumPixels
   * limit}.
   *
   * @param transform what is to be done to the image; its result is thrown away
   * @return a check that takes the time of the transform
   */
  static ImageCheck transforming(ImageTransform transform) {
    return file -> transform.apply(file, new SplitMix64(0), roomFor(transform));
  }

  /**
   * Checks like {@link #transforming}, for a file whose bytes are in memory already.
   *
   * @param encoded the contents of a file
   * @param name what messages call the image
   * @param transform what is to be done to it
   * @throws ImageFormatException if they are damaged, of another format or too large
   */
  static void requireTransformable(byte[] encoded, Path name, ImageTransform transform) {
    transform.apply(encoded, name, new SplitMix64(0), roomFor(transform));
  }

  private static FloatBuffer roomFor(ImageTransform transform) {
    return FloatBuffer.allocate(3 * transform.views() * transform.resolution().pixels());
  }

  /**
   * Decodes the file as a transform does, and looks for damage that decoding passes over, so that
   * most damage inside the pixel data is found too: whatever the decoder refuses or warns of, holes
   * of zeros in JPEG files, and checksums of PNG files that do not fit. A JPEG has no checksums:
   * bytes that were changed for others mean other pixels and cannot be told from them. For the same
   * reason a hole may pass in those scans of a progressive JPEG that hold long runs of zeros in
   * whole files too (first coefficients alone, and refinements), where the data after it fall into
   * step again. WebP has no checksums either, and only what its decoder refuses is found.
   *
   * @param transform what would be done to the image; its result is thrown away
   * @return a check that takes the time of the transform and, for a JPEG, of decoding it once more
   */
  static ImageCheck decoding(ImageTransform transform) {
    ImageCheck transforming = transforming(transform);
    return file -> {
      transforming.check(file);
      ImageFile.requireUndamaged(file);
    };
  }
}
