package dev.fgvc.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A fingerprint of what an image shows, which re-encoding, resizing and slight changes of colour
 * leave nearly as it is: the signs of the 63 lowest frequencies of a discrete cosine transform
 * against their median (Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions,
 * 2010).
 *
 * <p>The image is turned upright by EXIF, made 32 by 32 grey levels with antialiasing, and
 * transformed. Fingerprints of different photos differ in about 31 bits; those of altered copies in
 * few. Frequencies that an image does not have are rounding alone and count as 0, so the
 * fingerprints of all images of one colour are alike.
 *
 * @param bits of the image, the lowest 63
 * @param mirroredBits of the image with left and right exchanged
 */
public record PerceptualHash(long bits, long mirroredBits) {

  /** The bits of a fingerprint. */
  public static final int LENGTH = 63;

  private static final int SIDE = 32;
  private static final int FREQUENCIES = 8;

  /**
   * Above the rounding of a frequency that is 0; one pixel of 32 by 32 that is a level brighter
   * moves the frequencies by up to 0.008.
   */
  private static final double ROUNDING = 1e-4;

  private static final ImageDecoding DECODING = ImageDecoding.sparing().withUpright(true);

  /** cos((2 x + 1) u pi / 64), by u and x. */
  private static final double[][] WAVES = new double[FREQUENCIES][SIDE];

  static {
    for (int u = 0; u < FREQUENCIES; u++) {
      for (int x = 0; x < SIDE; x++) {
        WAVES[u][x] = StrictMath.cos((2 * x + 1) * u * Math.PI / (2 * SIDE));
      }
    }
  }

  /**
   * The fingerprint of a file.
   *
   * @param file a JPEG, PNG or WebP file; a large JPEG is decoded at a reduced size
   * @return the fingerprint, in the time of reading and decoding the file
   * @throws ImageFormatException if the file is not a whole image
   * @throws dev.fgvc.natives.NativeLibraryException if OpenCV cannot be loaded, or memory outside
   *     the Java heap ends
   * @throws IOException if the file cannot be read
   */
  public static PerceptualHash of(Path file) throws IOException {
    return of(ImageFile.read(file, DECODING));
  }

  /**
   * The fingerprint of a file's bytes.
   *
   * @param encoded the contents of a JPEG, PNG or WebP file
   * @param name what messages call the image
   * @return the fingerprint
   * @throws ImageFormatException if the bytes are not a whole image
   */
  public static PerceptualHash of(byte[] encoded, Path name) {
    return of(ImageFile.of(encoded, name, DECODING));
  }

  private static PerceptualHash of(ImageFile image) {
    Resolution size = Resolution.square(SIDE);
    Box whole = Box.whole(image.height(), image.width());
    GreyRows grey = new GreyRows();
    try (Picture picture = image.decode(whole, size)) {
      Resampling.resize(
          picture.part(whole), size, Box.whole(SIDE, SIDE), ResizeFilter.BILINEAR, grey);
    }
    return ofGrey(grey.values);
  }

  /** Gathers rows as grey levels, by the weights of ITU-R BT.601. */
  private static final class GreyRows implements Bilinear.Rows {

    private final double[] values = new double[SIDE * SIDE];
    private int filled;

    @Override
    public void put(float[] red, float[] green, float[] blue, int count) {
      for (int i = 0; i < count; i++) {
        values[filled++] = 0.299 * red[i] + 0.587 * green[i] + 0.114 * blue[i];
      }
    }
  }

  /** The fingerprint of 32 rows of 32 levels. */
  static PerceptualHash ofGrey(double[] levels) {
    double[] found = new double[LENGTH];
    double[] mirrored = new double[LENGTH];
    for (int v = 0; v < FREQUENCIES; v++) {
      double[] column = new double[SIDE];
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          column[x] += WAVES[v][y] * levels[y * SIDE + x];
        }
      }
      for (int u = v == 0 ? 1 : 0; u < FREQUENCIES; u++) {
        double sum = 0;
        for (int x = 0; x < SIDE; x++) {
          sum += WAVES[u][x] * column[x];
        }
        int at = v * FREQUENCIES + u - 1;
        found[at] = sum;
        // Waves of odd frequency change their sign where left becomes right.
        mirrored[at] = u % 2 == 0 ? sum : -sum;
      }
    }
    return new PerceptualHash(aboveMedian(found), aboveMedian(mirrored));
  }

  private static long aboveMedian(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double median = sorted[LENGTH / 2];
    long bits = 0;
    for (int i = 0; i < LENGTH; i++) {
      if (values[i] > median + ROUNDING) {
        bits |= 1L << i;
      }
    }
    return bits;
  }

  /**
   * How much two images differ.
   *
   * @param other another image's
   * @return the bits that differ, from 0 to 63
   */
  public int distance(PerceptualHash other) {
    return Long.bitCount(bits ^ other.bits);
  }

  /**
   * How much one image differs from the other's mirror image.
   *
   * @param other another image's
   * @return the bits that differ, from 0 to 63
   */
  public int mirroredDistance(PerceptualHash other) {
    return Long.bitCount(bits ^ other.mirroredBits);
  }
}
