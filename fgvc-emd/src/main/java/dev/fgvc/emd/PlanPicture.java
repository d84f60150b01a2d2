package dev.fgvc.emd;

import static com.google.common.base.Strings.lenientFormat;

import com.google.common.collect.ImmutableMap;
import dev.fgvc.emd.internal.cost.PointSets;
import dev.fgvc.emd.internal.picture.DarkColours;
import dev.fgvc.emd.internal.picture.FlowArrows;
import dev.fgvc.emd.internal.picture.PrincipalPlane;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.file.WholeFile;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A transport plan as a picture, after figure 3 of Cui et al., CVPR 2018: classes of the source in
 * red and of the target in green, as large as their share of the images, and blue arrows for the
 * flow, as wide as the mass that they move. As SVG it is light or dark as the reader's system is;
 * as PNG it is light.
 *
 * <p>Classes stand where the two main components of all class means put them (each domain weighs
 * the same). A plan has up to m + n - 1 flows; the largest are drawn. Needs {@code
 * org.knowm.xchart:xchart} and, for SVG, {@code de.erichseifert.vectorgraphics2d:VectorGraphics2D}
 * on the class path. Immutable.
 *
 * <pre>{@code
 * Similarity similarity = DomainSimilarity.create().between(iNat, cub200);
 * PlanPicture.of(iNat, cub200, similarity.plan()).writeSvg(Path.of("inat-cub200.svg"));
 * }</pre>
 */
public final class PlanPicture {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 650;
  private static final int LARGEST_FLOWS = 400;
  private static final Color SOURCE = new Color(200, 40, 40);
  private static final Color TARGET = new Color(30, 140, 60);
  private static final Color AXES = new Color(130, 130, 130);

  private static final ImmutableMap<Color, Color> ON_DARK =
      ImmutableMap.of(
          Color.WHITE,
          new Color(22, 24, 28),
          Color.BLACK,
          new Color(228, 228, 228),
          AXES,
          new Color(168, 168, 168),
          SOURCE,
          new Color(255, 156, 143),
          TARGET,
          new Color(134, 214, 163),
          FlowArrows.FLOW,
          new Color(143, 176, 255));

  private final DomainFeatures source;
  private final DomainFeatures target;
  private final TransportPlan plan;
  private final double[][] places;
  private final int flows;

  private PlanPicture(
      DomainFeatures source,
      DomainFeatures target,
      TransportPlan plan,
      double[][] places,
      int flows) {
    this.source = source;
    this.target = target;
    this.plan = plan;
    this.places = places;
    this.flows = flows;
  }

  /**
   * Makes the picture of a plan, with its {@value #LARGEST_FLOWS} largest flows.
   *
   * @param source the domain moved from
   * @param target the domain moved to, of the same dimension
   * @param plan a plan between the two
   * @return the picture
   * @throws IllegalArgumentException if dimensions differ, or the plan names a class that is not
   *     there
   */
  public static PlanPicture of(DomainFeatures source, DomainFeatures target, TransportPlan plan) {
    PointSets.check(source.classMeans(), target.classMeans());
    for (int k = 0; k < plan.flowCount(); k++) {
      if (plan.source(k) >= source.classCount() || plan.target(k) >= target.classCount()) {
        throw new IllegalArgumentException(
            lenientFormat(
                "the plan moves class %s to class %s, but the domains have %s and %s classes",
                plan.source(k), plan.target(k), source.classCount(), target.classCount()));
      }
    }
    FMatrixRMaj means = new FMatrixRMaj(0, 0);
    CommonOps_FDRM.concatRows(source.classMeans(), target.classMeans(), means);
    double[] weights = Arrays.copyOf(source.weights(), means.numRows);
    System.arraycopy(target.weights(), 0, weights, source.classCount(), target.classCount());
    return new PlanPicture(
        source, target, plan, PrincipalPlane.coordinates(means, weights), LARGEST_FLOWS);
  }

  /**
   * The same picture with more or fewer arrows.
   *
   * @param count how many of the largest flows to draw, from 0 on
   * @return a new picture
   * @throws IllegalArgumentException if the count is negative
   */
  public PlanPicture withLargestFlows(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("largest flows " + count + ": must not be negative");
    }
    return new PlanPicture(source, target, plan, places, count);
  }

  /**
   * The picture as an SVG document.
   *
   * @return a whole document, to be written or set into a page
   * @throws IOException if it cannot be made
   */
  public String svg() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChartEncoder.saveChart(chart(), bytes, "svg");
    return DarkColours.add(bytes.toString(StandardCharsets.UTF_8), ON_DARK);
  }

  /**
   * Writes the picture as SVG.
   *
   * @param file is written whole, or left as it was
   * @throws IOException if it cannot be written
   */
  public void writeSvg(Path file) throws IOException {
    write(file, svg().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes the picture as PNG, {@value #WIDTH} x {@value #HEIGHT}.
   *
   * @param file is written whole, or left as it was
   * @throws IOException if it cannot be written
   */
  public void writePng(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChartEncoder.saveChart(chart(), bytes, "png");
    write(file, bytes.toByteArray());
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    WholeFile.write(file, bytes);
  }

  private XYChart chart() {
    int sources = source.classCount();
    FlowArrows chart =
        new FlowArrows(
            new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(String.format(Locale.ROOT, "EMD %.4g", plan.distance()))
                .xAxisTitle("first component")
                .yAxisTitle("second component"),
            places,
            sources);
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setPlotGridLinesVisible(false);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setAxisTickMarksColor(AXES);
    chart.getStyler().setPlotBorderColor(AXES);
    chart.getStyler().setLegendBorderColor(AXES);
    series(chart, "source: " + source.name(), 0, sources, SOURCE);
    series(chart, "target: " + target.name(), sources, places.length, TARGET);
    plan.flows()
        .sorted(Comparator.comparingDouble(TransportPlan.Flow::mass).reversed())
        .limit(flows)
        .forEach(flow -> chart.add(flow.source(), flow.target(), flow.mass()));
    chart.addCircles(source.weights(), 0, SOURCE);
    chart.addCircles(target.weights(), sources, TARGET);
    return chart;
  }

  /** Small dots, which carry the axes and the legend; the circles are drawn over them. */
  private void series(XYChart chart, String name, int from, int to, Color colour) {
    double[] x = new double[to - from];
    double[] y = new double[to - from];
    for (int i = from; i < to; i++) {
      x[i - from] = places[i][0];
      y[i - from] = places[i][1];
    }
    XYSeries series = chart.addSeries(name, x, y);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setMarkerColor(colour);
  }
}
