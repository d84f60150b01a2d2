package dev.fgvc.data.synthetic;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.util.random.RandomGenerator;

/** A beetle from above, its head upwards. */
final class BeetlePainter implements Painter {

  private static final Color BLACK = new Color(28, 24, 26);

  @Override
  public void paint(Brush brush, Traits traits, RandomGenerator individual) {
    Color wings = traits.colour(0.75, 0.6, 2, 20, 42, 110, 165, 225, 285);
    Color shield =
        Brush.mix(traits.colour(0.6, 0.4, 20, 110, 225, 350), BLACK, traits.common(0, 0.7));
    boolean darkMarks = traits.common(3) > 0;
    Color marks = darkMarks ? BLACK : new Color(240, 215, 130);
    double width = traits.proportion(0.34, 0.58);
    int spots = traits.detail(4);
    int bands = traits.detail(3);
    double antenna = traits.proportion(0.2, 0.75);
    int mandibles = traits.detail(3);
    double shieldWidth = traits.proportion(0.55, 0.95) * width;
    double spotSize = traits.common(0.05, 0.085);
    boolean grooves = traits.common(2) == 0;
    boolean rim = traits.common(3) == 0;
    double walk = 0.12 * (individual.nextDouble() - 0.5);

    paintLegs(brush, width, walk);
    paintHead(brush, shieldWidth, antenna, mandibles, walk, shield);
    brush.fill(
        Brush.blob(
            -shieldWidth,
            -0.16,
            -shieldWidth * 0.7,
            -0.46,
            shieldWidth * 0.7,
            -0.46,
            shieldWidth,
            -0.16),
        shield);
    Shape cover = new Ellipse2D.Double(-width, -0.28, 2 * width, 1.12);
    brush.fill(cover, wings);
    brush.inside(
        cover,
        () -> {
          if (grooves) {
            for (int i = 1; i < 4; i++) {
              double x = width * i / 4;
              brush.line(0.015, Brush.shade(wings, 0.7), x, -0.3, x * 0.9, 0.9);
              brush.line(0.015, Brush.shade(wings, 0.7), -x, -0.3, -x * 0.9, 0.9);
            }
          }
          for (int band = 0; band < bands; band++) {
            double y = bands == 1 ? 0.26 : 0.06 + 0.36 * band;
            brush.bow(0.1, marks, -width - 0.1, y, 0, y + 0.1, width + 0.1, y);
          }
          for (int spot = 0; spot < spots; spot++) {
            double y = -0.08 + 0.26 * spot;
            double x = width * (spot % 2 == 0 ? 0.5 : 0.62);
            brush.dot(x, y, spotSize, bands > 0 ? shadeAgainst(marks) : marks);
            brush.dot(-x, y, spotSize, bands > 0 ? shadeAgainst(marks) : marks);
          }
        });
    if (rim) {
      brush.outline(cover, 0.05, marks);
    }
    brush.line(0.025, Brush.shade(wings, 0.45), 0, -0.26, 0, 0.83);
    brush.at(
        -width * 0.4,
        0.02,
        0.3,
        1,
        1,
        () -> brush.ellipse(0, 0, width * 0.12, 0.2, Brush.clear(Color.WHITE, 0.3)));
  }

  /** Spots on a banded beetle have the other tone, so that both can be seen. */
  private static Color shadeAgainst(Color marks) {
    return marks.equals(BLACK) ? new Color(235, 225, 200) : BLACK;
  }

  private static void paintLegs(Brush brush, double width, double walk) {
    for (int pair = 0; pair < 3; pair++) {
      double y = -0.2 + 0.28 * pair;
      double knee = y + (pair - 1) * 0.16 + walk;
      double foot = y + (pair - 1) * 0.42 - walk;
      brush.line(0.05, BLACK, width * 0.7, y, width + 0.2, knee, width + 0.36, foot);
      brush.line(
          0.05, BLACK, -width * 0.7, y, -width - 0.2, knee - walk, -width - 0.36, foot + walk);
    }
  }

  private static void paintHead(
      Brush brush, double shieldWidth, double antenna, int mandibles, double walk, Color shield) {
    for (int side = -1; side <= 1; side += 2) {
      brush.bow(
          0.03,
          BLACK,
          side * 0.1,
          -0.55,
          side * (0.15 + antenna * 0.4),
          -0.55 - antenna * 0.75 + walk,
          side * (0.15 + antenna),
          -0.5 - antenna * 0.35);
      if (mandibles > 0) {
        double length = 0.13 * mandibles;
        brush.bow(
            0.06,
            BLACK,
            side * 0.1,
            -0.6,
            side * 0.22,
            -0.65 - length,
            side * 0.05,
            -0.66 - length);
      }
    }
    brush.ellipse(0, -0.52, shieldWidth * 0.62, 0.15, Brush.shade(shield, 0.6));
  }
}
