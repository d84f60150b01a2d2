package dev.fgvc.emd.internal.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** A chart with the circles and arrows of a transport plan drawn over its axes. */
public final class FlowArrows extends XYChart {

  /** The colour of arrows. */
  public static final Color FLOW = new Color(40, 80, 200, 150);

  /** Radius of a circle that has all mass, in pixels; areas are in proportion to masses. */
  private static final double WHOLE_RADIUS = 60;

  private static final double LEAST_RADIUS = 2;

  /** Width of an arrow that moves all mass, in pixels. */
  private static final double WHOLE_WIDTH = 40;

  private static final double LEAST_WIDTH = 0.5;
  private static final double HEAD = 5;

  private final double[][] places;
  private final int sources;
  private final List<Arrow> arrows = new ArrayList<>();
  private final List<Circle> circles = new ArrayList<>();

  private record Arrow(int from, int to, double mass) {}

  private record Circle(int place, double mass, Color colour) {}

  /**
   * Makes a chart without circles and arrows.
   *
   * @param builder its size and titles
   * @param places two coordinates for each source, then for each target
   * @param sources how many of the places are sources
   */
  public FlowArrows(XYChartBuilder builder, double[][] places, int sources) {
    super(builder);
    this.places = places;
    this.sources = sources;
  }

  public void add(int source, int target, double mass) {
    arrows.add(new Arrow(source, sources + target, mass));
  }

  public void addCircles(double[] masses, int first, Color colour) {
    for (int i = 0; i < masses.length; i++) {
      circles.add(new Circle(first + i, masses[i], colour));
    }
  }

  @Override
  public void paint(Graphics2D graphics, int width, int height) {
    super.paint(graphics, width, height);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    for (Circle circle : circles) {
      double radius = radius(circle.mass());
      double x = x(circle.place());
      double y = y(circle.place());
      Color colour = circle.colour();
      graphics.setColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 90));
      Ellipse2D shape = new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
      graphics.fill(shape);
      graphics.setColor(colour);
      graphics.setStroke(new BasicStroke(1));
      graphics.draw(shape);
    }
    graphics.setColor(FLOW);
    for (Arrow arrow : arrows) {
      paint(graphics, arrow);
    }
  }

  private void paint(Graphics2D graphics, Arrow arrow) {
    double x0 = x(arrow.from());
    double y0 = y(arrow.from());
    double x1 = x(arrow.to());
    double y1 = y(arrow.to());
    double length = Math.hypot(x1 - x0, y1 - y0);
    double width = Math.max(LEAST_WIDTH, WHOLE_WIDTH * arrow.mass());
    double head = HEAD + width;
    if (length <= head) {
      return;
    }
    double ux = (x1 - x0) / length;
    double uy = (y1 - y0) / length;
    graphics.setStroke(
        new BasicStroke((float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
    graphics.draw(new Line2D.Double(x0, y0, x1 - head * ux, y1 - head * uy));
    Path2D tip = new Path2D.Double();
    tip.moveTo(x1, y1);
    tip.lineTo(x1 - head * ux - head / 2 * uy, y1 - head * uy + head / 2 * ux);
    tip.lineTo(x1 - head * ux + head / 2 * uy, y1 - head * uy - head / 2 * ux);
    tip.closePath();
    graphics.fill(tip);
  }

  private static double radius(double mass) {
    return Math.max(LEAST_RADIUS, WHOLE_RADIUS * Math.sqrt(mass));
  }

  private double x(int place) {
    return getScreenXFromChart(places[place][0]);
  }

  private double y(int place) {
    return getScreenYFromChart(places[place][1]);
  }
}
