package dev.fgvc.nets.experiment.report;

import java.util.List;
import java.util.Locale;

/**
 * A plot over two labelled axes as an SVG document that needs no other file, light or dark as the
 * reader. Its letters stay legible when a phone shows it at two thirds of its width.
 *
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param series what to draw, the later over the earlier
 */
record Chart(Axis x, Axis y, List<Series> series) {

  /** How a series is drawn. */
  enum Kind {
    /** Points joined by a line. */
    LINE,
    /** Points alone, each with a marker. */
    MARKS,
    /** Bars from the bottom of the plot. */
    BARS
  }

  /**
   * A measured point.
   *
   * @param x its place
   * @param y the estimate; a point that is not finite is left out
   * @param low lower end of its whisker; none if it is not finite
   * @param high upper end
   */
  record Point(double x, double y, double low, double high) {

    static Point of(double x, double y) {
      return new Point(x, y, Double.NaN, Double.NaN);
    }

    boolean isKnown() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /**
   * Points of one kind.
   *
   * @param name in the legend; empty for none
   * @param kind how they are drawn
   * @param colour the number of their colour; {@link #TEXT} for that of the text
   * @param marker the number of their marker
   * @param width of bars, in units of the horizontal axis
   * @param points may be empty, for a name in the legend alone
   */
  record Series(String name, Kind kind, int colour, int marker, double width, List<Point> points) {

    Series {
      points = points.stream().filter(Point::isKnown).toList();
    }

    static Series line(String name, int colour, List<Point> points) {
      return new Series(name, Kind.LINE, colour, 0, 0, points);
    }

    static Series marks(String name, int colour, int marker, List<Point> points) {
      return new Series(name, Kind.MARKS, colour, marker, 0, points);
    }
  }

  static final int TEXT = -1;

  private static final int WIDTH = 520;
  private static final int LEFT = 72;
  private static final int RIGHT = WIDTH - 30;
  private static final int TOP = 16;
  private static final int BOTTOM = 336;
  private static final int LINE = 19;
  private static final double LETTER = 8.3;
  private static final int SWATCH = 26;
  private static final int GAP = 22;
  private static final int MARK = 6;
  private static final int CAP = 5;
  private static final int COLOURS = 8;

  private static final String STYLE =
      """
      <style>
      text { font: 15px system-ui, sans-serif; fill: #222222; }
      .ground { fill: #ffffff; } .grid { stroke: #e0e0e0; } .axis { stroke: #555555; }
      .line { fill: none; stroke-width: 2; } .whisker { fill: none; stroke-width: 1.6; }
      .bars.whisker, .c-1.whisker { stroke: #222222; } .c-1.fill { fill: #222222; }
      .c0 { stroke: #1f5fbf; } .c0.fill { fill: #1f5fbf; }
      .c1 { stroke: #c0392b; } .c1.fill { fill: #c0392b; }
      .c2 { stroke: #1f7f3f; } .c2.fill { fill: #1f7f3f; }
      .c3 { stroke: #7d3fb5; } .c3.fill { fill: #7d3fb5; }
      .c4 { stroke: #b35900; } .c4.fill { fill: #b35900; }
      .c5 { stroke: #0b7a83; } .c5.fill { fill: #0b7a83; }
      .c6 { stroke: #6b4f3a; } .c6.fill { fill: #6b4f3a; }
      .c7 { stroke: #b0337f; } .c7.fill { fill: #b0337f; }
      .fill { stroke: none; } .bars.whisker { stroke: #222222; }
      @media (prefers-color-scheme: dark) {
        text { fill: #e4e4e4; }
        .ground { fill: #16181c; } .grid { stroke: #33363d; } .axis { stroke: #a8a8a8; }
        .bars.whisker, .c-1.whisker { stroke: #ffffff; } .c-1.fill { fill: #e4e4e4; }
        .c0 { stroke: #8fb0ff; } .c0.fill { fill: #6f93e8; }
        .c1 { stroke: #ff9c8f; } .c1.fill { fill: #e07a6c; }
        .c2 { stroke: #86d6a3; } .c2.fill { fill: #5cae7a; }
        .c3 { stroke: #cfa5ff; } .c3.fill { fill: #a97fe0; }
        .c4 { stroke: #ffb870; } .c4.fill { fill: #d9913f; }
        .c5 { stroke: #6fd3dc; } .c5.fill { fill: #43a9b3; }
        .c6 { stroke: #d3b59b; } .c6.fill { fill: #b0917a; }
        .c7 { stroke: #ff9fd2; } .c7.fill { fill: #dc74ae; }
        .fill { stroke: none; } .bars.whisker { stroke: #ffffff; }
      }
      </style>
      """;

  Chart {
    series = List.copyOf(series);
  }

  String svg() {
    StringBuilder body = new StringBuilder();
    int bottom = axes(body);
    for (Series each : series) {
      draw(body, each);
    }
    bottom = legend(body, bottom);
    return String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\">\n",
            WIDTH,
            bottom,
            WIDTH,
            bottom)
        + STYLE
        + "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n"
        + body
        + "</svg>\n";
  }

