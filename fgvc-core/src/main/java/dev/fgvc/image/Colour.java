package dev.fgvc.image;

/**
 * The last step of both transforms: brightness, then saturation, then clipping, on values in [0,
 * 1], and the scaling to [-1, 1]. This is the authors' fast colour mode, which their training uses:
 * always in this order, no hue, no contrast.
 *
 * @param brightness added to each channel
 * @param saturation multiplies the saturation of HSV, which is then clipped to [0, 1]; exactly 1
 *     leaves it out
 */
record Colour(float brightness, float saturation) {

  static final Colour UNCHANGED = new Colour(0, 1);

  /** From levels 0 to 255 in three planes of one row to [-1, 1], in place. */
  void finish(float[] row, int width) {
    if (brightness == 0 && saturation == 1) {
      scale(row);
    } else {
      adjust(row, width);
    }
  }

  private static void scale(float[] row) {
    for (int i = 0; i < row.length; i++) {
      row[i] = row[i] * (2 / 255f) - 1;
    }
  }

  /**
   * In HSV, value and hue stay, so each channel keeps its place between the largest and the
   * smallest and only their distance changes: by the factor, or so far that the smallest becomes 0.
   */
  private void adjust(float[] row, int width) {
    for (int x = 0; x < width; x++) {
      float red = row[x] * (1 / 255f) + brightness;
      float green = row[width + x] * (1 / 255f) + brightness;
      float blue = row[2 * width + x] * (1 / 255f) + brightness;
      float value = Math.max(red, Math.max(green, blue));
      float range = value - Math.min(red, Math.min(green, blue));
      // A grey pixel has no range; the tiny number only keeps 0 / 0 away.
      float most = Math.max(value, 0) / (range + Float.MIN_NORMAL);
      float factor = saturation == 1 ? 1 : Math.min(saturation, most);
      row[x] = clip(value - (value - red) * factor);
      row[width + x] = clip(value - (value - green) * factor);
      row[2 * width + x] = clip(value - (value - blue) * factor);
    }
  }

  private static float clip(float v) {
    return Math.max(0, Math.min(1, v)) * 2 - 1;
  }
}
