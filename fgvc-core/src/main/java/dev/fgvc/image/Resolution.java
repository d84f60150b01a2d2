package dev.fgvc.image;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The size of an image in pixels, height first as in NCHW shapes.
 *
 * @param height rows, from 1 to {@value #MAX_SIDE}
 * @param width columns, from 1 to {@value #MAX_SIDE}
 */
public record Resolution(int height, int width) {

  /** The longest side that is accepted; beyond it a batch of one no longer fits a Java buffer. */
  public static final int MAX_SIDE = 16384;

  /** Refuses sides outside their range. */
  public Resolution {
    checkArgument(
        height >= 1 && height <= MAX_SIDE && width >= 1 && width <= MAX_SIDE,
        "resolution %sx%s: both sides must be from 1 to %s",
        height,
        width,
        MAX_SIDE);
  }

  /**
   * A square resolution.
   *
   * @param side height and width in pixels
   * @return the resolution side x side
   */
  public static Resolution square(int side) {
    return new Resolution(side, side);
  }

  /**
   * The number of pixels.
   *
   * @return height times width
   */
  public int pixels() {
    return height * width;
  }

  /** Height and width, such as {@code 299x299}. */
  @Override
  public String toString() {
    return height + "x" + width;
  }
}