  /** Draws both axes and returns where they end. */
  private int axes(StringBuilder svg) {
    for (Axis.Tick tick : y.ticks()) {
      double at = down(tick.value());
      add(
          svg,
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
          LEFT,
          RIGHT,
          at,
          at);
      text(svg, "tick", "end", LEFT - 8, at + 5, tick.name());
    }
    add(
        svg,
        "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
        LEFT,
        RIGHT,
        BOTTOM,
        BOTTOM);
    int most = 1;
    int characters =
        Math.max(4, (int) ((RIGHT - LEFT) / LETTER / Math.max(1, x.ticks().size())) - 1);
    for (Axis.Tick tick : x.ticks()) {
      double at = right(tick.value());
      add(
          svg,
          "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
          at,
          at,
          BOTTOM,
          BOTTOM + 5);
      List<String> lines = ContactSheet.wrapped(tick.name(), characters);
      for (int i = 0; i < lines.size(); i++) {
        text(svg, "tick", "middle", at, BOTTOM + 21.0 + i * LINE, lines.get(i));
      }
      most = Math.max(most, lines.size());
    }
    int label = BOTTOM + 25 + most * LINE;
    text(svg, "x-label", "middle", (LEFT + RIGHT) / 2.0, label, x.label());
    add(
        svg,
        "<text class=\"y-label\" text-anchor=\"middle\" transform=\"translate(18 %d) rotate(-90)\">%s</text>",
        (TOP + BOTTOM) / 2,
        Html.escape(y.label()));
    return label + 10;
  }

  private void draw(StringBuilder svg, Series each) {
    if (each.kind() == Kind.LINE && !each.points().isEmpty()) {
      StringBuilder path = new StringBuilder();
      for (Point point : each.points()) {
        path.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1f",
                path.isEmpty() ? "M" : " L",
                right(point.x()),
                down(point.y())));
      }
      add(svg, "<path class=\"line c%d\" d=\"%s\"/>", colour(each), path);
    }
    for (Point point : each.points()) {
      if (each.kind() == Kind.BARS) {
        double left = right(point.x() - each.width() / 2);
        double top = down(point.y());
        add(
            svg,
            "<rect class=\"fill c%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
            colour(each),
            left,
            top,
            right(point.x() + each.width() / 2) - left,
            Math.max(0, BOTTOM - top));
      }
      whisker(svg, each, point);
      if (each.kind() == Kind.MARKS) {
        marker(svg, each, right(point.x()), down(point.y()));
      }
    }
  }

  private void whisker(StringBuilder svg, Series each, Point point) {
    if (!Double.isFinite(point.low()) || !Double.isFinite(point.high())) {
      return;
    }
    double at = right(point.x());
    add(
        svg,
        "<path class=\"whisker c%d%s\" d=\"M%.1f %.1f h%d M%.1f %.1f V%.1f M%.1f %.1f h%d\"/>",
        colour(each),
        each.kind() == Kind.BARS ? " bars" : "",
        at - CAP,
        down(point.high()),
        2 * CAP,
        at,
        down(point.high()),
        down(point.low()),
        at - CAP,
        down(point.low()),
        2 * CAP);
  }

  private static void marker(StringBuilder svg, Series each, double x, double y) {
    String shape =
        switch (Math.floorMod(each.marker(), 5)) {
          case 0 -> "m-6 0 a6 6 0 1 0 12 0 a6 6 0 1 0 -12 0";
          case 1 -> "m-5.5 -5.5 h11 v11 h-11 z";
          case 2 -> "m0 -7.5 l7.5 7.5 l-7.5 7.5 l-7.5 -7.5 z";
          case 3 -> "m0 -7 l7 12 h-14 z";
          default -> "m0 7 l7 -12 h-14 z";
        };
    add(svg, "<path class=\"fill c%d\" d=\"M%.1f %.1f %s\"/>", colour(each), x, y, shape);
  }

  /** Writes names side by side while they fit and returns where they end. */
  private int legend(StringBuilder svg, int top) {
    double left = LEFT;
    int line = top + LINE;
    int end = top;
    for (Series each : series) {
      if (each.name().isEmpty()) {
        continue;
      }
      double width = SWATCH + 6 + each.name().length() * LETTER;
      if (left > LEFT && left + width > WIDTH) {
        left = LEFT;
        line += LINE + 4;
      }
      double middle = line - 5.0;
      switch (each.kind()) {
        case LINE ->
            add(
                svg,
                "<path class=\"line c%d\" d=\"M%.1f %.1f h%d\"/>",
                colour(each),
                left,
                middle,
                SWATCH);
        case MARKS -> marker(svg, each, left + SWATCH / 2.0, middle);
        case BARS ->
            add(
                svg,
                "<rect class=\"fill c%d\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\"/>",
                colour(each),
                left,
                middle - MARK,
                SWATCH,
                2 * MARK);
      }
      text(svg, "legend", "start", left + SWATCH + 6, line, each.name());
      left += width + GAP;
      end = line + 12;
    }
    return end;
  }

  private static int colour(Series each) {
    return each.colour() == TEXT ? TEXT : each.colour() % COLOURS;
  }

  private double right(double value) {
    return LEFT + x.place(value) * (RIGHT - LEFT);
  }

  private double down(double value) {
    return BOTTOM - y.place(value) * (BOTTOM - TOP);
  }

  private static void text(
      StringBuilder svg, String style, String anchor, double x, double y, String text) {
    if (!text.isEmpty()) {
      add(
          svg,
          "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
          style,
          anchor,
          x,
          y,
          Html.escape(text));
    }
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
