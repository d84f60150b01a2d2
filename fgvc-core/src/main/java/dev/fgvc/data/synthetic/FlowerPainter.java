package dev.fgvc.data.synthetic;

import java.awt.Color;
import java.awt.Shape;
import java.util.random.RandomGenerator;

/** A flower from the front. */
final class FlowerPainter implements Painter {

  private static final int[] PETALS = {5, 6, 8, 13};

  @Override
  public void paint(Brush brush, Traits traits, RandomGenerator individual) {
    Color petal = traits.colour(0.6, 0.9, 0, 25, 50, 215, 270, 300, 335);
    Color centre = traits.colour(0.75, 0.6, 45, 30, 80, 15, 280);
    int petals = PETALS[traits.detail(4)];
    double width = traits.proportion(0.5, 1.15);
    int tip = traits.detail(3);
    int ring = traits.detail(3);
    double centreSize = traits.proportion(0.1, 0.3);
    int stamens = traits.detail(3);
    boolean second = traits.common(3) == 0;
    boolean streaked = traits.common(2) == 0;
    double turn = 2 * Math.PI * individual.nextDouble();

    brush.line(0.07, new Color(70, 110, 50), 0, 0, 0.25, 1.3);
    if (second) {
      paintPetals(
          brush, petals, turn + Math.PI / petals, 1, width, tip, Brush.shade(petal, 0.8), false);
    }
    paintPetals(brush, petals, turn, second ? 0.82 : 0.95, width, tip, petal, streaked);
    if (ring > 0) {
      Color colour = ring == 1 ? Brush.shade(petal, 0.5) : new Color(250, 245, 215);
      brush.dot(0, 0, centreSize + 0.12, colour);
    }
    brush.dot(0, 0, centreSize, centre);
    Color pollen = new Color(250, 215, 60);
    for (int i = 0; i < 11 && stamens > 0; i++) {
      double angle = turn + 2 * Math.PI * i / 11;
      double reach = stamens == 1 ? centreSize * 0.75 : centreSize + 0.2;
      double x = reach * Math.cos(angle);
      double y = reach * Math.sin(angle);
      if (stamens == 2) {
        brush.line(0.018, pollen, 0, 0, x, y);
      }
      brush.dot(x, y, 0.04, pollen);
    }
  }

  private static void paintPetals(
      Brush brush,
      int count,
      double turn,
      double length,
      double width,
      int tip,
      Color colour,
      boolean streaked) {
    double half = width * Math.min(0.42, 1.9 / count);
    Shape petal =
        switch (tip) {
          case 0 ->
              Brush.blob(
                  0,
                  0,
                  half * 0.8,
                  -0.45,
                  half * 0.5,
                  -0.75,
                  0,
                  -1,
                  -half * 0.5,
                  -0.75,
                  -half * 0.8,
                  -0.45);
          case 1 ->
              Brush.blob(
                  0, 0, half, -0.5, half * 0.9, -0.85, 0, -0.97, -half * 0.9, -0.85, -half, -0.5);
          default ->
              Brush.blob(
                  0, 0, half, -0.55, half * 0.6, -0.97, 0, -0.78, -half * 0.6, -0.97, -half, -0.55);
        };
    for (int i = 0; i < count; i++) {
      // Light from one side, so that neighbours can be told apart.
      double angle = turn + 2 * Math.PI * i / count;
      Color lit = Brush.shade(colour, 0.9 + 0.12 * Math.cos(angle));
      brush.at(
          0,
          0,
          angle,
          length,
          length,
          () -> {
            brush.fill(petal, lit);
            brush.outline(petal, 0.02, Brush.shade(lit, 0.75));
            if (streaked) {
              brush.line(0.03, Brush.shade(lit, 0.65), 0, -0.2, 0, -0.7);
            }
          });
    }
  }
}
