package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DuplicateReport;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.progress.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.ejml.data.FMatrixRMaj;

/**
 * Images whose fingerprints are alike, with the cosines of the angles between their features, which
 * put those first that are worth a look.
 *
 * <p>A cosine alone does not prove a copy. With the pooled features of Inception-v3 at 299 pixels,
 * 0.95 and more had 92 to 97 % of 261 photos beside themselves made smaller, cropped by a twentieth
 * at each side, re-encoded, brightened or mirrored, and 86 % beside themselves cropped by a tenth;
 * but so had half of 101 pairs of different photos whose fingerprints differ in at most 12 bits, as
 * features without negative values are alike at large. Of all copies but the last, 98 % and more
 * had at least 0.9.
 *
 * <pre>{@code
 * DuplicateReport wide = DuplicateSearch.create().withDistance(12).between(train, test);
 * DuplicateReport likely =
 *     ConfirmedDuplicates.of(wide, network, CentralCrop.of(resolution)).above(0.9);
 * }</pre>
 *
 * @param report the images that were compared
 * @param cosines of the angle between the features of each match's two images, in the order of the
 *     report
 */
public record ConfirmedDuplicates(DuplicateReport report, List<Double> cosines) {

  /** Refuses another number of cosines than of matches. */
  public ConfirmedDuplicates {
    cosines = List.copyOf(cosines);
    if (cosines.size() != report.matches().size()) {
      throw new IllegalArgumentException(
          cosines.size() + " cosines of " + report.matches().size() + " matches");
    }
  }

  /**
   * Compares features. Each image that stands in the report passes the backbone once; features of
   * networks that were trained on mirrored images change little where an image is mirrored.
   *
   * @param report of a search, best one within a larger distance
   * @param backbone such as a compiled network; stays the caller's to close
   * @param transform one view of each image, nothing random
   * @return the cosine of each match
   * @throws IllegalArgumentException if the transform makes several views or random choices
   */
  public static ConfirmedDuplicates of(
      DuplicateReport report, Backbone backbone, ImageTransform transform) {
    KeptFeatures.requireOneView(transform);
    Map<Path, Integer> rows = new LinkedHashMap<>();
    report.matches().stream()
        .flatMap(match -> Stream.of(match.image(), match.nearest()))
        .forEach(place -> rows.putIfAbsent(place.path(), rows.size()));
    List<LabeledImage> images =
        rows.keySet().stream().map(path -> new LabeledImage(path, 0)).toList();
    List<float[]> features = new ArrayList<>();
    if (!images.isEmpty()) {
      BatchedInference.run(
          "features of images that are alike",
          Dataset.of("images that are alike", List.of("image"), images),
          List.of(transform),
          Progress.none(),
          batch -> backbone.features(batch.get(0)),
          (batch, labels) -> addRows(batch, features));
    }
    return new ConfirmedDuplicates(
        report,
        report.matches().stream()
            .map(
                match ->
                    cosine(
                        features.get(rows.get(match.image().path())),
                        features.get(rows.get(match.nearest().path()))))
            .toList());
  }

  private static void addRows(FMatrixRMaj batch, List<float[]> features) {
    for (int row = 0; row < batch.numRows; row++) {
      float[] values = new float[batch.numCols];
      System.arraycopy(batch.data, row * batch.numCols, values, 0, values.length);
      features.add(values);
    }
  }

  /** 0 where a feature has no direction. */
  private static double cosine(float[] one, float[] other) {
    double product = 0;
    double squares = 0;
    double otherSquares = 0;
    for (int i = 0; i < one.length; i++) {
      product += (double) one[i] * other[i];
      squares += (double) one[i] * one[i];
      otherSquares += (double) other[i] * other[i];
    }
    double lengths = Math.sqrt(squares) * Math.sqrt(otherSquares);
    return lengths == 0 ? 0 : product / lengths;
  }

  /**
   * The matches whose features point in nearly one direction.
   *
   * @param cosine the least, at most 1; depends on the backbone, so look at some pairs first
   * @return a report of these alone
   */
  public DuplicateReport above(double cosine) {
    List<DuplicateReport.Match> kept = new ArrayList<>();
    for (int i = 0; i < cosines.size(); i++) {
      if (cosines.get(i) >= cosine) {
        kept.add(report.matches().get(i));
      }
    }
    return new DuplicateReport(report.sets(), report.maximumDistance(), kept, report.unreadable());
  }

  /** A line for each match, with its cosine. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < cosines.size(); i++) {
      text.append(
          String.format(Locale.ROOT, "%.3f  %s%n", cosines.get(i), report.matches().get(i)));
    }
    return text.toString();
  }
}
