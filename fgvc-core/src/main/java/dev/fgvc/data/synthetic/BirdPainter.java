package dev.fgvc.data.synthetic;

import java.awt.Color;
import java.awt.Shape;
import java.util.random.RandomGenerator;

/** A perched bird that looks to the right. */
final class BirdPainter implements Painter {

  private static final Color PALE = new Color(238, 232, 215);
  private static final Color DARK = new Color(40, 34, 32);

  @Override
  public void paint(Brush brush, Traits traits, RandomGenerator individual) {
    Color back = traits.colour(0.5, 0.55, 25, 40, 95, 210, 5, 270);
    Color belly =
        Brush.mix(traits.colour(0.55, 0.85, 45, 30, 15, 200), PALE, traits.common(0, 0.8));
    Color legs = traits.colour(0.5, 0.5, 20, 40, 5);
    double tail = traits.common(0.3, 0.6);
    double headSize = traits.common(0.19, 0.25);
    int cap = traits.detail(4);
    double bill = traits.proportion(0.1, 0.36);
    int wingBars = traits.detail(3);
    int eyeStripe = traits.detail(3);
    int breast = traits.detail(3);
    int tailBands = traits.detail(3);
    double billDepth = traits.common(0.035, 0.085);
    boolean crest = traits.common(3) == 0;
    boolean throat = traits.common(2) == 0;
    Color accent = traits.colour(0.8, 0.8, 0, 15, 50, 120, 220, 290);
    double nod = 0.12 * (individual.nextDouble() - 0.5);
    double stretch = 0.9 + 0.2 * individual.nextDouble();

    brush.line(0.07, new Color(96, 74, 52), -1.1, 0.78, 1.1, 0.7);
    brush.line(0.045, legs, -0.02, 0.35, 0.02, 0.74);
    brush.line(0.045, legs, 0.16, 0.35, 0.2, 0.73);
    paintTail(brush, back, tail, tailBands);
    Shape body =
        Brush.blob(
            -0.52,
            0.2,
            -0.25,
            -0.14 * stretch,
            0.16,
            -0.34,
            0.46,
            -0.2,
            0.45,
            0.12,
            0.22,
            0.42 * stretch,
            -0.18,
            0.42);
    brush.fill(body, belly);
    brush.inside(
        body,
        () -> {
          brush.fill(
              Brush.blob(-0.6, 0.28, -0.3, -0.2, 0.2, -0.45, 0.4, -0.25, 0.1, 0.02, -0.2, 0.2),
              back);
          paintBreast(brush, breast, Brush.shade(back, 0.7));
        });
    paintWing(brush, Brush.shade(back, 0.75), wingBars, PALE);
    double headX = 0.38;
    double headY = -0.38 + nod;
    if (crest) {
      brush.fill(
          Brush.polygon(
              headX - 0.18, headY - 0.02, headX - 0.3, headY - 0.32, headX + 0.08, headY - 0.15),
          Brush.shade(back, 0.9));
    }
    paintHead(brush, headX, headY, headSize, back, cap, accent, throat ? accent : belly);
    paintFace(brush, headX, headY, headSize, eyeStripe, bill, billDepth, legs);
  }

  private static void paintTail(Brush brush, Color back, double length, int bands) {
    Color colour = Brush.shade(back, 0.85);
    double endX = -0.45 - length;
    double endY = 0.26 + 0.3 * length;
    Shape tail = Brush.polygon(-0.4, 0.08, endX, endY - 0.08, endX + 0.03, endY + 0.1, -0.36, 0.28);
    brush.fill(tail, colour);
    brush.inside(
        tail,
        () -> {
          for (int band = 0; band < bands; band++) {
            double x = endX + 0.06 + 0.17 * band;
            brush.line(0.07, PALE, x, -0.2, x + 0.05, 0.8);
          }
        });
  }

  private static void paintBreast(Brush brush, int pattern, Color colour) {
    for (int row = 0; row < 4 && pattern > 0; row++) {
      for (int column = 0; column < 4; column++) {
        double x = -0.05 + 0.13 * column + 0.05 * (row % 2);
        double y = -0.02 + 0.11 * row;
        if (pattern == 1) {
          brush.dot(x, y, 0.027, colour);
        } else {
          brush.line(0.025, colour, x, y - 0.04, x - 0.02, y + 0.04);
        }
      }
    }
  }

  private static void paintWing(Brush brush, Color colour, int bars, Color barColour) {
    Shape wing = Brush.blob(0.2, -0.12, 0.12, 0.12, -0.2, 0.24, -0.62, 0.28, -0.3, 0.0, 0.0, -0.18);
    brush.fill(wing, colour);
    brush.inside(
        wing,
        () -> {
          for (int bar = 0; bar < bars; bar++) {
            double x = 0.04 - 0.17 * bar;
            brush.line(0.05, barColour, x - 0.02, -0.3, x - 0.1, 0.4);
          }
        });
    brush.bow(0.02, Brush.shade(colour, 0.7), 0.0, 0.13, -0.25, 0.16, -0.55, 0.25);
  }

  private static void paintHead(
      Brush brush,
      double x,
      double y,
      double size,
      Color back,
      int cap,
      Color accent,
      Color throat) {
    brush.ellipse(x, y, size, size * 0.95, back);
    brush.ellipse(x + 0.06, y + size * 0.55, size * 0.6, size * 0.5, throat);
    if (cap > 0) {
      Color colour = cap == 1 ? DARK : cap == 2 ? accent : PALE;
      brush.fill(
          Brush.blob(
              x - size,
              y - 0.02,
              x - size * 0.6,
              y - size * 0.85,
              x + size * 0.3,
              y - size * 0.95,
              x + size * 0.9,
              y - size * 0.35,
              x,
              y - size * 0.3),
          colour);
    }
  }

  private static void paintFace(
      Brush brush,
      double x,
      double y,
      double size,
      int stripe,
      double bill,
      double depth,
      Color billColour) {
    double root = x + size * 0.85;
    brush.fill(
        Brush.polygon(root, y - depth, root + bill, y + 0.05, root, y + depth + 0.02),
        Brush.mix(billColour, DARK, 0.4));
    if (stripe == 1) {
      brush.line(0.04, PALE, x - size * 0.7, y - 0.08, root - 0.03, y - 0.07);
    } else if (stripe == 2) {
      brush.line(0.05, DARK, x - size * 0.7, y + 0.03, root, y + 0.02);
    }
    brush.dot(x + size * 0.35, y - 0.01, 0.045, PALE);
    brush.dot(x + size * 0.37, y - 0.01, 0.035, DARK);
  }
}
