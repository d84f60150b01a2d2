package dev.fgvc.loader;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.Resolution;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/**
 * The paper's scheme for long-tailed data (section 3.2): learn features from all images as they
 * come, then let the network balance itself on a more balanced subset with a very small learning
 * rate. This says what each stage sees; it trains nothing itself.
 *
 * @param first the stage on the natural distribution
 * @param second the stage on the more balanced one
 */
public record TwoStage(Stage first, Stage second) {

  /** The rate the first stage starts with (section 5.1.3). */
  public static final double FIRST_LEARNING_RATE = 0.045;

  /** The constant rate of the second stage (section 5.2). */
  public static final double SECOND_LEARNING_RATE = 1e-6;

  /**
   * Refuses missing stages.
   *
   * @param first the stage on the natural distribution
   * @param second the stage on the more balanced one
   */
  public TwoStage {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
  }

  /**
   * One stage.
   *
   * @param sampler makes the sampler for a data set
   * @param resolution the input size of the network
   * @param learningRate the rate the stage starts with, above 0
   * @param epochs epochs of the sampler, at least 1
   */
  public record Stage(
      Function<Dataset, Sampler> sampler, Resolution resolution, double learningRate, int epochs) {

    /**
     * Refuses a rate that is not above 0 and fewer epochs than 1.
     *
     * @param sampler makes the sampler for a data set
     * @param resolution the input size of the network
     * @param learningRate the rate the stage starts with, above 0
     * @param epochs epochs of the sampler, at least 1
     */
    public Stage {
      Objects.requireNonNull(sampler, "sampler");
      Objects.requireNonNull(resolution, "resolution");
      if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY) || epochs < 1) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "a stage of %d epochs with learning rate %s: at least 1 epoch and a rate above 0",
                epochs,
                learningRate));
      }
    }

    /**
     * The same with another sampler.
     *
     * @param other makes the sampler for a data set
     * @return a new stage
     */
    public Stage withSampler(Function<Dataset, Sampler> other) {
      return new Stage(other, resolution, learningRate, epochs);
    }

    /**
     * The same at another input size.
     *
     * @param other the input size of the network
     * @return a new stage
     */
    public Stage withResolution(Resolution other) {
      return new Stage(sampler, other, learningRate, epochs);
    }

    /**
     * The same with another rate.
     *
     * @param rate above 0
     * @return a new stage
     */
    public Stage withLearningRate(double rate) {
      return new Stage(sampler, resolution, rate, epochs);
    }
  }

  /**
   * The paper's values: natural sampling with rate 0.045 first, then the given more balanced split
   * with rate 1e-6, both at one resolution. The paper does not say how many epochs it took, so they
   * are asked for.
   *
   * @param resolution the input size of both stages; the paper's are 299, 448 and 560
   * @param firstEpochs epochs of the first stage, at least 1
   * @param balancedSplit the images of the second stage, all of them in the training set
   * @param secondEpochs epochs of the second stage, at least 1
   * @param seed chooses the orders
   * @return both stages
   */
  public static TwoStage paper(
      Resolution resolution, int firstEpochs, Dataset balancedSplit, int secondEpochs, long seed) {
    return of(
        resolution,
        firstEpochs,
        dataset -> Sampler.subset(dataset, balancedSplit, Seeds.mix(seed, 2)),
        secondEpochs,
        seed);
  }

  /**
   * The paper's values where no balanced split is given: the second stage shows at most so many
   * images of each class.
   *
   * @param resolution the input size of both stages
   * @param firstEpochs epochs of the first stage, at least 1
   * @param maximumPerClass images of one class in the second stage at most, at least 1
   * @param secondEpochs epochs of the second stage, at least 1
   * @param seed chooses subset and orders
   * @return both stages
   */
  public static TwoStage capped(
      Resolution resolution, int firstEpochs, int maximumPerClass, int secondEpochs, long seed) {
    return of(
        resolution,
        firstEpochs,
        dataset -> Sampler.capped(dataset, maximumPerClass, Seeds.mix(seed, 2)),
        secondEpochs,
        seed);
  }

  private static TwoStage of(
      Resolution resolution,
      int firstEpochs,
      Function<Dataset, Sampler> second,
      int secondEpochs,
      long seed) {
    return new TwoStage(
        new Stage(
            dataset -> Sampler.natural(dataset, Seeds.mix(seed, 1)),
            resolution,
            FIRST_LEARNING_RATE,
            firstEpochs),
        new Stage(second, resolution, SECOND_LEARNING_RATE, secondEpochs));
  }

  /**
   * The same with another second stage, such as one of balanced or square-root sampling.
   *
   * @param stage the second stage
   * @return both stages
   */
  public TwoStage withSecond(Stage stage) {
    return new TwoStage(first, stage);
  }
}
