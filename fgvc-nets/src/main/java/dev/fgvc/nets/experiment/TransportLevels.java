package dev.fgvc.nets.experiment;

import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.ImageDomain;
import dev.fgvc.emd.TransportPlan;
import dev.fgvc.feature.DomainFeatures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The price of moving class means instead of images. The paper represents a domain by its class
 * means "to make the computations more tractable" (section 4.1); {@link ExactEmd#solveEuclidean}
 * moves the images themselves. By convexity of the norm the distance between class means is never
 * the larger one: what is lost is how wide classes are.
 *
 * @param pairs one for each source and target
 */
public record TransportLevels(List<Pair> pairs) {

  /** Copies the list. */
  public TransportLevels {
    pairs = List.copyOf(pairs);
  }

  /**
   * One source and one target.
   *
   * @param source name of the source
   * @param target name of the target
   * @param sourceImages number of images
   * @param targetImages number of images
   * @param classEmd Earth Mover's Distance between the class means
   * @param imageEmd Earth Mover's Distance between the images
   * @param imageGap relative gap of the image-level certificate
   * @param classSeconds time for the class level, means given
   * @param imageSeconds time for the image level
   */
  public record Pair(
      String source,
      String target,
      int sourceImages,
      int targetImages,
      double classEmd,
      double imageEmd,
      double imageGap,
      double classSeconds,
      double imageSeconds) {}

  /**
   * Measures every source against every target on both levels.
   *
   * @param sources domains with their images
   * @param targets domains with their images, of the same dimension
   * @return both distances of each pair
   * @throws IllegalArgumentException if dimensions differ or labels do not fit their features
   */
  public static TransportLevels compare(List<ImageDomain> sources, List<ImageDomain> targets) {
    DomainSimilarity similarity = DomainSimilarity.create();
    List<Pair> pairs = new ArrayList<>();
    for (ImageDomain source : sources) {
      for (ImageDomain target : targets) {
        DomainFeatures sourceMeans = source.classMeans();
        DomainFeatures targetMeans = target.classMeans();
        long start = System.nanoTime();
        double classEmd = similarity.between(sourceMeans, targetMeans).emd();
        long middle = System.nanoTime();
        TransportPlan plan =
            ExactEmd.create()
                .solveEuclidean(ones(source), ones(target), source.features(), target.features());
        long end = System.nanoTime();
        pairs.add(
            new Pair(
                source.name(),
                target.name(),
                source.labels().length,
                target.labels().length,
                classEmd,
                plan.distance(),
                plan.relativeGap(),
                (middle - start) * 1e-9,
                (end - middle) * 1e-9));
      }
    }
    return new TransportLevels(pairs);
  }

  private static double[] ones(ImageDomain domain) {
    double[] ones = new double[domain.labels().length];
    Arrays.fill(ones, 1);
    return ones;
  }

  /**
   * Whether both levels order the pairs alike.
   *
   * @return Spearman's rank correlation over all pairs, from -1 to 1
   * @throws IllegalArgumentException if there are fewer than two pairs
   */
  public double rankCorrelation() {
    return TransferScores.rankCorrelation(values(Pair::classEmd), values(Pair::imageEmd));
  }

  private double[] values(ToDoubleFunction<Pair> value) {
    return pairs.stream().mapToDouble(value).toArray();
  }

  /** A line for each pair. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%-24s %-24s %15s %9s %9s %7s %9s %9s%n",
                "source",
                "target",
                "images",
                "class EMD",
                "image EMD",
                "ratio",
                "class s",
                "image s"));
    for (Pair pair : pairs) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-24s %-24s %15s %9.4f %9.4f %7.3f %9.4f %9.3f%n",
              pair.source(),
              pair.target(),
              pair.sourceImages() + " x " + pair.targetImages(),
              pair.classEmd(),
              pair.imageEmd(),
              pair.classEmd() / pair.imageEmd(),
              pair.classSeconds(),
              pair.imageSeconds()));
    }
    return text.toString();
  }
}
