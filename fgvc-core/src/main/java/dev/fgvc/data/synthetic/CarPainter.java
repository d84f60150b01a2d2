package dev.fgvc.data.synthetic;

import java.awt.Color;
import java.awt.Shape;
import java.util.random.RandomGenerator;

/** A car that drives to the right. Any model comes in any paint, so colour tells nothing. */
final class CarPainter implements Painter {

  private static final Color TYRE = new Color(30, 30, 32);
  private static final Color GLASS = new Color(120, 150, 170);
  private static final Color CHROME = new Color(205, 205, 210);
  private static final int[] SPOKES = {3, 4, 6, 10};
  private static final float[] PAINT_HUES = {
    0, 0.03f, 0.1f, 0.16f, 0.35f, 0.5f, 0.6f, 0.68f, 0.85f
  };

  @Override
  public void paint(Brush brush, Traits traits, RandomGenerator individual) {
    int type = traits.common(4);
    double wheel = traits.common(0.17, 0.22);
    int spokes = SPOKES[traits.detail(4)];
    double roof = traits.proportion(0.3, 0.5);
    int windows = 1 + traits.detail(3);
    double bonnet = traits.proportion(0.28, 0.58);
    int trim = traits.detail(3);
    int lamp = traits.detail(3);
    int rear = traits.detail(3);
    double clearance = traits.common(0.0, 0.07);
    boolean rack = traits.common(3) == 0;
    boolean darkRoof = traits.common(3) == 0;
    Color paint = paint(individual);

    double top = -0.05 - roof;
    double bonnetX = 0.95 - bonnet;
    double rearX = type == 0 ? -0.55 : type == 1 ? -0.82 : type == 2 ? -0.92 : -0.1;
    double rearTopX = type == 2 ? -0.9 : rearX + (type == 3 ? 0.06 : 0.22);
    double frontTopX = bonnetX - (type == 2 ? 0.12 : 0.28);
    double floor = 0.32 - clearance;
    Shape cabin =
        Brush.polygon(
            rearX, 0.0, rearTopX, top, frontTopX, top, bonnetX, -0.02, bonnetX, 0.1, rearX, 0.1);
    Shape body =
        Brush.polygon(
            -0.96, 0.0, -0.9, -0.06, bonnetX, -0.06, 0.86, 0.02, 0.97, 0.12, 0.97, floor, -0.97,
            floor);
    brush.ellipse(0, 0.46, 1.0, 0.07, Brush.clear(Color.BLACK, 0.35));
    brush.fill(cabin, darkRoof ? Brush.shade(paint, 0.45) : paint);
    paintWindows(brush, windows, rearX, rearTopX, frontTopX, bonnetX, top);
    brush.fill(body, paint);
    brush.fill(
        Brush.polygon(-0.97, floor - 0.1, 0.97, floor - 0.1, 0.97, floor, -0.97, floor),
        Brush.shade(paint, 0.7));
    if (trim > 0) {
      brush.line(0.035, trim == 1 ? CHROME : TYRE, -0.9, 0.1, 0.9, 0.13);
    }
    if (rack) {
      brush.line(0.03, TYRE, rearTopX + 0.05, top - 0.06, frontTopX - 0.05, top - 0.06);
      brush.line(0.03, TYRE, rearTopX + 0.1, top - 0.06, rearTopX + 0.1, top);
      brush.line(0.03, TYRE, frontTopX - 0.1, top - 0.06, frontTopX - 0.1, top);
    }
    paintEnds(brush, lamp, rear, paint);
    double turn = 2 * Math.PI * individual.nextDouble();
    paintWheel(brush, -0.58, 0.34, wheel, spokes, turn);
    paintWheel(brush, 0.58, 0.34, wheel, spokes, turn + 0.4);
  }

  private static Color paint(RandomGenerator individual) {
    if (individual.nextInt(4) == 0) {
      return Color.getHSBColor(0, 0, 0.25f + 0.7f * individual.nextFloat());
    }
    float hue = PAINT_HUES[individual.nextInt(PAINT_HUES.length)];
    return Color.getHSBColor(
        hue, 0.55f + 0.4f * individual.nextFloat(), 0.45f + 0.45f * individual.nextFloat());
  }

  private static void paintWindows(
      Brush brush,
      int count,
      double rear,
      double rearTop,
      double frontTop,
      double front,
      double top) {
    double gap = 0.035;
    for (int i = 0; i < count; i++) {
      double from = (double) i / count;
      double to = (i + 1.0) / count;
      brush.fill(
          Brush.polygon(
              rear + (front - rear) * from + gap + 0.03,
              -0.07,
              rearTop + (frontTop - rearTop) * from + gap,
              top + 0.06,
              rearTop + (frontTop - rearTop) * to - gap,
              top + 0.06,
              rear + (front - rear) * to - gap - 0.03,
              -0.07),
          GLASS);
    }
  }

  private static void paintEnds(Brush brush, int lamp, int rear, Color paint) {
    Color light = new Color(250, 240, 190);
    switch (lamp) {
      case 0 -> brush.dot(0.88, 0.12, 0.065, light);
      case 1 -> brush.ellipse(0.84, 0.09, 0.12, 0.035, light);
      default -> brush.ellipse(0.91, 0.13, 0.035, 0.1, light);
    }
    Color red = new Color(200, 20, 25);
    switch (rear) {
      case 0 -> brush.ellipse(-0.93, 0.08, 0.035, 0.09, red);
      case 1 -> brush.ellipse(-0.89, 0.05, 0.1, 0.035, red);
      default -> {
        brush.dot(-0.92, 0.08, 0.045, red);
        brush.line(0.05, Brush.shade(paint, 0.6), -0.98, -0.16, -0.8, -0.16);
        brush.line(0.03, Brush.shade(paint, 0.6), -0.88, -0.16, -0.86, -0.04);
      }
    }
  }

  private static void paintWheel(
      Brush brush, double x, double y, double radius, int spokes, double turn) {
    brush.dot(x, y, radius, TYRE);
    brush.dot(x, y, radius * 0.66, spokes == 10 ? new Color(90, 90, 95) : new Color(60, 60, 64));
    for (int i = 0; i < spokes; i++) {
      double angle = turn + 2 * Math.PI * i / spokes;
      brush.line(
          0.4 * radius / Math.sqrt(spokes),
          CHROME,
          x,
          y,
          x + 0.58 * radius * Math.cos(angle),
          y + 0.58 * radius * Math.sin(angle));
    }
  }
}
