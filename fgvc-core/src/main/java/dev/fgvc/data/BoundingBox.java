package dev.fgvc.data;

import java.util.Locale;

/**
 * A box around the object of an image, in pixels from the image's upper left corner. Annotations
 * may have fractions of pixels or reach beyond the image; they are kept as they are.
 *
 * @param left the left edge
 * @param top the upper edge
 * @param width at least 0
 * @param height at least 0
 */
public record BoundingBox(float left, float top, float width, float height) {

  /** Refuses values that are not finite and negative sizes. */
  public BoundingBox {
    if (!Float.isFinite(left + top + width + height) || width < 0 || height < 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "a box of %s x %s pixels at %s, %s", width, height, left, top));
    }
  }
}
