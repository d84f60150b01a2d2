package dev.fgvc.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Locale;

/** Writes the rows of a resized image to where a batch wants them. */
final class TargetRows {

  /** 2^23: from here on, floats are whole numbers. */
  private static final float NO_FRACTIONS = 1 << 23;

  private static final VarHandle LITTLE_ENDIAN =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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
      private float[] packed = new float[0];
      private byte[] pixels = new byte[0];

      @Override
      public void put(float[] red, float[] green, float[] blue, int count) {
        if (packed.length <= count) {
          packed = new float[count + 1]; // pixels go in pairs
          pixels = new byte[3 * count + Long.BYTES];
        }
        pack(red, green, blue, packed, count);
        unpack(packed, pixels, count);
        target.put(pixels, 0, 3 * count);
      }
    };
  }

  // Java's compiler makes vector code of the first of these loops alone, so the other is to have
  // as little to do as possible: two pixels at once.

  /** The three levels of each pixel as one whole number, which a float of 24 bits holds. */
  private static void pack(float[] red, float[] green, float[] blue, float[] packed, int count) {
    for (int i = 0; i < count; i++) {
      packed[i] =
          (rounded(red[i]) - NO_FRACTIONS)
              + 256 * (rounded(green[i]) - NO_FRACTIONS)
              + 65536 * (rounded(blue[i]) - NO_FRACTIONS);
    }
  }

  /** Stores bytes; those after the last pixel's are overwritten. */
  private static void unpack(float[] packed, byte[] pixels, int count) {
    for (int i = 0; i < count; i += 2) {
      LITTLE_ENDIAN.set(pixels, 3 * i, (int) packed[i] | (long) (int) packed[i + 1] << 24);
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

  /** Refuses a target that is too small for all views of the transform. */
  static void requireRoom(int room, ImageTransform transform, String what) {
    requireRoom(room, transform.resolution(), transform.views(), what);
  }

  private static void requireRoom(int room, Resolution size, int images, String what) {
    long values = 3L * size.pixels() * images;
    if (room < values) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "target has room for %d %s, %s of 3x%s needs %d",
              room,
              what,
              images == 1 ? "an image" : images + " views",
              size,
              values));
    }
  }
}
