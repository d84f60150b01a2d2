package dev.fgvc.nets.experiment.report;

import dev.fgvc.metric.Interval;
import dev.fgvc.nets.experiment.Direction;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** The interval of a margin as a small drawing, to the scale of all margins of the same unit. */
final class Margin {

  private static final int WIDTH = 150;
  private static final int HEIGHT = 14;
  private static final int ROOM = 5;

  private Margin() {}

  /** Draws one of some margins; nothing if its interval is unknown. */
  static String svg(Direction direction, List<Direction> all) {
    Interval interval = direction.interval();
    if (!Double.isFinite(interval.low() + interval.high())) {
      return "";
    }
    double most =
        all.stream()
            .filter(each -> each.unit() == direction.unit())
            .flatMapToDouble(
                each ->
                    DoubleStream.of(each.interval().low(), each.interval().high(), each.least()))
            .filter(Double::isFinite)
            .map(Math::abs)
            .max()
            .orElse(1);
    double scale = (WIDTH / 2.0 - ROOM) / (most == 0 ? 1 : most);
    double middle = WIDTH / 2.0;
    double least = middle + scale * direction.least();
    return String.format(
        Locale.ROOT,
        "<svg class=\"margin\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">"
            + "<line x1=\"0\" x2=\"%d\" y1=\"7\" y2=\"7\"/>"
            + "<line class=\"least\" x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"14\"/>"
            + "<line class=\"range\" x1=\"%.1f\" x2=\"%.1f\" y1=\"7\" y2=\"7\"/>"
            + "<circle cx=\"%.1f\" cy=\"7\" r=\"4\"/></svg>",
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        WIDTH,
        least,
        least,
        middle + scale * interval.low(),
        middle + scale * interval.high(),
        middle + scale * interval.estimate());
  }
}
