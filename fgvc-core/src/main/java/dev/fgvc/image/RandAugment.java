package dev.fgvc.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Applies random operations to what another transform makes (Cubuk et al., RandAugment, NeurIPS
 * 2020), in the form of timm 1.0's {@code rand-m9-n2-mstd0.5-inc1}: each of two operations is drawn
 * from fifteen with replacement and applied half of the time, with a magnitude from N(9, 0.5)
 * clipped to [0, 10]. Immutable; each {@code with} method gives a changed copy.
 *
 * <p>The operations: stretched and equalized contrast, the negative, rotation up to 30 degrees,
 * fewer bits, solarization in two forms, more or less colour, contrast, brightness and sharpness,
 * shears up to 0.3 and shifts up to 0.45 of the side, which take bilinear or bicubic sampling at
 * random and fill with grey. All work on 8-bit levels, to which the inner transform's values are
 * rounded, and give Pillow's.
 *
 * <p>The inner transform crops and mirrors; {@link RandomCrop} changes colours too unless {@link
 * RandomCrop#withColour} leaves them out, as timm does here.
 *
 * <pre>{@code
 * ImageTransform transform =
 *     RandomErasing.of(RandAugment.of(RandomCrop.of(resolution).withColour(0, 0)));
 * }</pre>
 */
public final class RandAugment extends RandomChange {

  private static final ResizeFilter[] FILTERS = ResizeFilter.values();
  private static final AugmentOperation[] OPERATIONS = AugmentOperation.values();

  private final double magnitude;
  private final double deviation;
  private final int operations;
  private final double probability;

  private RandAugment(
      ImageTransform inner,
      double magnitude,
      double deviation,
      int operations,
      double probability) {
    super(inner);
    this.magnitude = magnitude;
    this.deviation = deviation;
    this.operations = operations;
    this.probability = probability;
  }

  /**
   * Two operations of magnitude 9 with deviation 0.5, each applied half of the time.
   *
   * @param inner makes the images
   * @return the transform
   */
  public static RandAugment of(ImageTransform inner) {
    return new RandAugment(inner, 9, 0.5, 2, 0.5);
  }

  /**
   * Changes images more or less.
   *
   * @param value the magnitude's mean, from 0 to 10; {@code m} in timm's text
   * @return a changed copy
   */
  public RandAugment withMagnitude(double value) {
    if (!(value >= 0 && value <= AugmentOperation.FULL)) {
      throw new IllegalArgumentException("magnitude " + value + " must be from 0 to 10");
    }
    return new RandAugment(inner, value, deviation, operations, probability);
  }

  /**
   * Draws magnitudes further from their mean.
   *
   * @param value the deviation, at least 0; {@code mstd} in timm's text
   * @return a changed copy
   */
  public RandAugment withDeviation(double value) {
    if (!(value >= 0 && value <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("deviation " + value + " must be finite, at least 0");
    }
    return new RandAugment(inner, magnitude, value, operations, probability);
  }

  /**
   * Draws more or fewer operations.
   *
   * @param count of each image, at least 0; {@code n} in timm's text
   * @return a changed copy
   */
  public RandAugment withOperations(int count) {
    if (count < 0) {
      throw new IllegalArgumentException(count + " operations: must be at least 0");
    }
    return new RandAugment(inner, magnitude, deviation, count, probability);
  }

  /**
   * Applies the operations that were drawn more or less often.
   *
   * @param value the probability of each, from 0 to 1; {@code p} in timm's text
   * @return a changed copy
   */
  public RandAugment withProbability(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("probability " + value + " must be from 0 to 1");
    }
    return new RandAugment(inner, magnitude, deviation, operations, value);
  }

  @Override
  public void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException {
    TargetRows.requireRoom(target.remaining(), this, "floats");
    ByteBuffer pixels = ByteBuffer.allocate(3 * views() * resolution().pixels());
    inner.apply(file, random, pixels);
    augment(pixels.array(), random);
    putFloats(pixels.array(), target);
  }

  @Override
  public void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
    TargetRows.requireRoom(target.remaining(), this, "floats");
    int plane = resolution().pixels();
    FloatBuffer floats = FloatBuffer.allocate(3 * views() * plane);
    inner.apply(encoded, name, random, floats);
    byte[] pixels = new byte[floats.capacity()];
    for (int i = 0; i < pixels.length; i++) {
      int view = i / (3 * plane);
      int cell = i / 3 % plane;
      pixels[i] = TargetRows.level(floats.get((3 * view + i % 3) * plane + cell));
    }
    augment(pixels, random);
    putFloats(pixels, target);
  }

  @Override
  public void apply(Path file, RandomGenerator random, ByteBuffer target) throws IOException {
    TargetRows.requireRoom(target.remaining(), this, "bytes");
    ByteBuffer pixels = ByteBuffer.allocate(3 * views() * resolution().pixels());
    inner.apply(file, random, pixels);
    augment(pixels.array(), random);
    target.put(pixels.array());
  }

  private void augment(byte[] pixels, RandomGenerator random) {
    int bytes = 3 * resolution().pixels();
    for (int view = 0; view < views(); view++) {
      byte[] rgb = new byte[bytes];
      System.arraycopy(pixels, view * bytes, rgb, 0, bytes);
      Levels image = new Levels(rgb, resolution().height(), resolution().width());
      System.arraycopy(augmented(image, random).rgb(), 0, pixels, view * bytes, bytes);
    }
  }

  private Levels augmented(Levels image, RandomGenerator random) {
    AugmentOperation[] drawn = new AugmentOperation[operations];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = OPERATIONS[random.nextInt(OPERATIONS.length)];
    }
    Levels result = image;
    for (AugmentOperation operation : drawn) {
      if (random.nextDouble() < probability) {
        double drawnMagnitude = magnitude + deviation * random.nextGaussian();
        double clipped = Math.max(0, Math.min(drawnMagnitude, AugmentOperation.FULL));
        double argument = operation.argument(clipped, random);
        result = operation.apply(result, argument, FILTERS[random.nextInt(FILTERS.length)]);
      }
    }
    return result;
  }

  private void putFloats(byte[] pixels, FloatBuffer target) {
    int plane = resolution().pixels();
    float[] values = new float[plane];
    for (int view = 0; view < views(); view++) {
      for (int channel = 0; channel < 3; channel++) {
        for (int cell = 0; cell < plane; cell++) {
          values[cell] = Resampling.unit(pixels[3 * (view * plane + cell) + channel] & 0xff);
        }
        target.put(values);
      }
    }
  }

  /** The settings and those of the inner transform in one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s, %d operations of magnitude %s, deviation %s, with probability %s",
        inner,
        operations,
        magnitude,
        deviation,
        probability);
  }
}
