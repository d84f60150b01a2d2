package dev.fgvc.loader;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.image.Resolution;
import dev.fgvc.random.SplitMix64;
import java.nio.ByteBuffer;

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
    double share = SymmetricBeta.draw(cuts ? cutMixAlpha : mixupAlpha, random);
    if (!cuts) {
      return PairMixing.mixup(images, layout, resolution, labels, share);
    }
    int row = random.nextInt(resolution.height());
    int column = random.nextInt(resolution.width());
    return PairMixing.cutMix(images, layout, resolution, labels, share, row, column);
  }
}
