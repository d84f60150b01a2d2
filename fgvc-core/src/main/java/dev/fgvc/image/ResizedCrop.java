package dev.fgvc.image;

import static com.google.common.base.Strings.lenientFormat;

import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * The evaluation transform of timm and torchvision: the whole image is resized with antialiasing,
 * then the centre is cut out. {@link CentralCrop} is the paper's, which cuts first and resizes
 * without antialiasing. Nothing is random.
 *
 * <p>The image is resized to {@code floor(side / fraction)}: its shorter side, with the aspect
 * ratio kept and the longer side rounded down, or both sides where {@link Fit#SQUASH} is set. A
 * resolution that is not square is covered: the image becomes the smallest with its aspect ratio
 * that both target sides fit into (timm's {@code transforms_imagenet_eval}, which takes bilinear
 * filtering there whatever it is given; this class takes the filter that was set). Pixels are those
 * of Pillow's {@code Image.resize} for JPEG files that both decode alike, to the last bit.
 */
public final class ResizedCrop extends SingleView {

  /** How images of another aspect ratio than the target's become it. */
  public enum Fit {
    /** The aspect ratio is kept; what sticks out is cut off. timm calls this {@code center}. */
    CROP,
    /** Height and width are resized independently. */
    SQUASH
  }

  private final ResizeFilter filter;
  private final double fraction;
  private final Fit fit;

  /** The size whose centre is the target: the target's sides over the fraction. */
  private final Resolution scaled;

  private ResizedCrop(
      Resolution resolution,
      ResizeFilter filter,
      double fraction,
      Fit fit,
      ImageDecoding decoding) {
    super(resolution, decoding);
    this.filter = Objects.requireNonNull(filter, "filter");
    this.fraction = fraction;
    this.fit = Objects.requireNonNull(fit, "fit");
    if (!(fraction > 0 && fraction <= 1)) {
      throw new IllegalArgumentException(
          "crop fraction " + fraction + ": must be above 0 and at most 1");
    }
    this.scaled = new Resolution(scaled(resolution.height()), scaled(resolution.width()));
  }

  /**
   * A transform that keeps the aspect ratio, with {@link ImageDecoding#exact()}.
   *
   * @param resolution the size of what comes out
   * @param filter the resizing kernel
   * @param fraction the part of the resized image's shorter side that is kept, above 0 and at most
   *     1
   * @return the transform
   * @throws IllegalArgumentException if the fraction is out of range, or so small that the resized
   *     image would be longer than {@value Resolution#MAX_SIDE}
   */
  public static ResizedCrop of(Resolution resolution, ResizeFilter filter, double fraction) {
    return new ResizedCrop(resolution, filter, fraction, Fit.CROP, ImageDecoding.exact());
  }

  /**
   * Fits images in another way.
   *
   * @param other what becomes of the aspect ratio
   * @return a changed copy
   */
  public ResizedCrop withFit(Fit other) {
    return new ResizedCrop(resolution, filter, fraction, other, decoding);
  }

  /**
   * Decodes in another way.
   *
   * @param other how files become pixels; not reduced, since antialiasing takes every pixel
   * @return a changed copy
   * @throws IllegalArgumentException if it is reduced
   */
  public ResizedCrop withDecoding(ImageDecoding other) {
    if (other.reduced()) {
      throw new IllegalArgumentException(
          "reduced decoding leaves out pixels that antialiased resizing takes into account: use"
              + " ImageDecoding.exact()");
    }
    return new ResizedCrop(resolution, filter, fraction, fit, other);
  }

  @Override
  void apply(ImageFile image, RandomGenerator random, Bilinear.Rows target) {
    Box whole = Box.whole(image.height(), image.width());
    Resolution size;
    try {
      size = resizedFrom(image.height(), image.width());
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(
          image.path(),
          lenientFormat(
              "%sx%s cannot be resized to %s: %s",
              image.height(), image.width(), resolution, e.getMessage()),
          e);
    }
    Box part =
        new Box(
            middle(size.height(), resolution.height()),
            middle(size.width(), resolution.width()),
            resolution.height(),
            resolution.width());
    try (Picture picture = image.decode(whole, resolution)) {
      Resampling.resize(picture.part(whole), size, part, filter, target);
    }
  }

  /** The size of the whole image before the centre is cut out. */
  Resolution resizedFrom(int height, int width) {
    if (fit == Fit.SQUASH) {
      return scaled;
    }
    if (scaled.height() == scaled.width()) {
      int shorter = Math.min(height, width);
      int longer = (int) ((long) scaled.height() * Math.max(height, width) / shorter);
      return height <= width
          ? new Resolution(scaled.height(), longer)
          : new Resolution(longer, scaled.height());
    }
    double ratio = Math.min((double) height / scaled.height(), (double) width / scaled.width());
    return new Resolution(
        Math.max(scaled.height(), (int) Math.rint(height / ratio)),
        Math.max(scaled.width(), (int) Math.rint(width / ratio)));
  }

  private int scaled(int side) {
    double scaled = Math.floor(side / fraction);
    if (scaled > Resolution.MAX_SIDE) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "crop fraction %s of %s: the resized image would be longer than %d pixels",
              fraction,
              resolution,
              Resolution.MAX_SIDE));
    }
    return (int) scaled;
  }

  /** Where torchvision's CenterCrop begins: half of what is left, an odd half to the even side. */
  private static int middle(int size, int kept) {
    return (int) Math.rint((size - kept) / 2.0);
  }

  /** The steps and the resolution. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "resized by %s with %s, central crop %s to %s%s",
        filter,
        fit,
        fraction,
        resolution,
        decoding.described());
  }
}
