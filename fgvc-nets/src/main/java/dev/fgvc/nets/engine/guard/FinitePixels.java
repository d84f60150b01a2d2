package dev.fgvc.nets.engine.guard;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import java.nio.FloatBuffer;

/**
 * Refuses pixels that are no numbers. Activations may turn NaN into 0, so that logits would not
 * tell of it.
 */
final class FinitePixels {

  private FinitePixels() {}

  /** Takes a third of a nanosecond a value; bytes are numbers anyway. */
  static void require(ImageBatch batch) {
    if (batch instanceof Images images && !areFinite(images.pixels())) {
      throw refusal(images);
    }
  }

  private static boolean areFinite(FloatBuffer pixels) {
    float sum = 0;
    for (int k = 0; k < pixels.limit(); k++) {
      sum += pixels.get(k) * 0f; // NaN where the value is infinite or NaN
    }
    return sum == 0;
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
