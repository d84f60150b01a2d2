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

  /** From levels 0 to 255 of one row, a plane each, to [-1, 1], in place. */
  void finish(float[] red, float[] green, float[] blue) {
    if (brightness == 0 && saturation == 1) {
      scale(red);
      scale(green);
      scale(blue);
    } else {
      if (saturation == 1) {
        toUnit(red, brightness);
        toUnit(green, brightness);
        toUnit(blue, brightness);
      } else {
        saturate(red, green, blue, brightness, saturation);
      }
      clip(red);
      clip(green);
      clip(blue);
    }
  }

  // Each loop below is small and free of branches, so that the compiler makes vector code of it.

  private static void scale(float[] plane) {
    for (int i = 0; i < plane.length; i++) {
      plane[i] = plane[i] * (2 / 255f) - 1;
    }
  }

  private static void toUnit(float[] plane, float brightness) {
    for (int i = 0; i < plane.length; i++) {
      plane[i] = plane[i] * (1 / 255f) + brightness;
    }
  }

  private static void clip(float[] plane) {
    for (int i = 0; i < plane.length; i++) {
      plane[i] = Math.max(0, Math.min(1, plane[i])) * 2 - 1;
    }
  }

  /**
   * In HSV, value and hue stay, so each channel keeps its place between the largest and the
   * smallest and only their distance changes: by the factor, or so far that the smallest becomes 0.
   */
  private static void saturate(
      float[] red, float[] green, float[] blue, float brightness, float saturation) {
    for (int i = 0; i < red.length; i++) {
      float r = red[i] * (1 / 255f) + brightness;
      float g = green[i] * (1 / 255f) + brightness;
      float b = blue[i] * (1 / 255f) + brightness;
      float value = Math.max(r, Math.max(g, b));
      float range = value - Math.min(r, Math.min(g, b));
      // A grey pixel has no range; the tiny number only keeps 0 / 0 away.
      float factor = Math.min(saturation, Math.max(value, 0) / (range + Float.MIN_NORMAL));
      red[i] = value - (value - r) * factor;
      green[i] = value - (value - g) * factor;
      blue[i] = value - (value - b) * factor;
    }
  }
}
