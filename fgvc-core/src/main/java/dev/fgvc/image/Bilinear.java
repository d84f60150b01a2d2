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

  /**
   * Values of a channel that are handled together: long enough for vector code, few enough for the
   * fastest cache.
   */
  private static final int BLOCK = 2048;

  private final Pixels source;
  private final int width;
  private final int height;
  private final int[] leftValue;
  private final float[] rightWeight;
  private final float[] line;

  private Bilinear(Pixels source, Resolution target, boolean mirrored) {
    this.source = source;
    this.height = target.height();
    this.width = target.width();
    this.leftValue = new int[width];
    this.rightWeight = new float[width];
    this.line = new float[3 * (source.width() + 1)];
    Span columns = source.columns();
    float scale = columns.length() / width;
    for (int x = 0; x < width; x++) {
      int column = mirrored ? width - 1 - x : x;
      float at = within(columns.start() + column * scale, source.width());
      int left = (int) at;
      leftValue[x] = 3 * left;
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
    float scale = source.rows().length() / size.height();
    // Where the rows to blend lie apart, those between two pairs are not worth converting.
    int ahead = scale < 3 ? source.height() : 2;
    try (PixelFloats levels = PixelFloats.of(source, ahead)) {
      new Bilinear(source, size, mirrored).run(levels, colour, target);
    }
  }

  private void run(PixelFloats levels, Colour colour, Rows target) {
    float[][] upper = new float[3][width];
    float[][] lower = new float[3][width];
    float[] blended = new float[width];
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
          alongX(levels, top, upper);
        }
        upperRow = top;
      }
      if (bottom != lowerRow) {
        alongX(levels, bottom, lower);
        lowerRow = bottom;
      }
      if (colour.isUnchanged()) {
        for (int channel = 0; channel < 3; channel++) {
          blendToUnits(upper[channel], lower[channel], at - top, block[channel]);
        }
        target.put(block[0], block[1], block[2], width);
        continue;
      }
      for (int channel = 0; channel < 3; channel++) {
        // Blending straight into the block, at an offset, takes five times as long.
        blend(upper[channel], lower[channel], at - top, blended);
        System.arraycopy(blended, 0, block[channel], filled, width);
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
  private void alongX(PixelFloats levels, int sourceRow, float[][] planes) {
    levels.row(sourceRow, line);
    int values = 3 * source.width();
    // The last pixel again, as its own right neighbour.
    System.arraycopy(line, values - 3, line, values, 3);
    sample(line, leftValue, rightWeight, planes[0], planes[1], planes[2]);
  }

  // Each loop below is small and alone, which the compiler rewards. Converting all bytes first
  // costs less than converting the four neighbours of each result.

  private static void sample(
      float[] bgr, int[] left, float[] weight, float[] red, float[] green, float[] blue) {
    for (int x = 0; x < left.length; x++) {
      int at = left[x];
      blue[x] = between(bgr[at], bgr[at + 3], weight[x]);
      green[x] = between(bgr[at + 1], bgr[at + 4], weight[x]);
      red[x] = between(bgr[at + 2], bgr[at + 5], weight[x]);
    }
  }

  private static void blend(float[] upper, float[] lower, float weight, float[] out) {
    for (int i = 0; i < upper.length; i++) {
      out[i] = between(upper[i], lower[i], weight);
    }
  }

  /** The same, and from levels 0 to 255 to [-1, 1]. */
  private static void blendToUnits(float[] upper, float[] lower, float weight, float[] out) {
    for (int i = 0; i < upper.length; i++) {
      out[i] = between(upper[i], lower[i], weight) * (2 / 255f) - 1;
    }
  }

  private static float between(float a, float b, float weight) {
    return a + (b - a) * weight;
  }
}
