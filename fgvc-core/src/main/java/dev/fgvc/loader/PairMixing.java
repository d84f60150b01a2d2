package dev.fgvc.loader;

import dev.fgvc.image.Resolution;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Mixes the images of a batch in place, image i with image {@code size - 1 - i}, all pairs in the
 * same way; the middle one of an odd batch stays as it is. Images are in a loader's layout, from
 * position 0 on.
 */
final class PairMixing {

  /** A share of each value, or a box of whole pixels. */
  private sealed interface Blend {

    /** The part of each image that stays its own. */
    double share();
  }

  private record Mixup(double share) implements Blend {}

  /** Rows from top to bottom and columns from left to right, both ends excluded. */
  private record CutMix(double share, int top, int bottom, int left, int right) implements Blend {}

  private PairMixing() {}

  /** Mixup with a given share. */
  static Targets mixup(
      ByteBuffer images, PixelLayout layout, Resolution resolution, int[] labels, double share) {
    return mix(images, layout, resolution, labels, new Mixup(share));
  }

  /**
   * CutMix with a box around a given pixel.
   *
   * @param share before the box is cut off at the borders
   */
  static Targets cutMix(
      ByteBuffer images,
      PixelLayout layout,
      Resolution resolution,
      int[] labels,
      double share,
      int row,
      int column) {
    double side = Math.sqrt(1 - share);
    int height = (int) (resolution.height() * side);
    int width = (int) (resolution.width() * side);
    int top = Math.max(0, row - height / 2);
    int bottom = Math.min(resolution.height(), row + (height + 1) / 2);
    int left = Math.max(0, column - width / 2);
    int right = Math.min(resolution.width(), column + (width + 1) / 2);
    double area = (double) (bottom - top) * (right - left);
    CutMix box = new CutMix(1 - area / resolution.pixels(), top, bottom, left, right);
    return mix(images, layout, resolution, labels, box);
  }

  private static Targets mix(
      ByteBuffer images, PixelLayout layout, Resolution resolution, int[] labels, Blend blend) {
    int size = labels.length;
    int[] others = new int[size];
    double[] shares = new double[size];
    Arrays.fill(shares, blend.share());
    for (int i = 0; i < size; i++) {
      others[i] = labels[size - 1 - i];
    }
    if (size % 2 == 1) {
      shares[size / 2] = 1;
    }
    for (int i = 0; i < size / 2; i++) {
      if (layout == PixelLayout.FLOATS) {
        mixFloats(images.asFloatBuffer(), resolution, i, size - 1 - i, blend);
      } else {
        mixBytes(images, resolution, i, size - 1 - i, blend);
      }
    }
    return Targets.mixed(labels, others, shares);
  }

  /** Two images of three planes, row by row. */
  private static void mixFloats(
      FloatBuffer images, Resolution size, int image, int partner, Blend blend) {
    int width = size.width();
    int values = 3 * size.pixels();
    float[] one = new float[width];
    float[] other = new float[width];
    for (int line = 0; line < 3 * size.height(); line++) {
      int at = image * values + line * width;
      int partnerAt = partner * values + line * width;
      if (blend instanceof CutMix box) {
        int y = line % size.height();
        if (y >= box.top() && y < box.bottom()) {
          int length = box.right() - box.left();
          images.get(at + box.left(), one, 0, length);
          images.get(partnerAt + box.left(), other, 0, length);
          images.put(at + box.left(), other, 0, length);
          images.put(partnerAt + box.left(), one, 0, length);
        }
      } else {
        images.get(at, one);
        images.get(partnerAt, other);
        blend(one, other, (float) blend.share(), (float) (1 - blend.share()));
        images.put(at, one);
        images.put(partnerAt, other);
      }
    }
  }

  // Small and alone, which the compiler makes vector code of.
  private static void blend(float[] one, float[] other, float share, float rest) {
    for (int i = 0; i < one.length; i++) {
      float first = one[i];
      float second = other[i];
      one[i] = first * share + second * rest;
      other[i] = second * share + first * rest;
    }
  }

  /** The same of pixels of three bytes, rounded to the nearest level. */
  private static void mixBytes(
      ByteBuffer images, Resolution size, int image, int partner, Blend blend) {
    int stride = 3 * size.width();
    int values = 3 * size.pixels();
    byte[] one = new byte[stride];
    byte[] other = new byte[stride];
    for (int y = 0; y < size.height(); y++) {
      int at = image * values + y * stride;
      int partnerAt = partner * values + y * stride;
      if (blend instanceof CutMix box) {
        if (y >= box.top() && y < box.bottom()) {
          int length = 3 * (box.right() - box.left());
          images.get(at + 3 * box.left(), one, 0, length);
          images.get(partnerAt + 3 * box.left(), other, 0, length);
          images.put(at + 3 * box.left(), other, 0, length);
          images.put(partnerAt + 3 * box.left(), one, 0, length);
        }
      } else {
        images.get(at, one);
        images.get(partnerAt, other);
        float share = (float) blend.share();
        float rest = (float) (1 - blend.share());
        for (int i = 0; i < stride; i++) {
          int first = one[i] & 0xff;
          int second = other[i] & 0xff;
          one[i] = (byte) Math.rint(first * share + second * rest);
          other[i] = (byte) Math.rint(second * share + first * rest);
        }
        images.put(at, one);
        images.put(partnerAt, other);
      }
    }
  }
}
