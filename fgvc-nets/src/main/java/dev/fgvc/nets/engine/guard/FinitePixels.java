package dev.fgvc.nets.engine.guard;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import java.nio.FloatBuffer;

/**
 * Refuses pixels that are no numbers. Activations may turn NaN into 0, so that logits would not
 * tell of it.
 */
public final class FinitePixels {

  /** The bits of a float's exponent: all are set where it is infinite or NaN. */
  private static final int EXPONENT = 0x7f800000;

  private FinitePixels() {}

  /**
   * Refuses a batch with a pixel that is NaN or infinite. Each value of floats is read once; bytes
   * are numbers anyway.
   *
   * @param batch to be computed with
   * @throws IllegalArgumentException if a pixel is NaN or infinite; the message names its place
   */
  public static void require(ImageBatch batch) {
    if (batch instanceof Images images && !areFinite(images.pixels())) {
      throw refusal(images);
    }
  }

  private static boolean areFinite(FloatBuffer pixels) {
    int largest = 0;
    for (int k = 0; k < pixels.limit(); k++) {
      largest = Math.max(largest, Float.floatToRawIntBits(pixels.get(k)) & EXPONENT);
    }
    return largest < EXPONENT;
  }

  private static IllegalArgumentException refusal(Images images) {
    FloatBuffer pixels = images.pixels();
    int k = 0;
    while (Float.isFinite(pixels.get(k))) {
      k++;
    }
    int side = images.resolution().width();
    int plane = Math.toIntExact(images.resolution().pixels());
    return new IllegalArgumentException(
        lenientFormat(
            "image %s of the batch: channel %s of row %s, column %s is %s; pixels are finite, from"
                + " -1 to 1",
            k / plane / 3, k / plane % 3, k % plane / side, k % side, pixels.get(k)));
  }
}
