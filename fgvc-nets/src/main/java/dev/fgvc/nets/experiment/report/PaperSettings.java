package dev.fgvc.nets.experiment.report;

import dev.fgvc.data.ClassHistogram;
import dev.fgvc.emd.PaperSubset;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.experiment.NetworkChoice;
import dev.fgvc.nets.experiment.TrainingPlan;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The settings of {@link PaperExperiments}, whatever the data.
 *
 * @param plan how networks are trained
 * @param network of all experiments
 * @param better a second one, for table 5 and figure 4, and to measure similarity with
 * @param resolutions of table 3 from low to high; tables 4 and 5 run at the highest
 * @param transferResolution of tables 6 and 7 and figures 3, 5 and 6
 * @param headThreshold training images from which a class belongs to the head
 * @param cap images of a class in the second stage at most
 * @param rates to choose from for the second stage and for classifier re-training
 * @param taus to choose from for tau-normalisation and logit adjustment
 * @param heldOutShare of the training images to choose with
 * @param subsetA classes of Subset A for each target
 * @param subsetB classes of Subset B for each target, in the order of the targets; the last counts
 *     for all further ones
 * @param similarCategories of figure 6 for each target
 * @param seeds of weights and batches
 */
public record PaperSettings(
    TrainingPlan plan,
    NetworkChoice network,
    NetworkChoice better,
    List<Resolution> resolutions,
    Resolution transferResolution,
    int headThreshold,
    int cap,
    List<Double> rates,
    List<Double> taus,
    double heldOutShare,
    int subsetA,
    List<Integer> subsetB,
    int similarCategories,
    List<Long> seeds) {

  /** Steps that do not wait for mean squares to settle, as the paper's RMSProp does. */
  private static final TrainingOptions ADAPTIVE =
      TrainingOptions.paper().toBuilder().optimizer(Optimizer.AdamW.withDefaults()).build();

  /**
   * For the hundred steps that a few hundred photos give: mean squares that start at 1, as
   * TensorFlow's do, hold RMSProp back for about as long.
   */
  private static final TrainingOptions PLAIN =
      TrainingOptions.paper().toBuilder().optimizer(new Optimizer.Sgd(0.9, false)).build();

  /** Copies the lists; refuses settings without resolution, seed or subset. */
  public PaperSettings {
    resolutions = List.copyOf(resolutions);
    rates = List.copyOf(rates);
    taus = List.copyOf(taus);
    subsetB = List.copyOf(subsetB);
    seeds = List.copyOf(seeds);
    if (resolutions.isEmpty() || seeds.isEmpty() || subsetB.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "resolutions %s, seeds %s and subset B %s: none may be empty",
              resolutions,
              seeds,
              subsetB));
    }
  }

  /** The network and the better one, once where they are the same. */
  List<NetworkChoice> networks() {
    return Stream.of(network, better).distinct().toList();
  }

  /**
   * For the synthetic field guide of {@link PaperDomains#fieldGuide}: small networks, which learn
   * it in a thousand steps, so that everything fits into a quarter of an hour on two cores. Rates
   * and lengths of training were set on guides with other seeds.
   *
   * @return the settings, with three seeds
   */
  public static PaperSettings fieldGuide() {
    return builder(
            smallNetworks(12),
            NetworkChoice.small("small", 1),
            List.of(Resolution.square(16), Resolution.square(32), Resolution.square(48)))
        .transferResolution(Resolution.square(40))
        .better(NetworkChoice.small("small, wide", 1.5))
        .headThreshold(30)
        .cap(12)
        .rates(List.of(Recipe.SECOND_STAGE_RATE, 1e-4, 6e-4))
        .taus(List.of(0.25, 0.5, 0.75, 1.0, 1.5))
        .heldOutShare(0.25)
        .subsetA(20)
        .subsetB(List.of(24, 12))
        .seeds(List.of(1L, 2L, 3L))
        .build();
  }

  private static TrainingPlan smallNetworks(int fineTuningEpochs) {
    return TrainingPlan.builder(
            cosine(4, 2e-3), recipe(8, 32, 1e-4, ADAPTIVE), cosine(fineTuningEpochs, 2e-3))
        .referenceImages(4200)
        .batchNormDecay(0.9)
        .auxiliaryHead(false)
        .smallestCrop(0.8)
        .build();
  }

  /**
   * For a few hundred photos a domain, from random weights.
   *
   * @return the settings, with one seed
   */
  public static PaperSettings photos() {
    return fieldGuide().toBuilder()
        .plan(smallNetworks(20))
        .resolutions(List.of(Resolution.square(32), Resolution.square(48), Resolution.square(64)))
        .transferResolution(Resolution.square(64))
        .headThreshold(15)
        .cap(10)
        .rates(List.of(Recipe.SECOND_STAGE_RATE, 1e-4, 3e-4))
        .subsetA(4)
        .subsetB(List.of(6, 3))
        .seeds(List.of(1L))
        .build();
  }

  /**
   * For a few hundred photos a domain, from given weights of one of the architectures.
   *
   * @param weights of a network of full width
   * @return the settings, with one seed
   * @throws IllegalArgumentException if the variables are those of no architecture
   */
  public static PaperSettings photos(Weights weights) {
    Architecture architecture =
        weights.names().stream()
            .map(Architecture::ofVariable)
            .flatMap(Optional::stream)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        weights + " belong to none of " + List.of(Architecture.values())));
    NetworkChoice network = new NetworkChoice(architecture.toString(), architecture, 1);
    return photos().toBuilder()
        .plan(
            TrainingPlan.builder(
                    recipe(3, 16, 0.02, PLAIN),
                    recipe(1, 16, 1e-4, PLAIN),
                    recipe(6, 16, 0.02, PLAIN))
                .referenceImages(600)
                .batchNormDecay(0.9)
                .auxiliaryHead(false)
                .smallestCrop(0.4)
                .start(weights)
                .build())
        .network(network)
        .better(network)
        .resolutions(List.of(Resolution.square(96), Resolution.square(139)))
        .transferResolution(Resolution.square(139))
        .rates(List.of(Recipe.SECOND_STAGE_RATE, 1e-4, 1e-3))
        .build();
  }

  /**
   * The same with other seeds.
   *
   * @param values at least one
   * @return new settings
   */
  public PaperSettings withSeeds(List<Long> values) {
    return toBuilder().seeds(values).build();
  }

  /**
   * The same with training in bfloat16, which is faster on CPUs that have instructions for it; on
   * others it is float32 all the same. Weights and measurements stay in float32.
   *
   * @return new settings
   */
  public PaperSettings withBfloat16() {
    return toBuilder()
        .plan(
            plan.toBuilder()
                .preTraining(inBfloat16(plan.preTraining()))
                .secondStage(inBfloat16(plan.secondStage()))
                .fineTuning(inBfloat16(plan.fineTuning()))
                .build())
        .build();
  }

  private static Recipe inBfloat16(Recipe recipe) {
    return recipe.withOptions(recipe.options().toBuilder().bfloat16(true).build());
  }

  /**
   * Starts settings; all that is not set is the paper's where the paper has a value: a threshold of
   * {@value ClassHistogram#HEAD_THRESHOLD} images, the rate {@value Recipe#SECOND_STAGE_RATE}, the
   * numbers of classes of Subset A and Subset B, and 10 categories in figure 6. Transfer runs at
   * the highest resolution.
   *
   * @param plan how networks are trained
   * @param network of all experiments, and the better one until another is set
   * @param resolutions of table 3 from low to high, at least one
   * @return a builder
   */
  public static Builder builder(
      TrainingPlan plan, NetworkChoice network, List<Resolution> resolutions) {
    return new Builder(plan, network, resolutions);
  }

  /**
   * Starts a change of some of these settings.
   *
   * @return a builder that holds these values
   */
  public Builder toBuilder() {
    return new Builder(plan, network, resolutions)
        .transferResolution(transferResolution)
        .better(better)
        .headThreshold(headThreshold)
        .cap(cap)
        .rates(rates)
        .taus(taus)
        .heldOutShare(heldOutShare)
        .subsetA(subsetA)
        .subsetB(subsetB)
        .similarCategories(similarCategories)
        .seeds(seeds);
  }

  /** Settings under change; each setter returns the builder itself. */
  public static final class Builder {

    private TrainingPlan plan;
    private NetworkChoice network;
    private NetworkChoice better;
    private List<Resolution> resolutions;
    private Optional<Resolution> transferResolution = Optional.empty();
    private int headThreshold = ClassHistogram.HEAD_THRESHOLD;
    private int cap = 50;
    private List<Double> rates = List.of(Recipe.SECOND_STAGE_RATE);
    private List<Double> taus = List.of(1.0);
    private double heldOutShare = 0.25;
    private int subsetA = PaperSubset.A.classesPerTarget().values().iterator().next();
    private List<Integer> subsetB = List.copyOf(PaperSubset.B.classesPerTarget().values());
    private int similarCategories = 10;
    private List<Long> seeds = List.of(1L);

    private Builder(TrainingPlan plan, NetworkChoice network, List<Resolution> resolutions) {
      this.plan = plan;
      this.network = network;
      this.better = network;
      this.resolutions = resolutions;
    }

    /**
     * Sets how networks are trained.
     *
     * @param value the plan
     * @return this builder
     */
    public Builder plan(TrainingPlan value) {
      plan = value;
      return this;
    }

    /**
     * Sets the network of all experiments.
     *
     * @param value the network
     * @return this builder
     */
    public Builder network(NetworkChoice value) {
      network = value;
      return this;
    }

    /**
     * Sets the second network.
     *
     * @param value for table 5, figure 4 and similarity
     * @return this builder
     */
    public Builder better(NetworkChoice value) {
      better = value;
      return this;
    }

    /**
     * Sets the resolutions of table 3.
     *
     * @param value from low to high, at least one
     * @return this builder
     */
    public Builder resolutions(List<Resolution> value) {
      resolutions = value;
      return this;
    }

    /**
     * Sets the resolution of the transfer.
     *
     * @param value of tables 6 and 7 and figures 3, 5 and 6
     * @return this builder
     */
    public Builder transferResolution(Resolution value) {
      transferResolution = Optional.of(value);
      return this;
    }

    /**
     * Sets where the head ends.
     *
     * @param value training images from which a class belongs to the head
     * @return this builder
     */
    public Builder headThreshold(int value) {
      headThreshold = value;
      return this;
    }

    /**
     * Sets how many images of a class the second stage sees.
     *
     * @param value images at most
     * @return this builder
     */
    public Builder cap(int value) {
      cap = value;
      return this;
    }

    /**
     * Sets the rates to choose from.
     *
     * @param value for the second stage and for classifier re-training
     * @return this builder
     */
    public Builder rates(List<Double> value) {
      rates = value;
      return this;
    }

    /**
     * Sets the strengths to choose from.
     *
     * @param value for tau-normalisation and logit adjustment
     * @return this builder
     */
    public Builder taus(List<Double> value) {
      taus = value;
      return this;
    }

    /**
     * Sets the part of the training images to choose with.
     *
     * @param value above 0, below 1
     * @return this builder
     */
    public Builder heldOutShare(double value) {
      heldOutShare = value;
      return this;
    }

    /**
     * Sets the size of Subset A.
     *
     * @param value classes for each target
     * @return this builder
     */
    public Builder subsetA(int value) {
      subsetA = value;
      return this;
    }

    /**
     * Sets the size of Subset B.
     *
     * @param value classes for each target in their order, at least one number
     * @return this builder
     */
    public Builder subsetB(List<Integer> value) {
      subsetB = value;
      return this;
    }

    /**
     * Sets the size of figure 6.
     *
     * @param value classes for each target
     * @return this builder
     */
    public Builder similarCategories(int value) {
      similarCategories = value;
      return this;
    }

    /**
     * Sets the seeds of weights and batches.
     *
     * @param value at least one
     * @return this builder
     */
    public Builder seeds(List<Long> value) {
      seeds = value;
      return this;
    }

    /**
     * The settings.
     *
     * @return an immutable value
     * @throws IllegalArgumentException if there is no resolution, seed or number for Subset B
     */
    public PaperSettings build() {
      List<Resolution> tried = List.copyOf(resolutions);
      if (tried.isEmpty()) {
        throw new IllegalArgumentException("resolutions [] must not be empty");
      }
      return new PaperSettings(
          plan,
          network,
          better,
          tried,
          transferResolution.orElse(tried.get(tried.size() - 1)),
          headThreshold,
          cap,
          rates,
          taus,
          heldOutShare,
          subsetA,
          subsetB,
          similarCategories,
          seeds);
    }
  }

  /** A rate that rises for a tenth of the epochs and then falls to 0 along a cosine. */
  private static Recipe cosine(int epochs, double rate) {
    return new Recipe(epochs, 16, LearningRate.cosine(rate, 0, 0.1 * epochs, epochs), ADAPTIVE);
  }

  /** A rate that falls to a seventeenth in ten steps. */
  private static Recipe recipe(int epochs, int batch, double rate, TrainingOptions options) {
    return new Recipe(
        epochs, batch, LearningRate.exponentialStaircase(rate, 0.75, epochs / 10.0), options);
  }
}
