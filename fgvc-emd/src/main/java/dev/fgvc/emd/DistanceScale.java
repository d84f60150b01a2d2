package dev.fgvc.emd;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How far domains are from each other in the unit of a backbone's features, and which gamma suits
 * them. The paper's gamma of {@value DomainSimilarity#PAPER_GAMMA} belongs to the features of its
 * own backbone, a ResNet-101 trained on JFT; features of another network may be ten times as long,
 * and then all similarities come out near 0 or near 1.
 *
 * <p>The order of the sources does not depend on gamma. What does is how well similarities can be
 * told apart: a small relative change of the distance d changes {@code exp(-gamma d)} the most
 * where {@code gamma d = 1}.
 *
 * <pre>{@code
 * DistanceScale scale = similarity.table(sources, targets).distanceScale();
 * DomainSimilarity own = similarity.withGamma(scale.suggestedGamma());
 * }</pre>
 *
 * @param smallest Earth Mover's Distance
 * @param median Earth Mover's Distance; of an even number the mean of the two in the middle
 * @param largest Earth Mover's Distance
 */
public record DistanceScale(double smallest, double median, double largest) {

  static DistanceScale of(List<Similarity> similarities) {
    double[] distances = similarities.stream().mapToDouble(Similarity::emd).sorted().toArray();
    if (distances.length == 0) {
      throw new IllegalStateException("no pair of domains, hence no distances");
    }
    int half = distances.length / 2;
    double median =
        distances.length % 2 == 1 ? distances[half] : (distances[half - 1] + distances[half]) / 2;
    return new DistanceScale(distances[0], median, Arrays.stream(distances).max().orElseThrow());
  }

  /**
   * The gamma that tells similarities about the median distance apart best: one over the median.
   * There the similarity is 1/e.
   *
   * @return positive and finite
   * @throws IllegalStateException if the median distance is 0 or too small to divide by
   */
  public double suggestedGamma() {
    double gamma = 1 / median;
    if (!Double.isFinite(gamma)) {
      throw new IllegalStateException(
          "the median distance is " + median + ": domains without a distance suggest no gamma");
    }
    return gamma;
  }

  /** The three distances, the suggested gamma and the similarity that the paper's gamma gives. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "EMD from %.4g to %.4g, median %.4g: at the paper's gamma of %.2g similarities from %.3f to"
            + " %.3f, suggested gamma %s",
        smallest,
        largest,
        median,
        DomainSimilarity.PAPER_GAMMA,
        Math.exp(-DomainSimilarity.PAPER_GAMMA * largest),
        Math.exp(-DomainSimilarity.PAPER_GAMMA * smallest),
        Double.isFinite(1 / median) ? String.format(Locale.ROOT, "%.3g", 1 / median) : "none");
  }
}
