package dev.fgvc.data.synthetic;

import java.awt.Color;
import java.awt.Shape;
import java.util.random.RandomGenerator;

/** A single leaf, its tip upwards. */
final class LeafPainter implements Painter {

  private static final int STEPS = 64;
  private static final int[] TEETH = {0, 7, 12, 20};
  private static final int[] VEINS = {3, 5, 8};

  @Override
  public void paint(Brush brush, Traits traits, RandomGenerator individual) {
    Color blade = traits.colour(0.65, 0.5, 75, 95, 115, 135, 50, 18);
    double width = traits.proportion(0.24, 0.7);
    double widest = traits.common(0.65, 1.5);
    int teeth = TEETH[traits.detail(4)];
    int veins = VEINS[traits.detail(3)];
    int veinColour = traits.detail(3);
    int margin = traits.detail(3);
    double stalk = traits.proportion(0.1, 0.4);
    int lobes = Math.max(0, traits.common(5) - 1);
    double lobeDepth = traits.common(0.25, 0.5);
    boolean blotched = traits.common(3) == 0;
    double bend = 0.3 * (individual.nextDouble() - 0.5);

    Color vein =
        switch (veinColour) {
          case 0 -> Brush.mix(blade, new Color(235, 240, 190), 0.6);
          case 1 -> Brush.shade(blade, 0.5);
          default -> new Color(150, 50, 50);
        };
    Shape outline = outline(width, widest, teeth, lobes, lobeDepth, bend);
    brush.bow(0.06, Brush.shade(vein, 0.8), 0, 0.6, 0, 0.7, bend * 0.5, 0.68 + stalk);
    brush.fill(outline, blade);
    brush.inside(
        outline,
        () -> {
          brush.fill(
              Brush.polygon(0, 0.8, bend, -1.1, 1.2, -1.1, 1.2, 0.8), Brush.shade(blade, 0.86));
          if (blotched) {
            for (int i = 0; i < 7; i++) {
              brush.dot(
                  width * (2 * individual.nextDouble() - 1),
                  1.4 * individual.nextDouble() - 0.75,
                  0.03 + 0.04 * individual.nextDouble(),
                  Brush.mix(blade, new Color(220, 200, 120), 0.6));
            }
          }
          for (int i = 0; i < veins; i++) {
            double t = (i + 0.6) / (veins + 0.6);
            double y = 0.6 - 1.35 * t;
            double x = spine(t, bend);
            brush.bow(0.022, vein, x, y, x + width * 0.5, y - 0.16, x + width, y - 0.42);
            brush.bow(0.022, vein, x, y, x - width * 0.5, y - 0.16, x - width, y - 0.42);
          }
        });
    brush.bow(0.04, vein, 0, 0.65, 0, -0.1, bend, -0.88);
    if (margin > 0) {
      brush.outline(
          outline, 0.05, margin == 1 ? new Color(238, 236, 190) : Brush.shade(blade, 0.45));
    }
  }

  private static double spine(double t, double bend) {
    return bend * t * t;
  }

  /** Half the width at each point of the midrib: a bulge, cut by lobes, edged by teeth. */
  private static Shape outline(
      double width, double widest, int teeth, int lobes, double lobeDepth, double bend) {
    double[] points = new double[4 * (STEPS + 1)];
    for (int i = 0; i <= STEPS; i++) {
      double t = (double) i / STEPS;
      double half = width * Math.pow(Math.sin(Math.PI * Math.pow(t, widest)), 0.8);
      if (lobes > 0) {
        half *= 1 - lobeDepth * (0.5 + 0.5 * Math.cos(2 * Math.PI * (lobes + 0.5) * t));
      }
      if (teeth > 0) {
        double saw = t * teeth - Math.floor(t * teeth);
        half *= 1 + (0.24 - 0.006 * teeth) * (0.5 - saw);
      }
      double y = 0.65 - 1.55 * t;
      points[2 * i] = spine(t, bend) + half;
      points[2 * i + 1] = y;
      int mirrored = 2 * (2 * STEPS + 1 - i);
      points[mirrored] = spine(t, bend) - half;
      points[mirrored + 1] = y;
    }
    return Brush.polygon(points);
  }
}
