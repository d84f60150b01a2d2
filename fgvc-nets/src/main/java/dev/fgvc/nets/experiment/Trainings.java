package dev.fgvc.nets.experiment;

import com.google.common.collect.Maps;
import dev.fgvc.data.Dataset;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.train.Checkpoints;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.train.Trainer;
import dev.fgvc.nets.weights.Weights;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Trains networks, and keeps the results where a laboratory keeps its work. */
final class Trainings {

  private final Engine engine;
  private final TaskGroups groups;
  private final Optional<ResultFolder> results;
  private final CostLedger ledger;

  /** Whether networks keep their weights and work is counted alone. */
  private final boolean rehearses;

  Trainings(
      Engine engine,
      TaskGroups groups,
      Optional<ResultFolder> results,
      CostLedger ledger,
      boolean rehearses) {
    this.engine = engine;
    this.groups = groups;
    this.results = results;
    this.ledger = ledger;
    this.rehearses = rehearses;
  }

  /**
   * Goes on from where a network stands, now or in an earlier process.
   *
   * @param task a name for the progress
   * @param recipe to follow, but on the calling thread's device
   * @param order makes the sampler
   * @param seed of the crops
   * @return the network with its averaged weights
   */
  TrainedNetwork train(
      String task,
      TrainedNetwork from,
      Recipe recipe,
      Dataset dataset,
      Function<Dataset, Sampler> order,
      RandomCrop crops,
      long seed) {
    ledger.training(from, recipe, order.apply(dataset).epochSize());
    if (rehearses) {
      return from.withWeights(copy(from.weights()));
    }
    Recipe placed =
        recipe.withOptions(recipe.options().toBuilder().device(groups.device()).build());
    Trainer trainer =
        Trainer.of(engine, placed).withSeed(seed).withSampler(order).withProgress(groups::report);
    return from.withWeights(
        results
            .map(
                kept ->
                    kept.weights(
                        madeOf(trainer, recipe, from, dataset, crops),
                        checkpoints ->
                            weights(
                                trainer.withCheckpoints(Checkpoints.in(checkpoints)),
                                task,
                                from,
                                dataset,
                                crops)))
            .orElseGet(() -> weights(trainer, task, from, dataset, crops)));
  }

  /** Another object, so that work on it counts as work on another network. */
  private static Weights copy(Weights weights) {
    return Weights.of(Maps.toMap(weights.names(), weights::tensor));
  }

  private static Weights weights(
      Trainer trainer, String task, TrainedNetwork from, Dataset dataset, RandomCrop crops) {
    return trainer.train(task, from.graph(), from.weights(), dataset, crops).averagedWeights();
  }

  private Map<String, String> madeOf(
      Trainer trainer, Recipe recipe, TrainedNetwork from, Dataset dataset, RandomCrop crops) {
    Map<String, String> parts =
        new TreeMap<>(trainer.identity(from.graph(), from.weights(), dataset, crops));
    parts.put("engine", engine.name());
    parts.put("epochs", String.valueOf(recipe.epochs()));
    parts.put("device", groups.deviceKind());
    return parts;
  }
}
