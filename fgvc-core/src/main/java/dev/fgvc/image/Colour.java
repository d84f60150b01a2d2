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

  /** How many planes of its own {@link #finish} works in. */
  static final int SCRATCH_PLANES = 2;

  /** Whether it leaves colours as they are, so that only the scaling remains. */
  boolean isUnchanged() {
    return brightness == 0 && saturation == 1;
  }

  /**
   * From levels 0 to 255 to [-1, 1], in place.
   *
   * @param planes red, green and blue
   * @param scratch as long as these; overwritten
   * @param count number of values, counted from the start
   */
  void finish(float[][] planes, float[][] scratch, int count) {
    float[] red = planes[0];
    float[] green = planes[1];
    float[] blue = planes[2];
    if (saturation == 1) {
      brighten(red, brightness, count);
      brighten(green, brightness, count);
      brighten(blue, brightness, count);
    } else {
      saturate(planes, scratch[0], scratch[1], count);
    }
  }

  /**
   * In HSV, value and hue stay, so each channel keeps its place between the largest and the
   * smallest and only their distance changes: by the factor, or so far that the smallest becomes 0.
   */
  private void saturate(float[][] planes, float[] largest, float[] factor, int count) {
    largest(planes[0], planes[1], planes[2], largest, count);
    smallest(planes[0], planes[1], planes[2], factor, count);
    factor(largest, factor, count);
    for (float[] plane : planes) {
      spread(plane, largest, factor, count);
    }
  }

  // Each loop below is small and free of branches, so that the compiler makes vector code of it:
  // it gives up on loops of more than a few operations.

  private static void brighten(float[] plane, float brightness, int count) {
    for (int i = 0; i < count; i++) {
      plane[i] = clipped(plane[i] * (1 / 255f) + brightness);
    }
  }

  private static void largest(float[] red, float[] green, float[] blue, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.max(red[i], Math.max(green[i], blue[i]));
    }
  }

  private static void smallest(float[] red, float[] green, float[] blue, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.min(red[i], Math.min(green[i], blue[i]));
    }
  }

  /** Takes the smallest of each pixel and leaves what its range is multiplied by. */
  private void factor(float[] largest, float[] smallest, int count) {
    float brightness = this.brightness;
    float saturation = this.saturation;
    for (int i = 0; i < count; i++) {
      float value = Math.max(largest[i] * (1 / 255f) + brightness, 0);
      // A grey pixel has no range; the tiny number only keeps 0 / 0 away.
      float range = (largest[i] - smallest[i]) * (1 / 255f) + Float.MIN_NORMAL;
      smallest[i] = Math.min(saturation, value / range);
    }
  }

  private void spread(float[] plane, float[] largest, float[] factor, int count) {
    float brightness = this.brightness;
    for (int i = 0; i < count; i++) {
      float below = (largest[i] - plane[i]) * factor[i];
      plane[i] = clipped((largest[i] - below) * (1 / 255f) + brightness);
    }
  }

  /** From [0, 1], and what lies beyond is clipped, to [-1, 1]. */
  private static float clipped(float unit) {
    return Math.abs(unit) - Math.abs(unit - 1);
  }
}
