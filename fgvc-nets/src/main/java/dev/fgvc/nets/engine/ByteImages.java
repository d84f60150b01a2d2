package dev.fgvc.nets.engine;

import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Locale;
import java.util.Objects;

/**
 * A batch of images as decoders give them: NHWC, three unsigned bytes a pixel in the order red,
 * green, blue. A quarter of the floats' size on the way to a device, where a byte x becomes x /
 * 127.5 - 1.
 *
 * @param pixels count * height * width * 3 bytes from position to limit; a direct buffer is read in
 *     place, any other is copied
 * @param count the number of images, at least 1
 * @param resolution of each image
 */
public record ByteImages(ByteBuffer pixels, int count, Resolution resolution)
    implements ImageBatch {

  /**
   * Refuses a buffer of another size.
   *
   * @param pixels count * height * width * 3 bytes from position to limit
   * @param count the number of images, at least 1
   * @param resolution of each image
   */
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
   * Wraps a batch of a loader with {@link dev.fgvc.loader.PixelLayout#BYTES}.
   *
   * @param batch not closed while the images are in use, for they share its buffer
   * @return the images
   * @throws IllegalStateException if the batch is closed or holds floats
   */
  public static ByteImages of(Batch batch) {
    return new ByteImages(batch.bytes(), batch.size(), batch.resolution());
  }

  @Override
  public Images toFloats() {
    int cells = Math.toIntExact(resolution.pixels());
    float[] planes = new float[Math.multiplyExact(3 * count, cells)];
    for (int image = 0; image < count; image++) {
      for (int cell = 0; cell < cells; cell++) {
        int from = 3 * (image * cells + cell);
        int to = 3 * image * cells + cell;
        for (int channel = 0; channel < 3; channel++) {
          planes[to + channel * cells] = normalised(pixels.get(from + channel));
        }
      }
    }
    return new Images(FloatBuffer.wrap(planes), count, resolution);
  }

  @Override
  public ByteImages part(int first, int size) {
    Objects.checkFromIndexSize(first, size, count);
    int values = Math.toIntExact(3 * resolution.pixels());
    return new ByteImages(pixels.slice(first * values, size * values), size, resolution);
  }

  private static float normalised(byte value) {
    return (value & 0xff) / 127.5f - 1;
  }
}
