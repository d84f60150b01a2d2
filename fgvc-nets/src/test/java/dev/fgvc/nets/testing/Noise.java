package dev.fgvc.nets.testing;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Images;
import java.nio.FloatBuffer;
import java.util.Random;

/** Images of uniform noise. */
public final class Noise {

  private Noise() {}

  /** Square images with values in [-1, 1). */
  public static Images images(int count, int side, long seed) {
    Random random = new Random(seed);
    float[] pixels = new float[count * 3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat() * 2 - 1;
    }
    return new Images(FloatBuffer.wrap(pixels), count, Resolution.square(side));
  }
}
