package dev.fgvc.nets.experiment;

import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.ImageDomain;
import dev.fgvc.emd.ImageSimilarity;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.LabeledFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The price of moving class means instead of images. The paper represents a domain by its class
 * means "to make the computations more tractable" (section 4.1); {@link DomainSimilarity#ofImages}
 * moves the images themselves. Class means leave out how wide classes are, so theirs is usually the
 * smaller distance, though not always; {@link dev.fgvc.emd.ImageSimilarity} tells how far apart the
 * two can be.
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
   * @param lowerBound what class means and spreads tell that the distance of images is not below
   * @param upperBound what they tell that it is not above
   * @param classSeconds time for the class level, means given
   * @param imageSeconds time for the image level, with the class means and the bounds
   */
  public record Pair(
      String source,
      String target,
      int sourceImages,
      int targetImages,
      double classEmd,
      double imageEmd,
      double imageGap,
      double lowerBound,
      double upperBound,
      double classSeconds,
      double imageSeconds) {

    /**
     * Measures one source against one target on both levels.
     *
     * @param similarity how to measure; its solver tells the progress
     * @param source the images to move from
     * @param target the images to move to
     * @return both distances
     * @throws IllegalArgumentException as {@link DomainSimilarity#ofImages(LabeledFeatures,
     *     LabeledFeatures)}
     */
    public static Pair of(
        DomainSimilarity similarity, LabeledFeatures source, LabeledFeatures target) {
      DomainFeatures sourceMeans = source.classMeans();
      DomainFeatures targetMeans = target.classMeans();
      long start = System.nanoTime();
      double classEmd = similarity.between(sourceMeans, targetMeans).emd();
      long middle = System.nanoTime();
      ImageSimilarity images = similarity.ofImages(source, target);
      long end = System.nanoTime();
      return new Pair(
          source.name(),
          target.name(),
          source.imageCount(),
          target.imageCount(),
          classEmd,
          images.emd(),
          images.images().plan().relativeGap(),
          images.lowerBound(),
          images.upperBound(),
          (middle - start) * 1e-9,
          (end - middle) * 1e-9);
    }
  }

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
        pairs.add(Pair.of(similarity, source.labeledFeatures(), target.labeledFeatures()));
      }
    }
    return new TransportLevels(pairs);
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
                "%-24s %-24s %15s %9s %9s %17s %7s %9s %9s%n",
                "source",
                "target",
                "images",
                "class EMD",
                "image EMD",
                "within",
                "ratio",
                "class s",
                "image s"));
    for (Pair pair : pairs) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-24s %-24s %15s %9.4f %9.4f %8.4f-%8.4f %7.3f %9.4f %9.3f%n",
              pair.source(),
              pair.target(),
              pair.sourceImages() + " x " + pair.targetImages(),
              pair.classEmd(),
              pair.imageEmd(),
              pair.lowerBound(),
              pair.upperBound(),
              pair.classEmd() / pair.imageEmd(),
              pair.classSeconds(),
              pair.imageSeconds()));
    }
    return text.toString();
  }
}
