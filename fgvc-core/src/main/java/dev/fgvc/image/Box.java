package dev.fgvc.image;

import java.util.random.RandomGenerator;

/** A rectangle of whole pixels inside an image. */
record Box(int top, int left, int height, int width) {

  /**
   * The central part, as the authors' programs cut it: what is left out above is left out below
   * too.
   */
  static Box central(int height, int width, double fraction) {
    int top = (int) ((height - height * fraction) / 2);
    int left = (int) ((width - width * fraction) / 2);
    return new Box(top, left, height - 2 * top, width - 2 * left);
  }

  static Box whole(int height, int width) {
    return new Box(0, 0, height, width);
  }

  /** One of the same size. */
  Box movedTo(int otherTop, int otherLeft) {
    return new Box(otherTop, otherLeft, height, width);
  }

  /**
   * One try at a random box: the aspect is given, the height is uniform among those that fit, the
   * position too. Not the uniform area of other libraries.
   *
   * @param minimumArea the least area as a part of the image's; may be missed by rounding
   */
  static Box random(
      int height, int width, double aspect, double minimumArea, RandomGenerator random) {
    int lowest = (int) Math.rint(Math.sqrt(minimumArea * height * width / aspect));
    int highest = Math.min(height, (int) (width / aspect));
    // A width that rounds down to the image's is still inside.
    while (highest < height && Math.rint((highest + 1) * aspect) <= width) {
      highest++;
    }
    highest =
        Math.max(
            1, Math.min(highest, (int) Math.rint(Math.sqrt((double) height * width / aspect))));
    lowest = Math.max(1, Math.min(lowest, highest));
    int boxHeight = lowest + random.nextInt(highest - lowest + 1);
    int boxWidth = Math.max(1, Math.min(width, (int) Math.rint(boxHeight * aspect)));
    return new Box(
        random.nextInt(height - boxHeight + 1),
        random.nextInt(width - boxWidth + 1),
        boxHeight,
        boxWidth);
  }

  long pixels() {
    return (long) height * width;
  }
}
