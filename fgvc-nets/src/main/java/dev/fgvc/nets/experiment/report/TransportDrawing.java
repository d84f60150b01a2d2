package dev.fgvc.nets.experiment.report;

import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.TransportPlan;
import dev.fgvc.feature.DomainFeatures;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * Figure 3 with real domains: a circle for each category, as large as its share of the images,
 * arrows for the flow. Categories stand where the two main components of all class means put them.
 */
final class TransportDrawing {

  private static final double WIDTH = 760;
  private static final double HEIGHT = 460;
  private static final double MARGIN = 40;

  private TransportDrawing() {}

  static String of(DomainFeatures source, DomainFeatures target) {
    TransportPlan plan = DomainSimilarity.create().between(source, target).plan();
    double[][] places = places(source.classMeans(), target.classMeans());
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0"
                + " %.0f %.0f\" font-family=\"sans-serif\" font-size=\"12\">%n",
            WIDTH,
            HEIGHT,
            WIDTH,
            HEIGHT));
    svg.append(
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\""
            + " markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path"
            + " d=\"M0,0 L8,4 L0,8 z\" fill=\"#1f77b4\"/></marker></defs>\n");
    int offset = source.classCount();
    for (int k = 0; k < plan.flowCount(); k++) {
      double[] from = places[plan.source(k)];
      double[] to = places[offset + plan.target(k)];
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#1f77b4\""
                  + " stroke-opacity=\"0.6\" stroke-width=\"%.2f\" marker-end=\"url(#tip)\"/>%n",
              from[0],
              from[1],
              to[0],
              to[1],
              0.5 + 30 * plan.flow(k)));
    }
    circles(svg, places, 0, source.weights(), "#d62728");
    circles(svg, places, offset, target.weights(), "#2ca02c");
    legend(svg, 16, "#d62728", source.name());
    legend(svg, 34, "#2ca02c", target.name());
    return svg.append("</svg>\n").toString();
  }

  private static void circles(
      StringBuilder svg, double[][] places, int from, double[] weights, String colour) {
    for (int i = 0; i < weights.length; i++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" fill-opacity=\"0.55\"/>%n",
              places[from + i][0],
              places[from + i][1],
              2 + 40 * Math.sqrt(weights[i]),
              colour));
    }
  }

  private static void legend(StringBuilder svg, int y, String colour, String name) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<circle cx=\"14\" cy=\"%d\" r=\"6\" fill=\"%s\"/><text x=\"26\" y=\"%d\">%s</text>%n",
            y,
            colour,
            y + 4,
            Html.escape(name)));
  }

  /** The rows of both matrices by their two main components, scaled to the drawing. */
  private static double[][] places(FMatrixRMaj first, FMatrixRMaj second) {
    int rows = first.numRows + second.numRows;
    int dimension = first.numCols;
    DMatrixRMaj all = new DMatrixRMaj(rows, dimension);
    for (int i = 0; i < first.getNumElements(); i++) {
      all.data[i] = first.data[i];
    }
    for (int i = 0; i < second.getNumElements(); i++) {
      all.data[first.getNumElements() + i] = second.data[i];
    }
    for (int c = 0; c < dimension; c++) {
      double mean = 0;
      for (int r = 0; r < rows; r++) {
        mean += all.get(r, c) / rows;
      }
      for (int r = 0; r < rows; r++) {
        all.add(r, c, -mean);
      }
    }
    DMatrixRMaj gram = new DMatrixRMaj(rows, rows);
    CommonOps_DDRM.multTransB(all, all, gram);
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(rows, rows, true, false, true);
    svd.decompose(gram);
    DMatrixRMaj left = svd.getU(null, false);
    int[] best = twoLargest(svd.getSingularValues(), svd.numberOfSingularValues());
    double[][] places = new double[rows][];
    double[] x = scaled(left, best[0], svd.getSingularValues(), WIDTH);
    double[] y = scaled(left, best[1], svd.getSingularValues(), HEIGHT);
    for (int r = 0; r < rows; r++) {
      places[r] = new double[] {x[r], y[r]};
    }
    return places;
  }

  private static int[] twoLargest(double[] values, int count) {
    int first = 0;
    for (int i = 1; i < count; i++) {
      first = values[i] > values[first] ? i : first;
    }
    int second = first == 0 ? Math.min(1, count - 1) : 0;
    for (int i = 0; i < count; i++) {
      second = i != first && values[i] > values[second] ? i : second;
    }
    return new int[] {first, second};
  }

  private static double[] scaled(DMatrixRMaj left, int component, double[] values, double extent) {
    double[] coordinates = new double[left.numRows];
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int r = 0; r < coordinates.length; r++) {
      coordinates[r] = left.get(r, component) * Math.sqrt(values[component]);
      low = Math.min(low, coordinates[r]);
      high = Math.max(high, coordinates[r]);
    }
    double range = high > low ? high - low : 1;
    for (int r = 0; r < coordinates.length; r++) {
      coordinates[r] = MARGIN + (coordinates[r] - low) / range * (extent - 2 * MARGIN);
    }
    return coordinates;
  }
}
