package dev.fgvc.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * How time and memory grow with one size.
 *
 * @param name of the curve's files
 * @param title what is done
 * @param axis what the size counts
 * @param points at least two, of growing size
 */
record ScalingCurve(String name, String title, String axis, List<Point> points) {

  /**
   * The cost of one size.
   *
   * @param size on the curve's axis
   * @param seconds the median of some runs
   * @param bytes allocated on the heap in one run, by threads that outlive it
   * @param residentBytes the most that the process held at once, where the system tells
   */
  record Point(double size, double seconds, long bytes, OptionalLong residentBytes) {}

  ScalingCurve {
    points = List.copyOf(points);
  }

  PowerLaw time() {
    return PowerLaw.fit(sizes(), seconds());
  }

  PowerLaw memory() {
    return PowerLaw.fit(sizes(), megabytes());
  }

  private List<Double> sizes() {
    return points.stream().map(Point::size).toList();
  }

  private List<Double> seconds() {
    return points.stream().map(Point::seconds).toList();
  }

  private List<Double> megabytes() {
    return points.stream().map(point -> 1e-6 * point.bytes()).toList();
  }

  String timeSvg() throws IOException {
    XYChart chart = chart("seconds");
    draw(chart, "measured, median", seconds(), time());
    return svg(chart);
  }

  String memorySvg() throws IOException {
    XYChart chart = chart("megabytes");
    draw(chart, "allocated by a run", megabytes(), memory());
    List<Point> known = points.stream().filter(point -> point.residentBytes().isPresent()).toList();
    if (!known.isEmpty()) {
      chart
          .addSeries(
              "held by the process",
              known.stream().map(Point::size).toList(),
              known.stream().map(point -> 1e-6 * point.residentBytes().orElseThrow()).toList())
          .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    }
    return svg(chart);
  }

  /** Both axes logarithmic: a power law is a straight line. */
  private XYChart chart(String unit) {
    XYChart chart =
        new XYChartBuilder()
            .width(640)
            .height(420)
            .title(title)
            .xAxisTitle(axis)
            .yAxisTitle(unit)
            .build();
    chart
        .getStyler()
        .setXAxisLogarithmic(true)
        .setYAxisLogarithmic(true)
        .setXAxisLogarithmicDecadeOnly(false)
        .setYAxisLogarithmicDecadeOnly(false)
        .setLegendPosition(LegendPosition.InsideNW)
        .setLocale(Locale.ROOT);
    return chart;
  }

  private void draw(XYChart chart, String series, List<Double> values, PowerLaw law) {
    chart.addSeries(series, sizes(), values).setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart
        .addSeries(
            String.format(Locale.ROOT, "size^%.2f", law.exponent()),
            sizes(),
            sizes().stream().map(law::at).toList())
        .setMarker(SeriesMarkers.NONE);
  }

  private static String svg(XYChart chart) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChartEncoder.saveChart(chart, bytes, "svg");
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
