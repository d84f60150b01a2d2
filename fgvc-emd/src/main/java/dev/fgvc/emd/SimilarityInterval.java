package dev.fgvc.emd;

import dev.fgvc.feature.DomainFeatures;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A similarity with bootstrap confidence intervals over images (percentile method, Efron 1979):
 * what the numbers might have been with other images of the same kinds.
 *
 * <p>Resampled class means scatter more than the true ones, which adds to distances between them:
 * the interval of the distance lies somewhat high, the more so the fewer images a class has.
 *
 * @param estimate the similarity of the images as they are
 * @param level the share of resampled values inside an interval, between 0 and 1
 * @param lowEmd lower end for the distance
 * @param highEmd upper end for the distance
 * @param lowSimilarity lower end for the similarity
 * @param highSimilarity upper end for the similarity
 */
public record SimilarityInterval(
    Similarity estimate,
    double level,
    double lowEmd,
    double highEmd,
    double lowSimilarity,
    double highSimilarity) {

  /**
   * Resamples both domains and measures each time. Time is that of one similarity for each
   * replicate, on all threads of the common pool; the same seed gives the same interval.
   *
   * @param similarity how to measure
   * @param source images to move from
   * @param target images to move to
   * @param replicates how often to resample, at least 20
   * @param level the share of values inside, such as 0.95
   * @param seed where the random numbers start
   * @return estimate and intervals
   * @throws IllegalArgumentException if there are fewer replicates, the level is not between 0 and
   *     1, or labels or dimensions do not fit
   */
  public static SimilarityInterval bootstrap(
      DomainSimilarity similarity,
      ImageDomain source,
      ImageDomain target,
      int replicates,
      double level,
      long seed) {
    if (replicates < 20) {
      throw new IllegalArgumentException(replicates + " replicates: at least 20 are needed");
    }
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level " + level + ": must be between 0 and 1");
    }
    Similarity estimate = similarity.between(source.classMeans(), target.classMeans());
    double[] emd =
        IntStream.range(0, replicates)
            .parallel()
            .mapToDouble(
                replicate -> {
                  Random random = new Random(seed + 0x9E3779B97F4A7C15L * replicate);
                  DomainFeatures from = source.resampled(random);
                  return similarity.between(from, target.resampled(random)).emd();
                })
            .toArray();
    Arrays.sort(emd);
    double low = emd[(int) Math.floor((1 - level) / 2 * (replicates - 1))];
    double high = emd[(int) Math.ceil((1 + level) / 2 * (replicates - 1))];
    return new SimilarityInterval(
        estimate, level, low, high, similarity.of(high), similarity.of(low));
  }
}
