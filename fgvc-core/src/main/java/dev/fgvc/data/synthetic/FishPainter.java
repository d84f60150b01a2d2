package dev.fgvc.data.synthetic;

import java.awt.Color;
import java.awt.Shape;
import java.util.random.RandomGenerator;

/** A fish that swims to the right. */
final class FishPainter implements Painter {

  private static final Color DARK = new Color(30, 34, 46);
  private static final int[] BARS = {0, 2, 3, 5};

  @Override
  public void paint(Brush brush, Traits traits, RandomGenerator individual) {
    Color back = traits.colour(0.6, 0.6, 200, 220, 45, 15, 160, 320);
    Color belly = Brush.mix(back, new Color(245, 240, 225), traits.common(0.4, 0.9));
    Color fins = traits.colour(0.7, 0.7, 50, 15, 210, 340, 180);
    double height = traits.proportion(0.24, 0.48);
    int bars = BARS[traits.detail(4)];
    int tail = traits.detail(3);
    int eyeSpot = traits.detail(3);
    int dorsal = traits.detail(3);
    double snout = traits.proportion(0, 0.2);
    boolean line = traits.common(3) == 0;
    boolean paleBars = traits.common(3) == 0;
    double swing = 0.2 * (individual.nextDouble() - 0.5);

    paintTail(brush, tail, fins, swing);
    paintDorsal(brush, dorsal, height, fins);
    brush.fill(
        Brush.polygon(-0.1, height * 0.8, -0.3, height + 0.2, 0.08, height * 0.85),
        Brush.shade(fins, 0.85));
    Shape body =
        Brush.blob(
            -0.62,
            swing * 0.5,
            -0.3,
            -height * 0.75,
            0.15,
            -height,
            0.55,
            -height * 0.6,
            0.74 + snout,
            0.02,
            0.5,
            height * 0.65,
            0.1,
            height,
            -0.32,
            height * 0.7);
    brush.fill(body, belly);
    Color marks = paleBars ? new Color(240, 238, 220) : Brush.shade(back, 0.45);
    brush.inside(
        body,
        () -> {
          brush.fill(
              Brush.blob(-0.8, 0, -0.3, -0.02, 0.3, 0.02, 1.0, -0.04, 0.6, -0.7, -0.5, -0.7), back);
          for (int bar = 0; bar < bars; bar++) {
            double x = 0.34 - 0.85 * (bar + 0.5) / Math.max(bars, 3);
            brush.bow(0.075, marks, x, -0.6, x + 0.06, 0, x, 0.6);
          }
          if (line) {
            brush.bow(0.06, fins, 0.6, 0.0, 0, -0.06, -0.7, swing * 0.5);
          }
        });
    if (eyeSpot > 0) {
      double x = eyeSpot == 1 ? -0.45 : -0.05;
      double y = eyeSpot == 1 ? 0 : -height * 0.55;
      brush.dot(x, y, 0.085, new Color(245, 235, 200));
      brush.dot(x, y, 0.055, DARK);
    }
    brush.bow(0.025, Brush.shade(back, 0.6), 0.42, -height * 0.55, 0.32, 0, 0.42, height * 0.5);
    brush.fill(Brush.polygon(0.3, 0.08, 0.02, 0.2, 0.1, 0.02), Brush.shade(fins, 0.9));
    brush.dot(0.57, -height * 0.22, 0.06, new Color(250, 248, 235));
    brush.dot(0.58, -height * 0.22, 0.038, DARK);
  }

  private static void paintTail(Brush brush, int form, Color fins, double swing) {
    Shape shape =
        switch (form) {
          case 0 ->
              Brush.polygon(
                  -0.5, 0, -1.0, -0.34 + swing, -0.82, swing, -1.0, 0.34 + swing, -0.5, 0.08);
          case 1 ->
              Brush.blob(
                  -0.5, 0, -0.85, -0.24 + swing, -1.0, swing, -0.85, 0.24 + swing, -0.5, 0.06);
          default ->
              Brush.polygon(
                  -0.5, -0.06, -0.8, -0.16 + swing, -1.08, swing, -0.8, 0.16 + swing, -0.5, 0.06);
        };
    brush.fill(shape, fins);
  }

  private static void paintDorsal(Brush brush, int form, double height, Color fins) {
    switch (form) {
      case 0 ->
          brush.fill(
              Brush.blob(
                  -0.4,
                  -height * 0.5,
                  -0.2,
                  -height - 0.12,
                  0.3,
                  -height - 0.08,
                  0.4,
                  -height * 0.6),
              fins);
      case 1 ->
          brush.fill(
              Brush.polygon(
                  -0.3,
                  -height * 0.5,
                  -0.22,
                  -height - 0.36,
                  0.36,
                  -height * 0.8,
                  0.2,
                  -height * 0.5),
              fins);
      default -> {
        brush.fill(
            Brush.polygon(-0.45, -height * 0.4, -0.5, -height - 0.06, -0.15, -height * 0.7), fins);
        brush.fill(
            Brush.polygon(-0.05, -height * 0.7, 0.0, -height - 0.26, 0.35, -height * 0.7), fins);
      }
    }
  }
}
