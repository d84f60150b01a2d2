package dev.fgvc.nets.experiment;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.Similarity;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.experiment.TransferStudy.Pair;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Trains and measures what a {@link TransferStudy} compares. */
record TransferRun(Laboratory laboratory, TransferStudy.Settings settings, Domains domains) {

  /** A domain by its images and by its features. */
  private record Featured(Dataset images, DomainFeatures features) {}

  /** The results of one seed for a source and a target. */
  private record Outcome(TransferErrors errors, double logMe, double leep) {}

  TransferStudy.Result run() {
    subsets().forEach(this::requireAllTargets);
    Dataset combined = domains.combined().train();
    TrainedNetwork extractor = preTrainOnSources(combined);
    Featured all = featured(extractor, combined);
    List<Featured> targets =
        domains.targets().stream().map(target -> featured(extractor, target.train())).toList();
    List<Featured> sources = new ArrayList<>();
    domains.sources().forEach(source -> sources.add(featured(extractor, source.train())));
    sources.add(all);
    List<Featured> selected = new ArrayList<>();
    subsets().forEach((name, counts) -> selected.add(select(name, counts, all, targets)));
    preTrainOnSelected(selected);
    sources.addAll(selected);
    return new TransferStudy.Result(domains.sources().size(), transfer(sources, targets));
  }

  /** The numbers of classes for each target by its name. */
  private Map<String, Map<String, Integer>> subsets() {
    Map<String, Map<String, Integer>> subsets = new LinkedHashMap<>();
    subsets.put("Subset A", settings.subsetA());
    subsets.put("Subset B", settings.subsetB());
    return subsets;
  }

  private void requireAllTargets(String subset, Map<String, Integer> counts) {
    for (DatasetSplits target : domains.targets()) {
      if (!counts.containsKey(target.name())) {
        throw new IllegalArgumentException(
            subset + " has no number of classes for the target '" + target.name() + "'");
      }
    }
  }

  /** Trains on each source and on all together; returns the network that measures similarity. */
  private TrainedNetwork preTrainOnSources(Dataset combined) {
    List<Supplier<TrainedNetwork>> trainings = new ArrayList<>();
    trainings.add(
        () ->
            laboratory.extractor(
                settings.extractor(), combined, settings.resolution(), settings.seeds().get(0)));
    addTrainings(trainings, combined);
    domains.sources().forEach(source -> addTrainings(trainings, source.train()));
    return laboratory.sideBySide("pre-training on each source", trainings).get(0);
  }

  private void preTrainOnSelected(List<Featured> selected) {
    List<Supplier<TrainedNetwork>> trainings = new ArrayList<>();
    selected.forEach(source -> addTrainings(trainings, source.images()));
    laboratory.sideBySide("pre-training on selected classes", trainings);
  }

  private void addTrainings(List<Supplier<TrainedNetwork>> trainings, Dataset source) {
    for (long seed : settings.seeds()) {
      trainings.add(() -> preTrained(source, seed));
    }
  }

  private TrainedNetwork preTrained(Dataset source, long seed) {
    return laboratory.preTrain(settings.network(), source, settings.resolution(), seed);
  }

  private Featured featured(TrainedNetwork extractor, Dataset images) {
    return new Featured(images, laboratory.features(extractor, images));
  }

  private Featured select(
      String name, Map<String, Integer> counts, Featured all, List<Featured> targets) {
    Map<DomainFeatures, Integer> kPerTarget = new LinkedHashMap<>();
    for (int t = 0; t < targets.size(); t++) {
      int k = counts.get(domains.targets().get(t).name());
      kPerTarget.put(targets.get(t).features(), Math.min(k, all.images().classCount()));
    }
    int[] classes = SourceSelection.create().union(all.features(), kPerTarget);
    String label = name + " (" + classes.length + "-class)";
    return new Featured(
        all.images().selectClasses(label, classes), all.features().select(label, classes));
  }

  private List<List<Pair>> transfer(List<Featured> sources, List<Featured> targets) {
    List<Supplier<Outcome>> transfers = new ArrayList<>();
    for (DatasetSplits target : domains.targets()) {
      for (Featured source : sources) {
        for (long seed : settings.seeds()) {
          transfers.add(() -> transfer(source.images(), target, seed));
        }
      }
    }
    Iterator<Outcome> outcomes = laboratory.sideBySide("transfers", transfers).iterator();
    List<List<Pair>> pairs = new ArrayList<>();
    for (int t = 0; t < targets.size(); t++) {
      List<Pair> row = new ArrayList<>();
      for (Featured source : sources) {
        row.add(
            pair(
                source,
                domains.targets().get(t).name(),
                targets.get(t).features(),
                settings.seeds().stream().map(seed -> outcomes.next()).toList()));
      }
      pairs.add(row);
    }
    return pairs;
  }

  private static Pair pair(
      Featured source, String target, DomainFeatures targetFeatures, List<Outcome> outcomes) {
    Similarity similarity = DomainSimilarity.create().between(source.features(), targetFeatures);
    return new Pair(
        source.images().name(),
        target,
        outcomes.stream().map(outcome -> outcome.errors().fineTuned()).toList(),
        outcomes.stream().map(outcome -> outcome.errors().probed()).toList(),
        outcomes.stream().map(outcome -> outcome.errors().nearest()).toList(),
        similarity.emd(),
        similarity.similarity(),
        measured(outcomes, Outcome::logMe),
        measured(outcomes, Outcome::leep));
  }

  private static Measurement measured(List<Outcome> outcomes, ToDoubleFunction<Outcome> value) {
    return new Measurement(outcomes.stream().map(value::applyAsDouble).toList());
  }

  private Outcome transfer(Dataset source, DatasetSplits target, long seed) {
    TrainedNetwork network = preTrained(source, seed);
    Errors fineTuned = TransferErrors.fineTuned(laboratory, network, target, seed);
    int classes = target.classCount();
    Measured frozen =
        laboratory
            .measurements()
            .measured(
                "frozen features, LogME and LEEP",
                List.of(network),
                List.of(
                    TransferErrors.pass(network, target.train()),
                    TransferErrors.pass(network, target.train()),
                    TransferErrors.pass(network, target.validation())),
                2,
                2,
                networks -> {
                  Network compiled = networks.get(0);
                  ImageFeatures training =
                      ImageFeatures.of(compiled, settings.resolution(), target.train());
                  FrozenErrors errors = TransferErrors.frozen(training, compiled, network, target);
                  return new Measured(
                      List.of(errors.probed(), errors.nearest()),
                      List.of(
                          TransferScores.logMe(training, classes),
                          TransferScores.leep(
                              Evaluation.of(compiled, settings.resolution())
                                  .predict(target.train()),
                              classes)));
                });
    return new Outcome(
        new TransferErrors(fineTuned, frozen.errors().get(0), frozen.errors().get(1)),
        frozen.scores().get(0),
        frozen.scores().get(1));
  }
}
