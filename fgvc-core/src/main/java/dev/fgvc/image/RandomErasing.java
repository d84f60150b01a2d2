package dev.fgvc.image;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Erases random boxes of what another transform makes (Zhong et al., AAAI 2020), in the form of
 * timm 1.0: a box's area is uniform, the logarithm of its aspect ratio too, its position is
 * uniform; a box that does not fit is drawn again, up to ten times. Immutable; each {@code with}
 * method gives a changed copy.
 *
 * <p>Random values are standard normal where 0 is the middle grey and 1 is white, as timm has them
 * for images of mean and deviation 0.5. They are not clipped to [-1, 1], unless bytes are made.
 */
public final class RandomErasing extends RandomChange {

  /** The contents of erased boxes. */
  public enum Fill {
    /** Middle grey, which is 0. timm calls it {@code const}. */
    GREY,
    /** One random value a channel and box. timm calls it {@code rand}. */
    COLOUR,
    /** A random value for each channel of each pixel. timm calls it {@code pixel}. */
    NOISE
  }

  private static final int TRIES = 10;

  private final double probability;
  private final Fill fill;
  private final double minimumArea;
  private final double maximumArea;
  private final double minimumAspect;
  private final int minimumCount;
  private final int maximumCount;

  private RandomErasing(
      ImageTransform inner,
      double probability,
      Fill fill,
      double minimumArea,
      double maximumArea,
      double minimumAspect,
      int minimumCount,
      int maximumCount) {
    super(inner);
    this.probability = probability;
    this.fill = Objects.requireNonNull(fill, "fill");
    this.minimumArea = minimumArea;
    this.maximumArea = maximumArea;
    this.minimumAspect = minimumAspect;
    this.minimumCount = minimumCount;
    this.maximumCount = maximumCount;
  }

  /**
   * Erases one box of half of the images.
   *
   * @param inner makes the images
   * @return grey boxes of 2 % to a third of the image, aspect ratios from 0.3 to 1 / 0.3
   */
  public static RandomErasing of(ImageTransform inner) {
    return new RandomErasing(inner, 0.5, Fill.GREY, 0.02, 1 / 3.0, 0.3, 1, 1);
  }

