package dev.fgvc.image;

import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * The training transform: a random box of the image, resized bilinearly to the resolution, mirrored
 * half of the time, with random brightness and saturation. Immutable; each {@code with} method
 * gives a changed copy.
 *
 * <p>After the authors' {@code preprocess_for_train} (inception_preprocessing.py, fast mode). The
 * box: its aspect ratio, width over height, is uniform in [0.75, 1.33]; then its <em>height</em> is
 * uniform among the whole numbers that give at least the minimum area and fit the image; then its
 * position is uniform. A box below a tenth of the image is drawn again, up to 100 times, then the
 * whole image is taken. This favours smaller boxes than the uniform area of other libraries such as
 * torchvision's RandomResizedCrop: on a 300 x 400 image their mean area is 0.39 of it against 0.42.
 */
public final class RandomCrop extends SingleView {

  /** The least area a box is drawn with, as a part of the image. */
  public static final double MINIMUM_AREA = 0.05;

  /** Brightness changes by at most this part of the full range. */
  public static final double BRIGHTNESS = 32 / 255.0;

  /** Saturation is multiplied by 1 plus or minus at most this. */
  public static final double SATURATION = 0.5;

  private static final double MINIMUM_ASPECT = 0.75;
  private static final double MAXIMUM_ASPECT = 1.33;
  private static final double LEAST_COVERED = 0.1;
  private static final int TRIES = 100;

  private final double minimumArea;
  private final boolean flip;
  private final double brightness;
  private final double saturation;

  private RandomCrop(
      Resolution resolution,
      double minimumArea,
      boolean flip,
      double brightness,
      double saturation,
      ImageDecoding decoding) {
    super(resolution, decoding);
    this.minimumArea = minimumArea;
    this.flip = flip;
    this.brightness = brightness;
    this.saturation = saturation;
  }

  /**
   * The authors' transform to a resolution.
   *
   * @param resolution the size of what comes out
   * @return the transform with the authors' settings
   */
  public static RandomCrop of(Resolution resolution) {
    return new RandomCrop(
        resolution, MINIMUM_AREA, true, BRIGHTNESS, SATURATION, ImageDecoding.sparing());
  }

  /**
   * Draws larger boxes, for networks or training sets too small to cope with the smallest.
   *
   * @param part the least area a box is drawn with as a part of the image, above 0, at most 1; the
   *     whole height may still be out of reach where the aspect ratio forbids it
   * @return a changed copy
   */
  public RandomCrop withMinimumArea(double part) {
    if (!(part > 0 && part <= 1)) {
      throw new IllegalArgumentException("minimum area " + part + " must be above 0, at most 1");
    }
    return new RandomCrop(resolution, part, flip, brightness, saturation, decoding);
  }

  /**
   * Mirrors half of the images left to right, or none.
   *
   * @param enabled whether to mirror
   * @return a changed copy
   */
  public RandomCrop withFlip(boolean enabled) {
    return new RandomCrop(resolution, minimumArea, enabled, brightness, saturation, decoding);
  }

  /**
   * Sets how far colours are changed; two zeros leave them as they are.
   *
   * @param maximumBrightness the largest change of brightness, from 0 to 1 (the full range)
   * @param maximumSaturation the largest change of the saturation's factor, from 0 to 1
   * @return a changed copy
   */
  public RandomCrop withColour(double maximumBrightness, double maximumSaturation) {
    if (!(maximumBrightness >= 0 && maximumBrightness <= 1)
        || !(maximumSaturation >= 0 && maximumSaturation <= 1)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "brightness %s and saturation %s must be from 0 to 1",
              maximumBrightness,
              maximumSaturation));
    }
    return new RandomCrop(
        resolution, minimumArea, flip, maximumBrightness, maximumSaturation, decoding);
  }

  /**
   * Decodes in another way, such as {@link ImageDecoding#exact()}.
   *
   * @param other how files become pixels; {@link ImageDecoding#sparing()} unless set
   * @return a changed copy
   */
  public RandomCrop withDecoding(ImageDecoding other) {
    return new RandomCrop(resolution, minimumArea, flip, brightness, saturation, other);
  }

  @Override
  public boolean isRandom() {
    return true;
  }

  @Override
  void apply(ImageFile image, RandomGenerator random, Bilinear.Rows target) {
    Box box = drawBox(image.height(), image.width(), random);
    boolean mirrored = flip && random.nextBoolean();
    Colour colour = drawColour(random);
    try (Picture picture = image.decode(box, resolution)) {
      Bilinear.resize(picture.part(box), resolution, mirrored, colour, target);
    }
  }

  Box drawBox(int height, int width, RandomGenerator random) {
    double leastPixels = LEAST_COVERED * height * width;
    for (int i = 0; i < TRIES; i++) {
      double aspect = MINIMUM_ASPECT + (MAXIMUM_ASPECT - MINIMUM_ASPECT) * random.nextDouble();
      Box box = Box.random(height, width, aspect, minimumArea, random);
      if (box.pixels() >= leastPixels) {
        return box;
      }
    }
    return Box.whole(height, width);
  }

  private Colour drawColour(RandomGenerator random) {
    double delta = brightness * (2 * random.nextDouble() - 1);
    double factor = 1 + saturation * (2 * random.nextDouble() - 1);
    return new Colour((float) delta, (float) factor);
  }

  /** The settings in one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "random crop of at least %s to %s, flip %s, brightness %s, saturation %s, %s",
        minimumArea,
        resolution,
        flip,
        brightness,
        saturation,
        decoding);
  }
}
