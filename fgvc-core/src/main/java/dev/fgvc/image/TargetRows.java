package dev.fgvc.image;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Writes the rows of a resized image to where a batch wants them. */
final class TargetRows {

  /** 2^23: from here on, floats are whole numbers. */
  private static final float NO_FRACTIONS = 1 << 23;

  private TargetRows() {}

  /** Float32 [3, height, width], red first, from the target's position on, which moves. */
  static Bilinear.Rows planes(FloatBuffer target, Resolution size) {
    requireRoom(target.remaining(), size, 1, "floats");
    int start = target.position();
    target.position(start + 3 * size.pixels());
    int plane = size.pixels();
    return new Bilinear.Rows() {
      private int at = start;

      @Override
      public void put(float[] red, float[] green, float[] blue, int count) {
        target.put(at, red, 0, count);
        target.put(at + plane, green, 0, count);
        target.put(at + 2 * plane, blue, 0, count);
        at += count;
      }
    };
  }

  /** Bytes [height, width, 3], red first, from the target's position on, which moves. */
  static Bilinear.Rows bytes(ByteBuffer target, Resolution size) {
    requireRoom(target.remaining(), size, 1, "bytes");
    return new Bilinear.Rows() {
      private byte[] pixels = new byte[0];
      private float[][] rounded = new float[3][0];

      @Override
      public void put(float[] red, float[] green, float[] blue, int count) {
        if (pixels.length < 3 * count) {
          pixels = new byte[3 * count];
          rounded = new float[3][count];
        }
        round(red, rounded[0], count);
        round(green, rounded[1], count);
        round(blue, rounded[2], count);
        interleave(rounded[0], rounded[1], rounded[2], pixels, count);
        target.put(pixels, 0, 3 * count);
      }
    };
  }

  // Two loops, since the compiler makes vector code of the first alone.

  private static void round(float[] plane, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = rounded(plane[i]);
    }
  }

  private static void interleave(
      float[] red, float[] green, float[] blue, byte[] pixels, int count) {
    for (int i = 0; i < count; i++) {
      pixels[3 * i] = (byte) Float.floatToRawIntBits(red[i]);
      pixels[3 * i + 1] = (byte) Float.floatToRawIntBits(green[i]);
      pixels[3 * i + 2] = (byte) Float.floatToRawIntBits(blue[i]);
    }
  }

  /** Passes each row on in reverse. */
  static Bilinear.Rows mirrored(Bilinear.Rows target, int width) {
    return (red, green, blue, count) ->
        target.put(
            reversed(red, width, count),
            reversed(green, width, count),
            reversed(blue, width, count),
            count);
  }

  private static float[] reversed(float[] rows, int width, int count) {
    float[] reversed = new float[count];
    for (int start = 0; start < count; start += width) {
      for (int x = 0; x < width; x++) {
        reversed[start + x] = rows[start + width - 1 - x];
      }
    }
    return reversed;
  }

  /** The nearest level of a value from -1 to 1. */
  static byte level(float value) {
    return (byte) Float.floatToRawIntBits(rounded(value));
  }

  /** The nearest level in the lowest byte: a float of that size has no bits for fractions. */
  private static float rounded(float value) {
    return (value * 127.5f + 127.5f) + NO_FRACTIONS;
  }

  /** Of several views at once. */
  static void requireRoom(int room, ImageTransform transform, String what) {
    requireRoom(room, transform.resolution(), transform.views(), what);
  }

  private static void requireRoom(int room, Resolution size, int images, String what) {
    long values = 3L * size.pixels() * images;
    if (room < values) {
      throw new IllegalArgumentException(
          "target has room for %d %s, %s of 3x%s needs %d"
              .formatted(room, what, images == 1 ? "an image" : images + " views", size, values));
    }
  }
}
