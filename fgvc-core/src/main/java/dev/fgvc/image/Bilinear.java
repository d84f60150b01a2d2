package dev.fgvc.image;

import dev.fgvc.image.Pixels.Span;

/**
 * Bilinear resizing as TensorFlow 1 does it: source = target * (in / out), in single precision,
 * without half-pixel centres, corners not aligned, no smoothing when reducing. Fused with
 * mirroring, colour and the scaling to [-1, 1]; no picture-sized array is made on the way.
 *
 * <p>Each source row is interpolated along x once and kept while output rows need it; two such rows
 * are blended for one output row. Work is 3 * width * (rows read + height).
 */
final class Bilinear {

  /** Vector code wants long loops; so many values of each channel stay in the fastest cache. */
  private static final int BLOCK = 2048;

  /** A table is cheaper than a conversion of each byte. */
  private static final float[] LEVEL = levels();

  private final Pixels source;
  private final int width;
  private final int height;
  private final int[] leftByte;
  private final int[] rightByte;
  private final float[] rightWeight;

  private Bilinear(Pixels source, Resolution target, boolean mirrored) {
    this.source = source;
    this.height = target.height();
    this.width = target.width();
    this.leftByte = new int[width];
    this.rightByte = new int[width];
    this.rightWeight = new float[width];
    Span columns = source.columns();
    float scale = columns.length() / width;
    for (int x = 0; x < width; x++) {
      int column = mirrored ? width - 1 - x : x;
      float at = within(columns.start() + column * scale, source.width());
      int left = (int) at;
      leftByte[x] = 3 * left;
      rightByte[x] = 3 * Math.min(left + 1, source.width() - 1);
      rightWeight[x] = at - left;
    }
  }

  /** Takes the rows from the first to the last, some at a time. */
  interface Rows {

    /**
     * Whole rows, a plane each, from -1 to 1.
     *
     * @param count pixels of them, from the arrays' start; the arrays are used again for the next
     */
    void put(float[] red, float[] green, float[] blue, int count);
  }

  static void resize(Pixels source, Resolution size, boolean mirrored, Colour colour, Rows target) {
    new Bilinear(source, size, mirrored).run(colour, target);
  }

  private void run(Colour colour, Rows target) {
    float[][] upper = new float[3][width];
    float[][] lower = new float[3][width];
    int blockRows = Math.max(1, BLOCK / width);
    float[][] block = new float[3][blockRows * width];
    float[][] scratch = new float[Colour.SCRATCH_PLANES][blockRows * width];
    int filled = 0;
    int upperRow = -1;
    int lowerRow = -1;
    Span rows = source.rows();
    float scale = rows.length() / height;
    for (int y = 0; y < height; y++) {
      float at = within(rows.start() + y * scale, source.height());
      int top = (int) at;
      int bottom = Math.min(top + 1, source.height() - 1);
      if (top != upperRow) {
        if (top == lowerRow) {
          float[][] swap = upper;
          upper = lower;
          lower = swap;
          lowerRow = -1;
        } else {
          alongX(top, upper[0], upper[1], upper[2]);
        }
        upperRow = top;
      }
      if (bottom != lowerRow) {
        alongX(bottom, lower[0], lower[1], lower[2]);
        lowerRow = bottom;
      }
      for (int channel = 0; channel < 3; channel++) {
        blend(upper[channel], lower[channel], at - top, block[channel], filled);
      }
      filled += width;
      if (filled == block[0].length || y == height - 1) {
        colour.finish(block, scratch, filled);
        target.put(block[0], block[1], block[2], filled);
        filled = 0;
      }
    }
  }

  private static float within(float at, int pixels) {
    return Math.max(0, Math.min(at, pixels - 1));
  }

  /** One source row at the target's width, levels 0 to 255. */
  private void alongX(int sourceRow, float[] red, float[] green, float[] blue) {
    byte[] bytes = source.bgr();
    int start = sourceRow * source.width() * 3;
    for (int x = 0; x < width; x++) {
      int left = start + leftByte[x];
      int right = start + rightByte[x];
      float weight = rightWeight[x];
      red[x] = between(LEVEL[bytes[left + 2] & 0xFF], LEVEL[bytes[right + 2] & 0xFF], weight);
      green[x] = between(LEVEL[bytes[left + 1] & 0xFF], LEVEL[bytes[right + 1] & 0xFF], weight);
      blue[x] = between(LEVEL[bytes[left] & 0xFF], LEVEL[bytes[right] & 0xFF], weight);
    }
  }

  private static void blend(float[] upper, float[] lower, float weight, float[] out, int offset) {
    for (int i = 0; i < upper.length; i++) {
      out[offset + i] = upper[i] + (lower[i] - upper[i]) * weight;
    }
  }

  private static float between(float a, float b, float weight) {
    return a + (b - a) * weight;
  }

  private static float[] levels() {
    float[] levels = new float[256];
    for (int i = 0; i < 256; i++) {
      levels[i] = i;
    }
    return levels;
  }
}
