package dev.fgvc.nets.experiment.report;

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

/**
 * What {@link PaperExperiments} run with, whatever the data.
 *
 * @param plan how networks are trained
 * @param network of all experiments
 * @param better a second one, for table 5 and figure 4, and to measure similarity with
 * @param resolutions of table 3 from low to high; all else runs at the highest
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
    int headThreshold,
    int cap,
    List<Double> rates,
    List<Double> taus,
    double heldOutShare,
    int subsetA,
    List<Integer> subsetB,
    int similarCategories,
    List<Long> seeds) {

  private static final double RESNET_50_WIDTH = 0.25;

  /**
   * RMSProp with a smaller epsilon than the paper's 1, which makes it adapt: with the few hundred
   * steps of a miniature, the paper's would have hardly begun.
   */
  private static final TrainingOptions ADAPTIVE =
      TrainingOptions.paper().toBuilder().optimizer(new Optimizer.RmsProp(0.9, 0.9, 1e-4)).build();

  /**
   * For the hundred steps that a few hundred photos give: mean squares that start at 1, as
   * TensorFlow's do, hold RMSProp back for about as long.
   */
  private static final TrainingOptions PLAIN =
      TrainingOptions.paper().toBuilder().optimizer(new Optimizer.Sgd(0.9, false)).build();

  /**
   * Copies the lists.
   *
   * @param plan how networks are trained
   * @param network of all experiments
   * @param better a second one
   * @param resolutions of table 3 from low to high
   * @param headThreshold training images from which a class belongs to the head
   * @param cap images of a class in the second stage at most
   * @param rates to choose from
   * @param taus to choose from
   * @param heldOutShare of the training images to choose with
   * @param subsetA classes of Subset A for each target
   * @param subsetB classes of Subset B for each target
   * @param similarCategories of figure 6 for each target
   * @param seeds of weights and batches
   */
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

  /**
   * For the synthetic field guide of {@link PaperDomains#fieldGuide}: narrow ResNets at low
   * resolutions, so that everything fits into a quarter of an hour on two cores. Rates and lengths
   * of training were set on a guide with another seed. After 12 epochs of pre-training, networks
   * had learnt so little of their source that it hardly mattered which one that was. A second stage
   * of three epochs, thirty steps, changed little but the batch norms' statistics, to the worse.
   *
   * @return the settings, with three seeds
   */
  public static PaperSettings fieldGuide() {
    int epochs = 18;
    return new PaperSettings(
        new TrainingPlan(
            recipe(epochs, 32, 1e-3, ADAPTIVE),
            1000,
            1,
            recipe(8, 32, 1e-4, ADAPTIVE),
            recipe(16, 16, 3e-3, ADAPTIVE),
            0.9,
            0.7,
            Optional.empty()),
        new NetworkChoice("RN-50", Architecture.RESNET_V2_50, RESNET_50_WIDTH),
        new NetworkChoice("RN-50 wide", Architecture.RESNET_V2_50, 0.4),
        List.of(Resolution.square(24), Resolution.square(32), Resolution.square(48)),
        30,
        20,
        List.of(1e-6, 3e-5, 1e-4),
        List.of(0.25, 0.5, 0.75, 1.0, 1.5),
        0.25,
        6,
        List.of(9, 6),
        10,
        List.of(1L, 2L, 3L));
  }

  /**
   * For a few hundred photos a domain, from random weights.
   *
   * @return the settings, with one seed
   */
  public static PaperSettings photos() {
    PaperSettings guide = fieldGuide();
    return new PaperSettings(
        guide.plan,
        guide.network,
        guide.better,
        List.of(Resolution.square(32), Resolution.square(48), Resolution.square(64)),
        15,
        10,
        guide.rates,
        guide.taus,
        guide.heldOutShare,
        4,
        List.of(6, 3),
        10,
        List.of(1L));
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
    PaperSettings photos = photos();
    NetworkChoice network = new NetworkChoice(architecture.toString(), architecture, 1);
    return new PaperSettings(
        new TrainingPlan(
            recipe(3, 16, 0.02, PLAIN),
            600,
            1,
            recipe(1, 16, 1e-4, PLAIN),
            recipe(6, 16, 0.02, PLAIN),
            0.9,
            0.4,
            Optional.of(weights)),
        network,
        network,
        List.of(Resolution.square(96), Resolution.square(139)),
        photos.headThreshold,
        photos.cap,
        List.of(1e-6, 1e-4, 1e-3),
        photos.taus,
        photos.heldOutShare,
        photos.subsetA,
        photos.subsetB,
        photos.similarCategories,
        photos.seeds);
  }

  /**
   * The same with other seeds.
   *
   * @param values at least one
   * @return new settings
   */
  public PaperSettings withSeeds(List<Long> values) {
    return with(plan, values);
  }

  /**
   * The same with training in bfloat16, which is faster on CPUs that have instructions for it; on
   * others it is float32 all the same. Weights and measurements stay in float32.
   *
   * @return new settings
   */
  public PaperSettings withBfloat16() {
    return with(
        new TrainingPlan(
            inBfloat16(plan.preTraining()),
            plan.referenceImages(),
            plan.extractorFactor(),
            inBfloat16(plan.secondStage()),
            inBfloat16(plan.fineTuning()),
            plan.batchNormDecay(),
            plan.smallestCrop(),
            plan.start()),
        seeds);
  }

  private static Recipe inBfloat16(Recipe recipe) {
    return recipe.withOptions(recipe.options().toBuilder().bfloat16(true).build());
  }

  private PaperSettings with(TrainingPlan otherPlan, List<Long> otherSeeds) {
    return new PaperSettings(
        otherPlan,
        network,
        better,
        resolutions,
        headThreshold,
        cap,
        rates,
        taus,
        heldOutShare,
        subsetA,
        subsetB,
        similarCategories,
        otherSeeds);
  }

  /** A rate that falls to a seventeenth in ten steps. */
  private static Recipe recipe(int epochs, int batch, double rate, TrainingOptions options) {
    return new Recipe(
        epochs, batch, LearningRate.exponentialStaircase(rate, 0.75, epochs / 10.0), options);
  }
}
