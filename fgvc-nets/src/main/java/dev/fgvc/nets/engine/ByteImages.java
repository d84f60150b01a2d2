package dev.fgvc.nets.engine;

import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import dev.fgvc.nets.weights.Normalization;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Locale;
import java.util.Objects;

/**
 * A batch of images as decoders give them: NHWC, three unsigned bytes a pixel in the order red,
 * green, blue. A quarter of the floats' size on the way to a device, where they are normalised: x /
 * 127.5 - 1 unless the network's weights want another {@link Normalization}.
 *
 * @param pixels count * height * width * 3 bytes from position to limit; a direct buffer is read in
 *     place, any other is copied
 * @param count the number of images, at least 1
 * @param resolution of each image
 * @param normalization what becomes of a byte on the device
 */
public record ByteImages(
    ByteBuffer pixels, int count, Resolution resolution, Normalization normalization)
    implements ImageBatch {

  /** Refuses a buffer of another size. */
  public ByteImages {
    long wanted = 3L * count * resolution.pixels();
    if (count < 1 || pixels.remaining() != wanted) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d images of %s need %d bytes (at least one image), the buffer has %d",
              count,
              resolution,
              wanted,
              pixels.remaining()));
    }
    pixels = pixels.slice();
  }

  /**
   * Bytes that become x / 127.5 - 1, as the paper's networks take them.
   *
   * @param pixels count * height * width * 3 bytes from position to limit
   * @param count the number of images, at least 1
   * @param resolution of each image
   */
  public ByteImages(ByteBuffer pixels, int count, Resolution resolution) {
    this(pixels, count, resolution, Normalization.inception());
  }

  /**
   * Wraps a batch of a loader with {@link dev.fgvc.loader.PixelLayout#BYTES}.
   *
   * @param batch not closed while the images are in use, for they share its buffer
   * @return the images
   * @throws IllegalStateException if the batch is closed or holds floats
   */
  public static ByteImages of(Batch batch) {
    return new ByteImages(batch.bytes(), batch.size(), batch.resolution());
  }

  /**
   * The same images for a network with another normalization.
   *
   * @param other what becomes of a byte on the device
   * @return a batch that shares this one's buffer
   */
  public ByteImages withNormalization(Normalization other) {
    return new ByteImages(pixels, count, resolution, other);
  }

  @Override
  public Images toFloats() {
    float[][] levels = normalization.levels();
    int cells = Math.toIntExact(resolution.pixels());
    float[] planes = new float[Math.multiplyExact(3 * count, cells)];
    for (int image = 0; image < count; image++) {
      for (int cell = 0; cell < cells; cell++) {
        int from = 3 * (image * cells + cell);
        int to = 3 * image * cells + cell;
        for (int channel = 0; channel < 3; channel++) {
          planes[to + channel * cells] = levels[channel][pixels.get(from + channel) & 0xff];
        }
      }
    }
    return new Images(FloatBuffer.wrap(planes), count, resolution);
  }

  @Override
  public ByteImages part(int first, int size) {
    Objects.checkFromIndexSize(first, size, count);
    int values = Math.toIntExact(3 * resolution.pixels());
    return new ByteImages(
        pixels.slice(first * values, size * values), size, resolution, normalization);
  }
}
