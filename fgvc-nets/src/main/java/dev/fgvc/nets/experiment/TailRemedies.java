package dev.fgvc.nets.experiment;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.nets.eval.LastLayer;
import dev.fgvc.nets.experiment.LongTailStudy.Remedy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Applies remedies for the tail to trained networks, and chooses their strengths. */
record TailRemedies(Laboratory laboratory, LongTailStudy.Settings settings) {

  private static final List<Remedy> CHOSEN =
      Arrays.stream(Remedy.values()).filter(remedy -> remedy != Remedy.NONE).toList();

  TrainedNetwork firstStage(NetworkChoice network, Dataset train, long seed) {
    return laboratory.preTrain(network, train, settings.resolution(), seed);
  }

  /** Trains all networks that later steps ask for, at once, since this takes longest. */
  void firstStages(Dataset train, List<DatasetSplits> heldOut) {
    List<Supplier<TrainedNetwork>> stages = new ArrayList<>();
    for (int i = 0; i < heldOut.size(); i++) {
      long seed = settings.seeds().get(i);
      for (NetworkChoice network : settings.networks()) {
        stages.add(() -> firstStage(network, train, seed));
      }
      Dataset rest = heldOut.get(i).train();
      stages.add(() -> firstStage(settings.networks().get(0), rest, seed));
    }
    laboratory.sideBySide("first stages", stages);
  }

  /**
   * Choices in the order of the remedies, without {@link Remedy#NONE}.
   *
   * @param heldOut for each seed, what to choose with as validation part; networks have not seen
   *     it. Of one seed alone these are few images.
   */
  List<Choice> choose(List<DatasetSplits> heldOut) {
    List<Supplier<Double>> attempts = new ArrayList<>();
    for (Remedy remedy : CHOSEN) {
      for (double strength : settings.strengths(remedy)) {
        for (int i = 0; i < heldOut.size(); i++) {
          DatasetSplits parts = heldOut.get(i);
          long seed = settings.seeds().get(i);
          attempts.add(() -> heldOutError(parts, remedy, strength, seed));
        }
      }
    }
    Iterator<Double> errors = laboratory.sideBySide("choices", attempts).iterator();
    String criterion =
        String.format(
            Locale.ROOT,
            "mean class error on %.0f %% of each class's training images, by %s, mean over seeds"
                + " %s",
            100 * settings.heldOutShare(),
            settings.networks().get(0).label(),
            settings.seeds());
    List<Choice> choices = new ArrayList<>();
    for (Remedy remedy : CHOSEN) {
      List<Double> strengths = settings.strengths(remedy);
      List<Double> means =
          strengths.stream()
              .map(
                  strength ->
                      heldOut.stream().mapToDouble(parts -> errors.next()).average().orElseThrow())
              .toList();
      choices.add(
          Choice.of(
              (remedy.trains() ? "learning rate of " : "tau of ") + remedy.label(),
              criterion,
              strengths,
              means));
    }
    return choices;
  }

  private double heldOutError(DatasetSplits parts, Remedy remedy, double strength, long seed) {
    TrainedNetwork base = firstStage(settings.networks().get(0), parts.train(), seed);
    TrainedNetwork treated = treat(base, remedy, strength, parts.train(), seed);
    return laboratory.errors(treated, parts.validation()).top1().meanClassError();
  }

  TrainedNetwork treat(
      TrainedNetwork base, Remedy remedy, double strength, Dataset train, long seed) {
    return switch (remedy) {
      case NONE -> base;
      case SECOND_STAGE -> laboratory.secondStage(base, train, strength, settings.cap(), seed);
      case CLASSIFIER_RETRAINING -> laboratory.retrainClassifier(base, train, strength, seed);
      case TAU_NORMALISATION ->
          base.withWeights(LastLayer.tauNormalized(base.graph(), base.weights(), strength));
      case LOGIT_ADJUSTMENT ->
          base.withWeights(
              LastLayer.logitAdjusted(base.graph(), base.weights(), train.imageCounts(), strength));
    };
  }
}
