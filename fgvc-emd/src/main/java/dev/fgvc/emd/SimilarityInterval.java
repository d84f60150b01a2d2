package dev.fgvc.emd;

import dev.fgvc.feature.DomainFeatures;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A similarity with bootstrap confidence intervals over images: what the numbers might have been
 * with other images of the same kinds.
 *
 * <p>Resampled class means scatter more than those they are drawn from, which adds to distances
 * between them, the more so the fewer images a class has: domains that are close may have all
 * resampled distances above their own. {@link Method#BIAS_CORRECTED} takes that off.
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

  /** How an interval is made of resampled distances. */
  public enum Method {
    /**
     * Their quantiles less the bias, the median of resampled distances minus the distance itself
     * (the bootstrap estimate of bias of Efron and Tibshirani, <em>An Introduction to the
     * Bootstrap</em>, 1993, chapter 10, with medians for means). The interval always holds the
     * estimate; it ends at 0 where it would go below. The BCa method (chapter 14) has no answer
     * where all resampled values lie on one side of the estimate.
     */
    BIAS_CORRECTED,

    /** Their quantiles as they are (Efron, Ann. Statist. 7, 1979). */
    PERCENTILE
  }

  /**
   * Resamples both domains and measures each time; the interval is bias-corrected. Time is that of
   * one similarity for each replicate, on all threads of the common pool; the same seed gives the
   * same interval.
   *
   * @param similarity how to measure
   * @param source images to move from
   * @param target images to move to
   * @param replicates how often to resample, at least 20
   * @param level the share of values inside, such as 0.95
   * @param seed where the random numbers start
   * @return estimate and intervals
   * @throws IllegalArgumentException if there are fewer than 20 replicates, the level is not
   *     between 0 and 1, or labels or dimensions do not fit
   */
  public static SimilarityInterval bootstrap(
      DomainSimilarity similarity,
      ImageDomain source,
      ImageDomain target,
      int replicates,
      double level,
      long seed) {
    return bootstrap(similarity, source, target, replicates, level, seed, Method.BIAS_CORRECTED);
  }

  /**
   * The same with a method of choice.
   *
   * @param similarity how to measure
   * @param source images to move from
   * @param target images to move to
   * @param replicates how often to resample, at least 20
   * @param level the share of values inside, such as 0.95
   * @param seed where the random numbers start
   * @param method how the interval is made
   * @return estimate and intervals
   * @throws IllegalArgumentException if there are fewer than 20 replicates, the level is not
   *     between 0 and 1, or labels or dimensions do not fit
   */
  public static SimilarityInterval bootstrap(
      DomainSimilarity similarity,
      ImageDomain source,
      ImageDomain target,
      int replicates,
      double level,
      long seed,
      Method method) {
    requireSettings(replicates, level);
    Similarity estimate = similarity.between(source.classMeans(), target.classMeans());
    double[] emd =
        IntStream.range(0, replicates)
            .parallel()
            .mapToDouble(replicate -> replicate(similarity, source, target, seed, replicate))
            .toArray();
    return of(similarity, estimate, emd, level, method);
  }

  /**
   * Returns the distance of a single replicate, so that replicates may be shared among machines.
   *
   * @param similarity how to measure
   * @param source images to move from
   * @param target images to move to
   * @param seed where the random numbers start, the same for all replicates
   * @param replicate which one, from 0
   * @return the distance that {@link #bootstrap(DomainSimilarity, ImageDomain, ImageDomain, int,
   *     double, long)} has for this replicate, bit by bit
   * @throws IllegalArgumentException if the replicate is negative, or labels or dimensions do not
   *     fit
   */
  public static double replicate(
      DomainSimilarity similarity,
      ImageDomain source,
      ImageDomain target,
      long seed,
      int replicate) {
    if (replicate < 0) {
      throw new IllegalArgumentException("replicate " + replicate + " is negative");
    }
    Random random = new Random(seed + 0x9E3779B97F4A7C15L * replicate);
    DomainFeatures from = source.resampled(random);
    return similarity.between(from, target.resampled(random)).emd();
  }

  /**
   * The interval of resampled distances.
   *
   * @param similarity how they were measured
   * @param estimate the similarity of the images as they are
   * @param resampled the distances of at least 20 replicates, in any order
   * @param level the share of values inside, such as 0.95
   * @param method how the interval is made
   * @return estimate and intervals
   * @throws IllegalArgumentException if there are fewer than 20 replicates, or the level is not
   *     between 0 and 1
   */
  public static SimilarityInterval of(
      DomainSimilarity similarity,
      Similarity estimate,
      double[] resampled,
      double level,
      Method method) {
    int replicates = resampled.length;
    requireSettings(replicates, level);
    double[] emd = resampled.clone();
    Arrays.sort(emd);
    double bias =
        method == Method.PERCENTILE
            ? 0
            : (emd[(replicates - 1) / 2] + emd[replicates / 2]) / 2 - estimate.emd();
    double low = emd[(int) Math.floor((1 - level) / 2 * (replicates - 1))] - bias;
    double high = emd[(int) Math.ceil((1 + level) / 2 * (replicates - 1))] - bias;
    return new SimilarityInterval(
        estimate,
        level,
        Math.max(0, low),
        high,
        similarity.scaled(estimate, high),
        similarity.scaled(estimate, Math.max(0, low)));
  }

  /**
   * Refuses settings of an interval before anything is computed for it.
   *
   * @param replicates how often to resample, at least 20
   * @param level the share of values inside, between 0 and 1
   * @throws IllegalArgumentException if there are fewer than 20 replicates, or the level is not
   *     between 0 and 1
   */
  public static void requireSettings(int replicates, double level) {
    if (replicates < 20) {
      throw new IllegalArgumentException(replicates + " replicates: at least 20 are needed");
    }
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level " + level + ": must be between 0 and 1");
    }
  }
}