  /**
   * Erases in more or fewer images.
   *
   * @param value the probability of each, from 0 to 1
   * @return a changed copy
   */
  public RandomErasing withProbability(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("probability " + value + " must be from 0 to 1");
    }
    return new RandomErasing(
        inner, value, fill, minimumArea, maximumArea, minimumAspect, minimumCount, maximumCount);
  }

  /**
   * Fills boxes with something else.
   *
   * @param value the contents
   * @return a changed copy
   */
  public RandomErasing withFill(Fill value) {
    return new RandomErasing(
        inner,
        probability,
        value,
        minimumArea,
        maximumArea,
        minimumAspect,
        minimumCount,
        maximumCount);
  }

  /**
   * Erases larger or smaller boxes.
   *
   * @param minimum the least area of all boxes as a part of the image, above 0
   * @param maximum the largest, at least the minimum and at most 1
   * @return a changed copy
   */
  public RandomErasing withArea(double minimum, double maximum) {
    checkArgument(
        minimum > 0 && minimum <= maximum && maximum <= 1,
        "areas from %s to %s must be above 0, ascending, at most 1",
        minimum,
        maximum);
    return new RandomErasing(
        inner, probability, fill, minimum, maximum, minimumAspect, minimumCount, maximumCount);
  }

  /**
   * Erases longer or more compact boxes.
   *
   * @param minimum the least ratio of height to width, above 0 and at most 1; the largest is one
   *     over it
   * @return a changed copy
   */
  public RandomErasing withMinimumAspect(double minimum) {
    if (!(minimum > 0 && minimum <= 1)) {
      throw new IllegalArgumentException("aspect " + minimum + " must be above 0, at most 1");
    }
    return new RandomErasing(
        inner, probability, fill, minimumArea, maximumArea, minimum, minimumCount, maximumCount);
  }

  /**
   * Erases several boxes, which share the area.
   *
   * @param minimum boxes of an image, at least 1
   * @param maximum at least the minimum
   * @return a changed copy
   */
  public RandomErasing withCount(int minimum, int maximum) {
    checkArgument(
        minimum >= 1 && minimum <= maximum,
        "counts from %s to %s must be at least 1 and ascending",
        minimum,
        maximum);
    return new RandomErasing(
        inner, probability, fill, minimumArea, maximumArea, minimumAspect, minimum, maximum);
  }

  @Override
  public void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException {
    int start = target.position();
    inner.apply(file, random, target);
    eraseFloats(random, target, start);
  }

  @Override
  public void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
    int start = target.position();
    inner.apply(encoded, name, random, target);
    eraseFloats(random, target, start);
  }

  private void eraseFloats(RandomGenerator random, FloatBuffer target, int start) {
    int width = resolution().width();
    int plane = resolution().pixels();
    eraseViews(
        random,
        (view, channel, row, left, values) ->
            target.put(start + (3 * view + channel) * plane + row * width + left, values));
  }

  @Override
  public void apply(Path file, RandomGenerator random, ByteBuffer target) throws IOException {
    int start = target.position();
    inner.apply(file, random, target);
    int width = resolution().width();
    int plane = resolution().pixels();
    eraseViews(
        random,
        (view, channel, row, left, values) -> {
          int first = start + 3 * (view * plane + row * width + left) + channel;
          for (int i = 0; i < values.length; i++) {
            target.put(first + 3 * i, TargetRows.level(Math.max(-1, Math.min(values[i], 1))));
          }
        });
  }

  /** Takes what a row of a box becomes in one channel. */
  interface ErasedRows {
    void put(int view, int channel, int row, int left, float[] values);
  }

  private void eraseViews(RandomGenerator random, ErasedRows target) {
    for (int view = 0; view < views(); view++) {
      if (random.nextDouble() < probability) {
        eraseBoxes(view, random, target);
      }
    }
  }

  private void eraseBoxes(int view, RandomGenerator random, ErasedRows target) {
    int count = minimumCount + random.nextInt(maximumCount - minimumCount + 1);
    for (int box = 0; box < count; box++) {
      for (int attempt = 0; attempt < TRIES; attempt++) {
        double part = minimumArea + (maximumArea - minimumArea) * random.nextDouble();
        double logAspect = StrictMath.log(minimumAspect) * (1 - 2 * random.nextDouble());
        double area = part * resolution().pixels() / count;
        Box size = boxOf(area, StrictMath.exp(logAspect));
        if (size.height() < resolution().height() && size.width() < resolution().width()) {
          int top = random.nextInt(resolution().height() - size.height() + 1);
          int left = random.nextInt(resolution().width() - size.width() + 1);
          erase(size.movedTo(top, left), view, random, target);
          break;
        }
      }
    }
  }

  /**
   * A box of some area.
   *
   * @param aspect height over width
   */
  static Box boxOf(double area, double aspect) {
    return Box.whole(
        (int) Math.rint(Math.sqrt(area * aspect)), (int) Math.rint(Math.sqrt(area / aspect)));
  }

  private void erase(Box box, int view, RandomGenerator random, ErasedRows target) {
    float[] row = new float[box.width()];
    for (int channel = 0; channel < 3; channel++) {
      float colour = fill == Fill.COLOUR ? (float) random.nextGaussian() : 0;
      for (int y = 0; y < box.height(); y++) {
        for (int x = 0; x < row.length; x++) {
          row[x] = fill == Fill.NOISE ? (float) random.nextGaussian() : colour;
        }
        target.put(view, channel, box.top() + y, box.left(), row);
      }
    }
  }

  /** The settings and those of the inner transform in one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s, %d to %d boxes of %s to %s with aspect %s erased by %s with probability %s",
        inner,
        minimumCount,
        maximumCount,
        minimumArea,
        maximumArea,
        minimumAspect,
        fill,
        probability);
  }
}
