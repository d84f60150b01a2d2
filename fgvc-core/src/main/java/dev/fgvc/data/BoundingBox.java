package dev.fgvc.data;

import java.util.Locale;

/**
 * Where the object is in its picture, in pixels from the upper left corner. Annotations have
 * fractions of pixels and sometimes reach beyond the picture; both are kept as they are.
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
