package dev.fgvc.data.synthetic;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.random.RandomGenerator;

/**
 * Exposure, colour cast, a shadow across the frame, focus and noise, in one pass over the pixels.
 */
final class Light {

  private Light() {}

  /**
   * Changes the pixels.
   *
   * @param variation how much, from 0 to 1
   */
  static void shine(BufferedImage image, RandomGenerator random, float variation) {
    int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    int width = image.getWidth();
    int height = image.getHeight();
    boolean blurred = random.nextInt(3) == 0;
    if (blurred && variation > 0.5f) {
      soften(pixels, width, height);
    }
    float exposure = around(0.7f + 0.45f * random.nextFloat(), variation);
    float red = exposure * around(0.88f + 0.24f * random.nextFloat(), variation);
    float green = exposure * around(0.92f + 0.16f * random.nextFloat(), variation);
    float blue = exposure * around(0.88f + 0.24f * random.nextFloat(), variation);
    float lift = variation * (18 * random.nextFloat());
    double angle = 2 * Math.PI * random.nextDouble();
    float slope = variation * (0.45f * random.nextFloat());
    float slopeX = (float) (slope * Math.cos(angle)) / width;
    float slopeY = (float) (slope * Math.sin(angle)) / height;
    float grain = variation * (2 + 8 * random.nextFloat()) / 128;
    long state = random.nextLong() | 1;
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++, i++) {
        // xorshift: three signed bytes of noise a pixel are plenty from one cheap step.
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        float shadow = 1 + slopeX * (x - width / 2) + slopeY * (y - height / 2);
        int rgb = pixels[i];
        int r = level((rgb >> 16 & 0xFF) * red * shadow + lift + grain * (byte) state);
        int g = level((rgb >> 8 & 0xFF) * green * shadow + lift + grain * (byte) (state >> 8));
        int b = level((rgb & 0xFF) * blue * shadow + lift + grain * (byte) (state >> 16));
        pixels[i] = r << 16 | g << 8 | b;
      }
    }
  }

  private static float around(float factor, float variation) {
    return 1 - variation + variation * factor;
  }

  private static int level(float value) {
    return Math.max(0, Math.min(255, (int) value));
  }

  /** Each pixel becomes the mean of itself and its right, lower and lower right neighbour. */
  private static void soften(int[] pixels, int width, int height) {
    for (int y = 0; y < height - 1; y++) {
      for (int i = y * width; i < y * width + width - 1; i++) {
        pixels[i] =
            half(half(pixels[i], pixels[i + 1]), half(pixels[i + width], pixels[i + width + 1]));
      }
    }
  }

  /** The mean of each of the three bytes, rounded down, without unpacking them. */
  private static int half(int a, int b) {
    return (a & b) + ((a ^ b) >> 1 & 0x7F7F7F);
  }
}
