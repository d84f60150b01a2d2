package dev.fgvc.image;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Affine maps of a picture onto its own frame in the arithmetic of Pillow's {@code Image.transform}
 * (libImaging/Geometry.c): the middle of each target pixel is mapped into the source; what falls
 * outside becomes grey. Without antialiasing.
 *
 * <p>The source point is (a x + b y + c, d x + e y + f).
 */
record AffineSampling(double a, double b, double c, double d, double e, double f) {

  /** Level 128, the rounded mean of images whose values are centred. */
  private static final byte GREY = (byte) 128;

  private static final int ROTATION_DIGITS = 15;

  /** A map that adds a multiple of y to x. */
  static AffineSampling shearX(double factor) {
    return new AffineSampling(1, factor, 0, 0, 1, 0);
  }

  /** A map that adds a multiple of x to y. */
  static AffineSampling shearY(double factor) {
    return new AffineSampling(1, 0, 0, factor, 1, 0);
  }

  /** A map that adds pixels to x. */
  static AffineSampling translateX(double pixels) {
    return new AffineSampling(1, 0, pixels, 0, 1, 0);
  }

  /** A map that adds pixels to y. */
  static AffineSampling translateY(double pixels) {
    return new AffineSampling(1, 0, 0, 0, 1, pixels);
  }

  /** A turn of a picture around its middle, counter-clockwise. */
  static AffineSampling rotate(double degrees, int height, int width) {
    double angle = -Math.toRadians(degrees < 0 ? degrees + 360 : degrees);
    double cos = rounded(StrictMath.cos(angle));
    double sin = rounded(StrictMath.sin(angle));
    double x = width / 2.0;
    double y = height / 2.0;
    return new AffineSampling(
        cos, sin, cos * -x + sin * -y + 0.0 + x, -sin, cos, -sin * -x + cos * -y + 0.0 + y);
  }

  private static double rounded(double value) {
    return new BigDecimal(value).setScale(ROTATION_DIGITS, RoundingMode.HALF_EVEN).doubleValue();
  }

  /** The picture that a map makes. */
  Levels apply(Levels source, ResizeFilter filter) {
    Levels result = source.blank();
    byte[] target = result.rgb();
    for (int y = 0; y < source.height(); y++) {
      for (int x = 0; x < source.width(); x++) {
        double middleX = x + 0.5;
        double middleY = y + 0.5;
        double fromX = a * middleX + b * middleY + c;
        double fromY = d * middleX + e * middleY + f;
        int at = 3 * (y * source.width() + x);
        if (fromX < 0 || fromX >= source.width() || fromY < 0 || fromY >= source.height()) {
          target[at] = GREY;
          target[at + 1] = GREY;
          target[at + 2] = GREY;
        } else if (filter == ResizeFilter.BILINEAR) {
          bilinear(source, fromX - 0.5, fromY - 0.5, target, at);
        } else {
          bicubic(source, fromX - 0.5, fromY - 0.5, target, at);
        }
      }
    }
    return result;
  }

  private static void bilinear(Levels source, double x, double y, byte[] target, int at) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double partX = x - left;
    double partY = y - top;
    int x0 = 3 * within(left, source.width());
    int x1 = 3 * within(left + 1, source.width());
    int row0 = 3 * source.width() * within(top, source.height());
    int row1 = 3 * source.width() * within(top + 1, source.height());
    for (int channel = 0; channel < 3; channel++) {
      double upper = between(source.at(row0 + x0 + channel), source.at(row0 + x1 + channel), partX);
      double lower = between(source.at(row1 + x0 + channel), source.at(row1 + x1 + channel), partX);
      target[at + channel] = (byte) between(upper, lower, partY);
    }
  }

  private static double between(double a, double b, double part) {
    return a + (b - a) * part;
  }

  private static void bicubic(Levels source, double x, double y, byte[] target, int at) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double[] rows = new double[4];
    for (int channel = 0; channel < 3; channel++) {
      for (int k = 0; k < rows.length; k++) {
        int row = 3 * source.width() * within(top - 1 + k, source.height()) + channel;
        rows[k] =
            cubic(
                source.at(row + 3 * within(left - 1, source.width())),
                source.at(row + 3 * within(left, source.width())),
                source.at(row + 3 * within(left + 1, source.width())),
                source.at(row + 3 * within(left + 2, source.width())),
                x - left);
      }
      target[at + channel] = Levels.clipped(cubic(rows[0], rows[1], rows[2], rows[3], y - top));
    }
  }

  /** Keys' cubic convolution with a = -1, the kernel of Pillow's transforms. */
  private static double cubic(double v1, double v2, double v3, double v4, double part) {
    double p2 = -v1 + v3;
    double p3 = 2 * (v1 - v2) + v3 - v4;
    double p4 = -v1 + v2 - v3 + v4;
    return v2 + part * (p2 + part * (p3 + part * p4));
  }

  private static int within(int index, int size) {
    return Math.max(0, Math.min(index, size - 1));
  }
}
