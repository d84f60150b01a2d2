package dev.fgvc.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
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
   * What one size took.
   *
   * @param size on the curve's axis
   * @param seconds the median of some runs
   * @param bytes allocated on the heap in one run, by threads that outlive it
   */
  record Point(double size, double seconds, long bytes) {}

  ScalingCurve {
    points = List.copyOf(points);
  }

  PowerLaw time() {
    return PowerLaw.fit(sizes(), seconds());
  }

  PowerLaw memory() {
    return PowerLaw.fit(sizes(), points.stream().map(point -> (double) point.bytes()).toList());
  }

  private List<Double> sizes() {
    return points.stream().map(Point::size).toList();
  }

  private List<Double> seconds() {
    return points.stream().map(Point::seconds).toList();
  }

  /** Both axes logarithmic: a power law is a straight line. */
  String svg() throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(640)
            .height(420)
            .title(title)
            .xAxisTitle(axis)
            .yAxisTitle("seconds")
            .build();
    chart
        .getStyler()
        .setXAxisLogarithmic(true)
        .setYAxisLogarithmic(true)
        .setLegendPosition(LegendPosition.InsideNW);
    PowerLaw law = time();
    chart
        .addSeries("measured, median", sizes(), seconds())
        .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart
        .addSeries(
            String.format(Locale.ROOT, "size^%.2f", law.exponent()),
            sizes(),
            sizes().stream().map(law::at).toList())
        .setMarker(SeriesMarkers.NONE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChartEncoder.saveChart(chart, bytes, "svg");
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
