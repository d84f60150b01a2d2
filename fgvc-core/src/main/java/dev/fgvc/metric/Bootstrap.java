package dev.fgvc.metric;

import dev.fgvc.random.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Confidence intervals by resampling: what a statistic might have been with other runs (seeds),
 * other classes and other images. All runs see the same images, so each replicate draws, with
 * replacement, some runs, and for each data set some classes and as many images of each class as it
 * has; the same draw counts for every run and every classifier, which keeps comparisons paired. The
 * interval is that of the replicates' quantiles (Efron and Tibshirani, <em>An Introduction to the
 * Bootstrap</em>, 1993, chapter 13).
 *
 * <p>Of n runs, and of n classes of a data set, n - 1 are drawn: a draw of n would make the
 * variance of a mean too small by 1/n, a third for three runs (Rao and Wu, J. Amer. Statist. Assoc.
 * 83, 1988). A single run or class is always drawn. Images add to the variance of classes, so that
 * the interval is a little wide rather than narrow. With one run it tells nothing of how training
 * scatters.
 *
 * <p>The same data and seed give the same interval. Time is {@value #REPLICATES} evaluations of the
 * statistic. Immutable.
 */
public final class Bootstrap {

  private static final int REPLICATES = 2000;

  /** The default level of an interval. */
  public static final double LEVEL = 0.95;

  private static final long SEED = 20180618;

  private final int runs;
  private final List<List<int[]>> members;
  private final int replicates;
  private final double level;
  private final long seed;

  private Bootstrap(int runs, List<List<int[]>> members, int replicates, double level, long seed) {
    this.runs = runs;
    this.members = members;
    this.replicates = replicates;
    this.level = level;
    this.seed = seed;
  }

  /**
   * A bootstrap of {@value #REPLICATES} replicates, at the level {@value #LEVEL}.
   *
   * @param runs how often everything was repeated with other seeds, at least 1
   * @param labels for each data set, the class of each of its images
   * @return the bootstrap
   * @throws IllegalArgumentException if there is no run, no data set or one without images
   */
  public static Bootstrap of(int runs, List<int[]> labels) {
    if (runs < 1 || labels.isEmpty() || labels.stream().anyMatch(each -> each.length == 0)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a bootstrap of %d runs on data sets of %s images: none may be empty",
              runs,
              labels.stream().map(each -> each.length).toList()));
    }
    return new Bootstrap(
        runs, labels.stream().map(Bootstrap::byClass).toList(), REPLICATES, LEVEL, SEED);
  }

  private static List<int[]> byClass(int[] labels) {
    return Arrays.stream(labels)
        .distinct()
        .sorted()
        .mapToObj(
            label -> IntStream.range(0, labels.length).filter(i -> labels[i] == label).toArray())
        .toList();
  }

  /**
   * The same with another number of replicates.
   *
   * @param value at least 100
   * @return a new bootstrap
   */
  public Bootstrap withReplicates(int value) {
    if (value < 100) {
      throw new IllegalArgumentException(value + " replicates: at least 100 are needed");
    }
    return new Bootstrap(runs, members, value, level, seed);
  }

  /**
   * The same with another level.
   *
   * @param value between 0 and 1
   * @return a new bootstrap
   */
  public Bootstrap withLevel(double value) {
    Interval.requireLevel(value);
    return new Bootstrap(runs, members, replicates, value, seed);
  }

  /** A sample to compute a statistic of; positions may occur several times. */
  public static final class Sample {

    private final int[] runs;
    private final List<int[]> images;

    private Sample(int[] runs, List<int[]> images) {
      this.runs = runs;
      this.images = images;
    }

    /**
     * A mean over runs and images.
     *
     * @param dataset the position of the data set
     * @param value of a run and an image
     * @return the mean
     */
    public double mean(int dataset, Value value) {
      double sum = 0;
      for (int run : runs) {
        for (int image : images.get(dataset)) {
          sum += value.of(run, image);
        }
      }
      return sum / runs.length / images.get(dataset).length;
    }

    /**
     * The share of wrong images.
     *
     * @param dataset the position of the data set
     * @param outcomes one for each run
     * @return the top-1 error
     */
    public double error(int dataset, List<Outcomes> outcomes) {
      return mean(dataset, (run, image) -> outcomes.get(run).isRight(image, 1) ? 0 : 1);
    }
  }

  /** The measured values of all images in all runs. */
  public interface Value {

    /**
     * Returns the value of an image in a run.
     *
     * @param run its position
     * @param image its position in the data set
     * @return the value
     */
    double of(int run, int image);
  }

  /**
   * The interval of any statistic.
   *
   * @param statistic of runs and images
   * @return its value for all runs and images, with the interval; NaN ends if the statistic is NaN
   *     for a replicate
   */
  public Interval interval(ToDoubleFunction<Sample> statistic) {
    RandomGenerator random = new SplitMix64(seed);
    double[] values = new double[replicates];
    for (int r = 0; r < replicates; r++) {
      values[r] = statistic.applyAsDouble(draw(random));
    }
    Arrays.sort(values);
    double low = values[(int) Math.floor((1 - level) / 2 * (replicates - 1))];
    double high = values[(int) Math.ceil((1 + level) / 2 * (replicates - 1))];
    boolean known = !Double.isNaN(values[replicates - 1]);
    return new Interval(
        statistic.applyAsDouble(all()), known ? low : Double.NaN, known ? high : Double.NaN, level);
  }

  /**
   * By how much one classifier's error is below another's, as the mean over data sets.
   *
   * @param baseline for each data set, the outcomes of each run
   * @param other the same of the other classifier
   * @return the difference of errors, positive where the other one is better
   * @throws IllegalArgumentException if data sets or runs are too few or too many
   */
  public Interval gain(List<List<Outcomes>> baseline, List<List<Outcomes>> other) {
    requireFitting(baseline);
    requireFitting(other);
    return interval(
        sample -> {
          double sum = 0;
          for (int d = 0; d < members.size(); d++) {
            sum += sample.error(d, baseline.get(d)) - sample.error(d, other.get(d));
          }
          return sum / members.size();
        });
  }

  private void requireFitting(List<List<Outcomes>> outcomes) {
    boolean fits = outcomes.size() == members.size();
    for (int d = 0; fits && d < members.size(); d++) {
      int images = members.get(d).stream().mapToInt(each -> each.length).sum();
      fits =
          outcomes.get(d).size() == runs
              && outcomes.get(d).stream().allMatch(run -> run.imageCount() == images);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "outcomes %s: expected %d runs on each of %d data sets, all of their images",
              outcomes,
              runs,
              members.size()));
    }
  }

  private Sample all() {
    return new Sample(
        IntStream.range(0, runs).toArray(),
        members.stream()
            .map(classes -> classes.stream().flatMapToInt(Arrays::stream).toArray())
            .toList());
  }

  private Sample draw(RandomGenerator random) {
    int[] drawnRuns = draw(runs, random);
    List<int[]> images = new ArrayList<>();
    for (List<int[]> classes : members) {
      images.add(
          Arrays.stream(draw(classes.size(), random))
              .mapToObj(classes::get)
              .flatMapToInt(
                  each ->
                      IntStream.range(0, each.length).map(i -> each[random.nextInt(each.length)]))
              .toArray());
    }
    return new Sample(drawnRuns, images);
  }

  /** One fewer of n than there are, but at least one. */
  private static int[] draw(int n, RandomGenerator random) {
    return IntStream.range(0, Math.max(1, n - 1)).map(i -> random.nextInt(n)).toArray();
  }
}
