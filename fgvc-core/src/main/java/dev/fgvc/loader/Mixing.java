package dev.fgvc.loader;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.image.Resolution;
import dev.fgvc.random.SplitMix64;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Mixes the images of a batch with each other, image i with image {@code size - 1 - i}; the middle
 * one of an odd batch stays as it is. All pairs of a batch are mixed in one way, which the batch's
 * place in the run and the loader's seed decide, as in the batch mode of timm 1.0.
 *
 * <ul>
 *   <li>Mixup (Zhang et al., ICLR 2018) makes {@code share * image + (1 - share) * partner}.
 *   <li>CutMix (Yun et al., ICCV 2019) replaces a box of the image by the partner's. The box has
 *       {@code sqrt(1 - share)} of the height and of the width, rounded down, its middle is uniform
 *       in the image, and what lies outside is cut off; the share becomes the part of the image
 *       that is left.
 * </ul>
 *
 * <p>The share is drawn from Beta(alpha, alpha). The classes and their shares are a batch's {@link
 * Batch#targets}.
 *
 * @param mixupAlpha of mixup's share, from 1e-300 to 1e6; 0 for no mixup
 * @param cutMixAlpha of CutMix's share, from 1e-300 to 1e6; 0 for no CutMix
 * @param probability that a batch is mixed, from 0 to 1
 * @param cutMixProbability that a batch which is mixed gets CutMix, where both have an alpha
 */
public record Mixing(
    double mixupAlpha, double cutMixAlpha, double probability, double cutMixProbability) {

  /** Below this, the logarithms of the gamma numbers overflow, and so would their difference. */
  private static final double LEAST_ALPHA = 1e-300;

  /** Beyond this, Beta(alpha, alpha) is one half to within a thousandth. */
  private static final double MAX_ALPHA = 1e6;

  /** How a batch is mixed: by a share of each value, or by a box of whole pixels. */
  private sealed interface Blend {

    /** The part of each image that stays its own. */
    double share();
  }

  private record Mixup(double share) implements Blend {}

  /** Rows from top to bottom and columns from left to right, both ends excluded. */
  private record CutMix(double share, int top, int bottom, int left, int right) implements Blend {}

  /** Refuses values outside their ranges. */
  public Mixing {
    requireAlpha("mixup alpha", mixupAlpha);
    requireAlpha("CutMix alpha", cutMixAlpha);
    requireAtMost(1, "probability", probability);
    requireAtMost(1, "CutMix probability", cutMixProbability);
  }

  private static void requireAlpha(String what, double alpha) {
    requireAtMost(MAX_ALPHA, what, alpha);
    if (alpha > 0 && alpha < LEAST_ALPHA) {
      throw new IllegalArgumentException(
          what + " " + alpha + " must be at least " + LEAST_ALPHA + ", or 0 for none");
    }
  }

  private static void requireAtMost(double most, String what, double value) {
    checkArgument(value >= 0 && value <= most, "%s %s must be from 0 to %s", what, value, most);
  }

  /**
   * Leaves batches as they are.
   *
   * @return both alphas 0
   */
  public static Mixing none() {
    return of(0, 0);
  }

  /**
   * Mixup alone, of every batch.
   *
   * @param alpha 0.2 in the source's ImageNet runs
   * @return no CutMix
   */
  public static Mixing mixup(double alpha) {
    return of(alpha, 0);
  }

  /**
   * CutMix alone, of every batch.
   *
   * @param alpha 1 in the source, which makes the share uniform
   * @return no mixup
   */
  public static Mixing cutMix(double alpha) {
    return of(0, alpha);
  }

  /**
   * Mixup for one half of the batches and CutMix for the other.
   *
   * @param mixupAlpha 0.8 in DeiT (Touvron et al., ICML 2021)
   * @param cutMixAlpha 1 there
   * @return every batch is mixed
   */
  public static Mixing of(double mixupAlpha, double cutMixAlpha) {
    return new Mixing(mixupAlpha, cutMixAlpha, 1, 0.5);
  }

  /**
   * Mixes a part of the batches only.
   *
   * @param value the probability of each, from 0 to 1
   * @return a changed copy
   */
  public Mixing withProbability(double value) {
    return new Mixing(mixupAlpha, cutMixAlpha, value, cutMixProbability);
  }

  /**
   * Sets how often CutMix is taken rather than mixup.
   *
   * @param value the probability, from 0 to 1; nothing where one of the alphas is 0
   * @return a changed copy
   */
  public Mixing withCutMixProbability(double value) {
    return new Mixing(mixupAlpha, cutMixAlpha, probability, value);
  }

  /** Whether a batch can come out changed. */
  boolean isActive() {
    return probability > 0 && (mixupAlpha > 0 || cutMixAlpha > 0);
  }

  /**
   * Mixes the images of a batch in place.
   *
   * @param images a batch in a loader's layout, from position 0 on
   * @param labels a class for each image
   * @param random of this batch alone
   */
  Targets apply(
      ByteBuffer images,
      PixelLayout layout,
      Resolution resolution,
      int[] labels,
      SplitMix64 random) {
    if (!isActive() || random.nextDouble() >= probability) {
      return Targets.of(labels);
    }
    boolean cuts = mixupAlpha == 0 || (cutMixAlpha > 0 && random.nextDouble() < cutMixProbability);
    double share = symmetricBeta(cuts ? cutMixAlpha : mixupAlpha, random);
    if (!cuts) {
      return mixup(images, layout, resolution, labels, share);
    }
    int row = random.nextInt(resolution.height());
    int column = random.nextInt(resolution.width());
    return cutMix(images, layout, resolution, labels, share, row, column);
  }

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

  /** One draw from Beta(alpha, alpha), as a part of the sum of two gamma numbers. */
  static double symmetricBeta(double alpha, SplitMix64 random) {
    // The logarithms, for the numbers themselves are 0 for a small alpha.
    double difference = logGamma(alpha, random) - logGamma(alpha, random);
    return 1 / (1 + StrictMath.exp(-difference));
  }

  /**
   * The logarithm of a draw from Gamma(alpha, 1), by Marsaglia and Tsang's method (ACM Trans. Math.
   * Software 26, 2000), which an alpha below 1 reaches from alpha + 1.
   */
  private static double logGamma(double alpha, SplitMix64 random) {
    if (alpha < 1) {
      return logGamma(alpha + 1, random) - random.nextExponential() / alpha;
    }
    double d = alpha - 1 / 3.0;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double normal = random.nextGaussian();
      double root = 1 + c * normal;
      if (root > 0) {
        double cube = root * root * root;
        double logCube = 3 * StrictMath.log(root);
        if (-random.nextExponential() < normal * normal / 2 + d * (1 - cube + logCube)) {
          return StrictMath.log(d) + logCube;
        }
      }
    }
  }
}
