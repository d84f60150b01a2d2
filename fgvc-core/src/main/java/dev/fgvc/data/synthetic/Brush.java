package dev.fgvc.data.synthetic;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;

/** A few strokes over Java2D, in the units of whoever draws. */
final class Brush {

  private final Graphics2D graphics;

  Brush(Graphics2D graphics) {
    this.graphics = graphics;
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  void fill(Shape shape, Color colour) {
    graphics.setColor(colour);
    graphics.fill(shape);
  }

  void outline(Shape shape, double width, Color colour) {
    graphics.setColor(colour);
    graphics.setStroke(stroke(width));
    graphics.draw(shape);
  }

  void ellipse(double x, double y, double radiusX, double radiusY, Color colour) {
    fill(new Ellipse2D.Double(x - radiusX, y - radiusY, 2 * radiusX, 2 * radiusY), colour);
  }

  void dot(double x, double y, double radius, Color colour) {
    ellipse(x, y, radius, radius, colour);
  }

  /** A line through these points, x and y in turn, with round ends. */
  void line(double width, Color colour, double... points) {
    Path2D path = new Path2D.Double();
    path.moveTo(points[0], points[1]);
    for (int i = 2; i < points.length; i += 2) {
      path.lineTo(points[i], points[i + 1]);
    }
    outline(path, width, colour);
  }

  /** A bow from one point to another, bent towards the middle one. */
  void bow(
      double width,
      Color colour,
      double x1,
      double y1,
      double cx,
      double cy,
      double x2,
      double y2) {
    Path2D path = new Path2D.Double();
    path.moveTo(x1, y1);
    path.quadTo(cx, cy, x2, y2);
    outline(path, width, colour);
  }

  /** Draws inside a shape only. */
  void inside(Shape shape, Runnable drawing) {
    Shape before = graphics.getClip();
    graphics.clip(shape);
    drawing.run();
    graphics.setClip(before);
  }

  /** Draws moved, then turned by radians, then enlarged. */
  void at(double x, double y, double angle, double scaleX, double scaleY, Runnable drawing) {
    AffineTransform before = graphics.getTransform();
    graphics.translate(x, y);
    graphics.rotate(angle);
    graphics.scale(scaleX, scaleY);
    drawing.run();
    graphics.setTransform(before);
  }

  static Shape polygon(double... points) {
    Path2D path = new Path2D.Double();
    path.moveTo(points[0], points[1]);
    for (int i = 2; i < points.length; i += 2) {
      path.lineTo(points[i], points[i + 1]);
    }
    path.closePath();
    return path;
  }

  /** A closed smooth curve through these points (Catmull-Rom). */
  static Shape blob(double... points) {
    int n = points.length / 2;
    Path2D path = new Path2D.Double();
    path.moveTo(points[0], points[1]);
    for (int i = 0; i < n; i++) {
      int p = 2 * ((i + n - 1) % n);
      int a = 2 * i;
      int b = 2 * ((i + 1) % n);
      int q = 2 * ((i + 2) % n);
      path.curveTo(
          points[a] + (points[b] - points[p]) / 6,
          points[a + 1] + (points[b + 1] - points[p + 1]) / 6,
          points[b] - (points[q] - points[a]) / 6,
          points[b + 1] - (points[q + 1] - points[a + 1]) / 6,
          points[b],
          points[b + 1]);
    }
    path.closePath();
    return path;
  }

  /** The colour with its brightness multiplied. */
  static Color shade(Color colour, double factor) {
    return new Color(
        scaled(colour.getRed(), factor),
        scaled(colour.getGreen(), factor),
        scaled(colour.getBlue(), factor));
  }

  /** Between two colours. */
  static Color mix(Color a, Color b, double partOfB) {
    return new Color(
        (int) Math.round(a.getRed() + (b.getRed() - a.getRed()) * partOfB),
        (int) Math.round(a.getGreen() + (b.getGreen() - a.getGreen()) * partOfB),
        (int) Math.round(a.getBlue() + (b.getBlue() - a.getBlue()) * partOfB));
  }

  static Color clear(Color colour, double opacity) {
    return new Color(
        colour.getRed(), colour.getGreen(), colour.getBlue(), (int) Math.round(255 * opacity));
  }

  private static int scaled(int level, double factor) {
    return (int) Math.max(0, Math.min(255, Math.round(level * factor)));
  }

  private static BasicStroke stroke(double width) {
    return new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }
}
