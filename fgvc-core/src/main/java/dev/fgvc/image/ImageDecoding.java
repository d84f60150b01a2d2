package dev.fgvc.image;

/**
 * How files become pixels, before any transform. Immutable; each {@code with} method gives a
 * changed copy.
 *
 * @param reduced whether a JPEG is decoded at a half, a quarter or an eighth of its size where that
 *     still gives at least as many rows and columns of the part that is cut out as the resolution
 *     has. The smaller picture is the mean of the larger one's pixels (its low frequencies), so it
 *     also avoids the noise that sampling single pixels of a large photo brings, and other numbers
 *     than the authors' programs give. Sampling points stay where they are
 * @param upright whether the orientation that EXIF tells is applied. TensorFlow, hence the authors'
 *     programs, ignores it
 * @param maximumPixels from 1 to 715,827,882, which is 2 GiB decoded; larger images are refused by
 *     their header, before memory is taken; a pixel takes 3 bytes
 */
public record ImageDecoding(boolean reduced, boolean upright, long maximumPixels) {

  /** The most pixels that are decoded unless another limit is set: 300 MB. */
  public static final long MAXIMUM_PIXELS = 100_000_000;

  private static final long ADDRESSABLE_PIXELS = Integer.MAX_VALUE / 3;

  /** Refuses a limit that cannot be kept. */
  public ImageDecoding {
    if (maximumPixels < 1 || maximumPixels > ADDRESSABLE_PIXELS) {
      throw new IllegalArgumentException(
          "maximum of " + maximumPixels + " pixels must be from 1 to " + ADDRESSABLE_PIXELS);
    }
  }

  /**
   * Decodes as the authors' programs do: every pixel, with the orientation ignored.
   *
   * @return the decoding that evaluation uses unless told otherwise
   */
  public static ImageDecoding exact() {
    return new ImageDecoding(false, false, MAXIMUM_PIXELS);
  }

  /**
   * The fast way: no more pixels of a large JPEG than are needed, the orientation is ignored.
   *
   * @return the decoding that training uses unless told otherwise
   */
  public static ImageDecoding sparing() {
    return new ImageDecoding(true, false, MAXIMUM_PIXELS);
  }

  /**
   * Turns photos as their camera was held, or not.
   *
   * @param enabled whether to apply EXIF's orientation
   * @return a changed copy
   */
  public ImageDecoding withUpright(boolean enabled) {
    return new ImageDecoding(reduced, enabled, maximumPixels);
  }

  /**
   * Sets the largest image that is decoded.
   *
   * @param pixels height times width, at least 1
   * @return a changed copy
   */
  public ImageDecoding withMaximumPixels(long pixels) {
    return new ImageDecoding(reduced, upright, pixels);
  }

  /** The settings that change pixels and differ from {@link #exact()}, for a transform's text. */
  String described() {
    return (reduced ? ", reduced" : "") + (upright ? ", upright" : "");
  }

  /** By how much a JPEG may be reduced when this box of it becomes an image of that size. */
  int reduction(Box box, Resolution target) {
    if (reduced) {
      for (int divisor = 8; divisor > 1; divisor /= 2) {
        if (box.height() >= divisor * target.height() && box.width() >= divisor * target.width()) {
          return divisor;
        }
      }
    }
    return 1;
  }
}
