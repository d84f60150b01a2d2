package dev.fgvc.nets.engine;

import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Locale;
import java.util.Objects;

/**
 * A batch of images as networks take them: NCHW, three channels in the order red, green, blue,
 * values from -1 to 1 by the paper's normalization.
 *
 * @param pixels count * 3 * height * width values from position to limit; a direct buffer of native
 *     byte order is read in place, any other is copied
 * @param count the number of images, at least 1
 * @param resolution of each image
 */
public record Images(FloatBuffer pixels, int count, Resolution resolution) implements ImageBatch {

  /** Refuses a buffer of another size. */
  public Images {
    long wanted = 3L * count * resolution.pixels();
    if (count < 1 || pixels.remaining() != wanted) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d images of %s need %d values (at least one image), the buffer has %d",
              count,
              resolution,
              wanted,
              pixels.remaining()));
    }
    pixels = pixels.slice();
  }

  /**
   * Wraps a batch of a loader with {@link dev.fgvc.loader.PixelLayout#FLOATS}.
   *
   * @param batch not closed while the images are in use, for they share its buffer
   * @return the images
   * @throws IllegalStateException if the batch is closed or holds bytes
   */
  public static Images of(Batch batch) {
    return new Images(batch.images(), batch.size(), batch.resolution());
  }

  /**
   * Memory for a batch that is read in place: a direct buffer of native byte order, filled with
   * zeros.
   *
   * @param count the number of images
   * @param resolution of each image
   * @return as many values as the batch has
   * @throws ArithmeticException if they take 2 GiB or more
   */
  public static FloatBuffer allocate(int count, Resolution resolution) {
    long bytes = Math.multiplyExact(3L * Float.BYTES * count, resolution.pixels());
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  @Override
  public Images toFloats() {
    return this;
  }

  @Override
  public Images part(int first, int size) {
    Objects.checkFromIndexSize(first, size, count);
    int values = Math.toIntExact(3 * resolution.pixels());
    return new Images(pixels.slice(first * values, size * values), size, resolution);
  }
}
