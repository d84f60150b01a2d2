package dev.fgvc.nets.experiment.report;

import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
import dev.fgvc.nets.experiment.TransferStudy;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The report's plots as SVG documents. */
final class Plots {

  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;

  private static final Color[] COLOURS = {
    new Color(0x1F77B4),
    new Color(0xD62728),
    new Color(0x2CA02C),
    new Color(0x9467BD),
    new Color(0xFF7F0E),
    new Color(0x17BECF),
    new Color(0x8C564B),
    new Color(0xE377C2)
  };

  private static final MathContext TICK_DIGITS = new MathContext(6);
  private static final Set<BigInteger> FEW_DIGITS =
      Set.of(BigInteger.ONE, BigInteger.TWO, BigInteger.valueOf(5));

  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE,
    SeriesMarkers.SQUARE,
    SeriesMarkers.DIAMOND,
    SeriesMarkers.TRIANGLE_UP,
    SeriesMarkers.TRIANGLE_DOWN,
    SeriesMarkers.CROSS
  };

  private Plots() {}

  /**
   * Figure 2: images of each class from the largest class to the smallest, before and after. A
   * class without images has no place on the logarithmic axis and is left out.
   */
  static String frequencies(List<Integer> training, List<Integer> subset) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("category, sorted by training images")
            .yAxisTitle("images")
            .build();
    style(chart.getStyler());
    double[] ranks = IntStream.rangeClosed(1, training.size()).asDoubleStream().toArray();
    double[] before = descending(training);
    double[] after = descending(subset);
    logarithmicY(chart.getStyler(), before, after);
    line(chart, "first stage: whole training set", ranks, before, 0);
    line(chart, "second stage: more balanced subset", ranks, after, 1);
    return svg(chart);
  }

  /** Figure 4 and the like: one group of bars for each row, one bar for each column, spreads. */
  static String bars(ResultTable table, String quantity) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("")
            .yAxisTitle(quantity)
            .build();
    style(chart.getStyler());
    chart.getStyler().setAvailableSpaceFill(0.6);
    List<String> rows = table.rows().stream().map(ResultTable.Row::label).toList();
    for (int c = 0; c < table.columns().size(); c++) {
      int column = c;
      List<Measurement> values =
          table.rows().stream().map(row -> row.cells().get(column).value().orElseThrow()).toList();
      chart
          .addSeries(table.columns().get(c).name(), rows, means(values), spreads(values))
          .setFillColor(COLOURS[c % COLOURS.length]);
    }
    return svg(chart);
  }

  /** One line for each row over the numbers that the columns are named by. */
  static String lines(ResultTable table, String across, String quantity) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle(across)
            .yAxisTitle(quantity)
            .build();
    style(chart.getStyler());
    double[] x =
        table.columns().stream().mapToDouble(column -> Double.parseDouble(column.name())).toArray();
    for (int r = 0; r < table.rows().size(); r++) {
      List<Measurement> values =
          table.rows().get(r).cells().stream().map(cell -> cell.value().orElseThrow()).toList();
      XYSeries series =
          chart.addSeries(
              table.rows().get(r).label(), x, array(means(values)), array(spreads(values)));
      colour(series, r, MARKERS[0]);
    }
    return svg(chart);
  }

  /** Figure 5: a line for each target, a marker for each source; what failed is left out. */
  static String accuracyAgainstSimilarity(List<List<TransferStudy.Pair>> pairs) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT + 120)
            .xAxisTitle("domain similarity of source and target")
            .yAxisTitle("transfer accuracy, top-1 (%)")
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisDecimalPattern("0.000");
    for (int t = 0; t < pairs.size(); t++) {
      List<TransferStudy.Pair> sorted =
          pairs.get(t).stream()
              .filter(pair -> Double.isFinite(pair.accuracy().mean()))
              .sorted((a, b) -> Double.compare(a.similarity(), b.similarity()))
              .toList();
      if (sorted.isEmpty()) {
        continue;
      }
      XYSeries line =
          chart.addSeries(
              sorted.get(0).target(),
              sorted.stream().mapToDouble(TransferStudy.Pair::similarity).toArray(),
              sorted.stream().mapToDouble(pair -> 100 * pair.accuracy().mean()).toArray());
      colour(line, t, SeriesMarkers.NONE);
    }
    for (int s = 0; s < pairs.get(0).size(); s++) {
      int source = s;
      List<TransferStudy.Pair> column =
          pairs.stream()
              .map(target -> target.get(source))
              .filter(pair -> Double.isFinite(pair.accuracy().mean()))
              .toList();
      if (column.isEmpty()) {
        continue;
      }
      List<Measurement> accuracies = column.stream().map(TransferStudy.Pair::accuracy).toList();
      XYSeries marks =
          chart.addSeries(
              column.get(0).source(),
              column.stream().mapToDouble(TransferStudy.Pair::similarity).toArray(),
              array(means(accuracies)),
              array(spreads(accuracies)));
      marks.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      colour(marks, 0, MARKERS[s % MARKERS.length]);
      marks.setMarkerColor(Color.DARK_GRAY);
    }
    return svg(chart);
  }

  private static void line(XYChart chart, String name, double[] x, double[] y, int colour) {
    XYSeries series = chart.addSeries(name, x, y);
    colour(series, colour, SeriesMarkers.NONE);
  }

  private static void colour(XYSeries series, int index, Marker marker) {
    Color colour = COLOURS[index % COLOURS.length];
    series.setLineColor(colour);
    series.setLineStyle(new BasicStroke(2));
    series.setMarker(marker);
    series.setMarkerColor(colour);
  }

  /**
   * Makes the vertical axis logarithmic. By default, XChart labels powers of ten alone, of which
   * there may be none.
   */
  private static void logarithmicY(AxesChartStyler styler, double[]... values) {
    DoubleSummaryStatistics range =
        Stream.of(values)
            .flatMapToDouble(DoubleStream::of)
            .filter(value -> !Double.isNaN(value))
            .summaryStatistics();
    boolean all = range.getMax() <= 10 * range.getMin();
    styler
        .setYAxisLogarithmic(true)
        .setYAxisLogarithmicDecadeOnly(false)
        .setYAxisTickLabelsFormattingFunction(tick -> tickLabel(tick, all));
  }

  /** The number, or nothing if only 1, 2 and 5 times the powers of ten have labels. */
  static String tickLabel(double tick, boolean all) {
    BigDecimal number = new BigDecimal(tick).round(TICK_DIGITS).stripTrailingZeros();
    return all || FEW_DIGITS.contains(number.unscaledValue()) ? number.toPlainString() : "";
  }

  private static void style(Styler styler) {
    styler.setLocale(Locale.ROOT);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setLegendBorderColor(Color.WHITE);
  }

  private static double[] descending(List<Integer> counts) {
    return counts.stream()
        .sorted(Collections.reverseOrder())
        .mapToDouble(count -> count > 0 ? count : Double.NaN)
        .toArray();
  }

  /** Per cent; XChart leaves out what is not a number. */
  private static List<Double> means(List<Measurement> values) {
    return percent(values, Measurement::mean, Double.NaN);
  }

  /** Per cent; XChart would write error bars that are not numbers into the SVG. */
  private static List<Double> spreads(List<Measurement> values) {
    return percent(values, Measurement::spread, 0);
  }

  private static List<Double> percent(
      List<Measurement> values, ToDoubleFunction<Measurement> what, double otherwise) {
    return values.stream()
        .map(what::applyAsDouble)
        .map(value -> Double.isFinite(value) ? 100 * value : otherwise)
        .toList();
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static String svg(IChart chart) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ChartEncoder.saveChart(chart, bytes, "svg");
    } catch (IOException e) {
      throw new UncheckedIOException("a plot could not be drawn", e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
