package dev.fgvc.nets.experiment.report;

import dev.fgvc.metric.Interval;
import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Unit;
import dev.fgvc.nets.experiment.TransferStudy;
import dev.fgvc.nets.experiment.report.Chart.Kind;
import dev.fgvc.nets.experiment.report.Chart.Point;
import dev.fgvc.nets.experiment.report.Chart.Series;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The report's plots as SVG documents; whiskers are the intervals of the tables. */
final class Plots {

  /** The part of a category's width that its bars fill. */
  private static final double FILLED = 0.72;

  /** The part of the range by which lines stand apart, so that their whiskers do not meet. */
  private static final double APART = 0.022;

  private Plots() {}

  /**
   * Figure 2: images of each class from the largest class to the smallest, before and after. A
   * class without images has no place on the logarithmic axis and is left out.
   */
  static String frequencies(List<Integer> training, List<Integer> subset) {
    List<Point> before = descending(training);
    List<Point> after = descending(subset);
    return new Chart(
            Axis.linear("category, sorted by training images", DoubleStream.of(0, training.size())),
            Axis.logarithmic(
                "images", Stream.of(before, after).flatMap(List::stream).mapToDouble(Point::y)),
            List.of(
                Series.line("first stage: whole training set", 0, before),
                Series.line("second stage: more balanced subset", 1, after)))
        .svg();
  }

  private static List<Point> descending(List<Integer> counts) {
    List<Integer> sorted = counts.stream().sorted(Collections.reverseOrder()).toList();
    return IntStream.range(0, sorted.size())
        .filter(i -> sorted.get(i) > 0)
        .mapToObj(i -> Point.of(i + 1, sorted.get(i)))
        .toList();
  }

  /** Figure 4 and the like: one group of bars for each row, one bar for each column. */
  static String bars(ResultTable table, String categories, String quantity) {
    List<Series> series = new ArrayList<>();
    int columns = table.columns().size();
    double width = FILLED / columns;
    for (int c = 0; c < columns; c++) {
      List<Point> points = new ArrayList<>();
      for (int r = 0; r < table.rows().size(); r++) {
        double x = r + (c - (columns - 1) / 2.0) * width;
        point(x, table.rows().get(r).cells().get(c), table.columns().get(c).unit())
            .ifPresent(points::add);
      }
      String name = columns == 1 ? "" : table.columns().get(c).name();
      series.add(new Series(name, Kind.BARS, c, 0, width, points));
    }
    return new Chart(
            Axis.categories(categories, table.rows().stream().map(ResultTable.Row::label).toList()),
            Axis.linear(quantity, DoubleStream.concat(DoubleStream.of(0), heights(series))),
            series)
        .svg();
  }

  /** One line for each row over the numbers that the columns are named by. */
  static String lines(ResultTable table, String across, String quantity) {
    List<String> names = table.columns().stream().map(ResultTable.Column::name).toList();
    double[] x = names.stream().mapToDouble(Double::parseDouble).toArray();
    Axis axis = Axis.at(across, x, names);
    List<Series> series = new ArrayList<>();
    int rows = table.rows().size();
    for (int r = 0; r < rows; r++) {
      double shift = (r - (rows - 1) / 2.0) * APART * (axis.high() - axis.low());
      List<Point> points = new ArrayList<>();
      for (int c = 0; c < x.length; c++) {
        point(x[c] + shift, table.rows().get(r).cells().get(c), table.columns().get(c).unit())
            .ifPresent(points::add);
      }
      series.add(Series.line(table.rows().get(r).label(), r, points));
      series.add(Series.marks("", r, 0, points));
    }
    return new Chart(axis, Axis.linear(quantity, heights(series)), series).svg();
  }

  /**
   * Figure 5: a line in its own colour for each target, a marker for each source; what failed is
   * left out.
   */
  static String accuracyAgainstSimilarity(List<List<TransferStudy.Pair>> pairs) {
    List<Series> series = new ArrayList<>();
    List<Series> marks = new ArrayList<>();
    for (int t = 0; t < pairs.size(); t++) {
      List<Point> line = new ArrayList<>();
      for (int s = 0; s < pairs.get(t).size(); s++) {
        TransferStudy.Pair pair = pairs.get(t).get(s);
        Optional<Point> point = point(pair.similarity(), pair.accuracyCell(), Unit.PERCENT);
        point.ifPresent(line::add);
        marks.add(Series.marks("", t, s, point.stream().toList()));
      }
      line.sort((a, b) -> Double.compare(a.x(), b.x()));
      series.add(
          Series.line(
              pairs.get(t).get(0).target(),
              t,
              line.stream().map(point -> Point.of(point.x(), point.y())).toList()));
    }
    series.addAll(marks);
    for (int s = 0; s < pairs.get(0).size(); s++) {
      series.add(Series.marks(pairs.get(0).get(s).source(), Chart.TEXT, s, List.of()));
    }
    return new Chart(
            Axis.linear(
                "domain similarity of source and target",
                series.stream().flatMap(each -> each.points().stream()).mapToDouble(Point::x)),
            Axis.linear("transfer accuracy, top-1 (%)", heights(series)),
            series)
        .svg();
  }

  /** The place of a cell, which may hold no number. */
  private static Optional<Point> point(double x, Cell cell, Unit unit) {
    double estimate =
        cell.interval()
            .map(Interval::estimate)
            .orElse(cell.value().map(Measurement::mean).orElse(Double.NaN));
    Point point =
        new Point(
            x,
            unit.scaled(estimate),
            unit.scaled(cell.interval().map(Interval::low).orElse(Double.NaN)),
            unit.scaled(cell.interval().map(Interval::high).orElse(Double.NaN)));
    return Optional.of(point).filter(Point::isKnown);
  }

  private static DoubleStream heights(List<Series> series) {
    return series.stream()
        .flatMap(each -> each.points().stream())
        .flatMapToDouble(point -> DoubleStream.of(point.y(), point.low(), point.high()));
  }
}
