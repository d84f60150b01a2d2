package dev.fgvc.nets.experiment;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.Similarity;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.experiment.Direction.Demand;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Table 7 and figure 5: transfer from each source, from all sources combined and from two subsets
 * selected by domain similarity to several targets, and how accuracy goes with similarity. Beside
 * the paper's similarity stand LogME and LEEP.
 *
 * <p>Domain similarity is measured once for all with the features of one network, trained on the
 * combined sources with the first seed; LogME and LEEP need the pre-trained network of each source.
 */
public final class TransferStudy {

  private TransferStudy() {}

  /**
   * What to compare.
   *
   * @param network fine-tuned from each source to each target
   * @param extractor whose features measure domain similarity, trained on the combined sources; in
   *     the paper a stronger network than those that are compared
   * @param resolution of all crops
   * @param subsetA classes to select for each target by its name, united to Subset A; in the paper
   *     200 for each
   * @param subsetB likewise for Subset B, in which targets may weigh differently
   * @param seeds of weights and batches
   */
  public record Settings(
      NetworkChoice network,
      NetworkChoice extractor,
      Resolution resolution,
      Map<String, Integer> subsetA,
      Map<String, Integer> subsetB,
      List<Long> seeds) {

    /**
     * Copies maps and seeds.
     *
     * @param network fine-tuned from each source to each target
     * @param extractor whose features measure domain similarity
     * @param resolution of all crops
     * @param subsetA classes to select for each target by its name
     * @param subsetB likewise for Subset B
     * @param seeds of weights and batches
     */
    public Settings {
      subsetA = Map.copyOf(subsetA);
      subsetB = Map.copyOf(subsetB);
      seeds = List.copyOf(seeds);
    }
  }

  /**
   * One source and one target.
   *
   * @param source name of the source, with its classes for a subset
   * @param target name of the target
   * @param accuracy top-1 after fine-tuning
   * @param emd Earth Mover's Distance of source and target
   * @param similarity exp(-gamma * emd)
   * @param logMe score of the source's network for the target
   * @param leep score of the source's network for the target
   */
  public record Pair(
      String source,
      String target,
      Measurement accuracy,
      double emd,
      double similarity,
      Measurement logMe,
      Measurement leep) {}

  /**
   * What was measured.
   *
   * @param singleSources how many of the sources are single ones; they stand first
   * @param pairs for each target, one pair for each source, sources in the same order
   */
  public record Result(int singleSources, List<List<Pair>> pairs) {

    /**
     * Accuracies in the form of table 7.
     *
     * @return sources as rows, targets as columns
     */
    public ResultTable table7() {
      List<Row> rows = new ArrayList<>();
      for (int s = 0; s < pairs.get(0).size(); s++) {
        int source = s;
        rows.add(
            Row.of(
                pairs.get(0).get(s).source(),
                pairs.stream()
                    .map(target -> target.get(source).accuracy())
                    .toArray(Measurement[]::new)));
      }
      return new ResultTable(
          "table-7",
          "Table 7. Transfer learning performance, top-1 accuracy (%) after fine-tuning",
          "Source",
          targets(),
          rows);
    }

    /**
     * What figure 5 draws, with the two other scores beside the similarity.
     *
     * @return a row for each target and source
     */
    public ResultTable figure5() {
      List<Row> rows = new ArrayList<>();
      for (List<Pair> target : pairs) {
        for (Pair pair : target) {
          rows.add(
              Row.of(
                  pair.target() + " from " + pair.source(),
                  once(pair.emd(), pair.accuracy()),
                  once(pair.similarity(), pair.accuracy()),
                  pair.logMe(),
                  pair.leep(),
                  pair.accuracy()));
        }
      }
      return new ResultTable(
          "figure-5",
          "Figure 5. Accuracy and similarity. EMD compares data with one network's features;"
              + " LogME and LEEP judge one pre-trained network for each source",
          "Target and source",
          List.of(
              Column.number("EMD"),
              Column.number("similarity"),
              Column.number("LogME"),
              Column.number("LEEP"),
              Column.percent("top-1 accuracy (%)")),
          rows);
    }

    /**
     * Spearman's rank correlation, over the sources, of accuracy with each score.
     *
     * @return a row for each score, a column for each target and one for their mean
     */
    public ResultTable rankCorrelations() {
      List<Column> columns = new ArrayList<>();
      pairs.forEach(target -> columns.add(Column.number(target.get(0).target())));
      columns.add(Column.number("mean"));
      return new ResultTable(
          "rank-correlation",
          "Rank correlation of accuracy after fine-tuning with each score, over the sources",
          "Score",
          columns,
          List.of(
              correlationRow("similarity (EMD)", (pair, seed) -> -pair.emd()),
              correlationRow("LogME", (pair, seed) -> pair.logMe().values().get(seed)),
              correlationRow("LEEP", (pair, seed) -> pair.leep().values().get(seed))));
    }

    private interface Score {
      double of(Pair pair, int seed);
    }

    private Row correlationRow(String label, Score score) {
      List<Measurement> cells = new ArrayList<>();
      pairs.forEach(target -> cells.add(correlation(List.of(target), score)));
      cells.add(correlation(pairs, score));
      return Row.of(label, cells.toArray(Measurement[]::new));
    }

    /** Mean over the targets of the rank correlation over the sources, for each seed. */
    private static Measurement correlation(List<List<Pair>> targets, Score score) {
      int seeds = targets.get(0).get(0).accuracy().values().size();
      List<Double> values = new ArrayList<>();
      for (int seed = 0; seed < seeds; seed++) {
        int s = seed;
        values.add(
            targets.stream()
                .mapToDouble(
                    target ->
                        TransferScores.rankCorrelation(
                            array(target, pair -> score.of(pair, s)),
                            array(target, pair -> pair.accuracy().values().get(s))))
                .average()
                .orElseThrow());
      }
      return new Measurement(values);
    }

    private static double[] array(List<Pair> pairs, ToDoubleFunction<Pair> value) {
      return pairs.stream().mapToDouble(value).toArray();
    }

    /**
     * The paper's claims.
     *
     * @return whether similarity ranks the sources as accuracy does, and whether each subset does
     *     as well as the better single source of each target
     */
    public List<Direction> directions() {
      List<Direction> directions = new ArrayList<>();
      directions.add(
          new Direction(
              "EMD ranks the sources as transfer accuracy does (rank correlation above 0)",
              correlation(pairs, (pair, seed) -> -pair.emd()),
              Demand.ABOVE_THE_SPREAD,
              ResultTable.Unit.NUMBER));
      for (int s = singleSources + 1; s < pairs.get(0).size(); s++) {
        directions.add(
            new Direction(
                pairs.get(0).get(s).source()
                    + " does as well as the better single source of each target",
                subsetMargin(s),
                Demand.NOT_WORSE_THAN_THE_SPREAD));
      }
      return directions;
    }

    /** Mean over the targets of the lead over the single source that is better on the average. */
    private Measurement subsetMargin(int subset) {
      List<Measurement> leads =
          pairs.stream()
              .map(
                  target -> {
                    Measurement best =
                        target.subList(0, singleSources).stream()
                            .map(Pair::accuracy)
                            .max(Comparator.comparingDouble(Measurement::mean))
                            .orElseThrow();
                    return target.get(subset).accuracy().minus(best);
                  })
              .toList();
      return new Measurement(
          IntStream.range(0, leads.get(0).values().size())
              .mapToObj(
                  seed ->
                      leads.stream()
                          .mapToDouble(lead -> lead.values().get(seed))
                          .average()
                          .orElseThrow())
              .toList());
    }

    private List<Column> targets() {
      return pairs.stream().map(target -> Column.percent(target.get(0).target())).toList();
    }

    private static Measurement once(double value, Measurement like) {
      return new Measurement(like.values().stream().map(seed -> value).toList());
    }
  }

  /**
   * Runs the study. Time: one pre-training for each source and seed, as far as the laboratory has
   * not done them yet, and one fine-tuning for each source, target and seed.
   *
   * @param laboratory trains and remembers
   * @param settings what to compare
   * @param domains sources and targets
   * @return what was measured
   * @throws IllegalArgumentException if a subset lacks a target
   */
  public static Result run(Laboratory laboratory, Settings settings, Domains domains) {
    Dataset combined = domains.combined().train();
    List<Supplier<TrainedNetwork>> trainings = new ArrayList<>();
    trainings.add(
        () ->
            laboratory.extractor(
                settings.extractor(), combined, settings.resolution(), settings.seeds().get(0)));
    addTrainings(trainings, laboratory, settings, combined);
    domains.sources().forEach(each -> addTrainings(trainings, laboratory, settings, each.train()));
    TrainedNetwork extractor =
        laboratory.sideBySide("pre-training on each source", trainings).get(0);
    DomainFeatures combinedFeatures = laboratory.features(extractor, combined);
    List<DomainFeatures> targetFeatures =
        domains.targets().stream()
            .map(target -> laboratory.features(extractor, target.train()))
            .toList();

    List<Dataset> sources = new ArrayList<>();
    List<DomainFeatures> sourceFeatures = new ArrayList<>();
    for (DatasetSplits source : domains.sources()) {
      sources.add(source.train());
      sourceFeatures.add(laboratory.features(extractor, source.train()));
    }
    sources.add(combined);
    sourceFeatures.add(combinedFeatures);
    Map<String, Map<String, Integer>> subsets = new LinkedHashMap<>();
    subsets.put("Subset A", settings.subsetA());
    subsets.put("Subset B", settings.subsetB());
    subsets.forEach(
        (name, counts) -> {
          Map<DomainFeatures, Integer> kPerTarget = new LinkedHashMap<>();
          for (int t = 0; t < targetFeatures.size(); t++) {
            String target = domains.targets().get(t).name();
            Integer k = counts.get(target);
            if (k == null) {
              throw new IllegalArgumentException(
                  name + " has no number of classes for the target '" + target + "'");
            }
            kPerTarget.put(targetFeatures.get(t), Math.min(k, combined.classCount()));
          }
          int[] classes = SourceSelection.create().union(combinedFeatures, kPerTarget);
          String label = name + " (" + classes.length + "-class)";
          sources.add(combined.selectClasses(label, classes));
          sourceFeatures.add(combinedFeatures.select(label, classes));
        });

    List<Supplier<TrainedNetwork>> selected = new ArrayList<>();
    sources
        .subList(domains.sources().size() + 1, sources.size())
        .forEach(each -> addTrainings(selected, laboratory, settings, each));
    laboratory.sideBySide("pre-training on selected classes", selected);
    List<Supplier<Run>> transfers = new ArrayList<>();
    for (DatasetSplits target : domains.targets()) {
      for (Dataset source : sources) {
        for (long seed : settings.seeds()) {
          transfers.add(() -> transfer(laboratory, settings, source, target, seed));
        }
      }
    }
    Iterator<Run> runs = laboratory.sideBySide("transfers", transfers).iterator();
    List<List<Pair>> pairs = new ArrayList<>();
    for (int t = 0; t < targetFeatures.size(); t++) {
      List<Pair> row = new ArrayList<>();
      for (int s = 0; s < sources.size(); s++) {
        Similarity similarity =
            DomainSimilarity.create().between(sourceFeatures.get(s), targetFeatures.get(t));
        List<Run> each = settings.seeds().stream().map(seed -> runs.next()).toList();
        row.add(
            new Pair(
                sources.get(s).name(),
                domains.targets().get(t).name(),
                measured(each, Run::accuracy),
                similarity.emd(),
                similarity.similarity(),
                measured(each, Run::logMe),
                measured(each, Run::leep)));
      }
      pairs.add(row);
    }
    return new Result(domains.sources().size(), pairs);
  }

  private static void addTrainings(
      List<Supplier<TrainedNetwork>> trainings,
      Laboratory laboratory,
      Settings settings,
      Dataset source) {
    for (long seed : settings.seeds()) {
      trainings.add(
          () -> laboratory.preTrain(settings.network(), source, settings.resolution(), seed));
    }
  }

  /** What one seed gives for a source and a target. */
  private record Run(double accuracy, double logMe, double leep) {}

  private static Measurement measured(List<Run> runs, ToDoubleFunction<Run> value) {
    return new Measurement(runs.stream().map(value::applyAsDouble).toList());
  }

  private static Run transfer(
      Laboratory laboratory, Settings settings, Dataset source, DatasetSplits target, long seed) {
    TrainedNetwork network =
        laboratory.preTrain(settings.network(), source, settings.resolution(), seed);
    double logMe;
    double leep;
    try (Network compiled = laboratory.compile(network)) {
      logMe =
          TransferScores.logMe(
              ImageFeatures.of(compiled, settings.resolution(), target.train()),
              target.classCount());
      leep =
          TransferScores.leep(
              Evaluation.of(compiled, settings.resolution()).predict(target.train()),
              target.classCount());
    }
    TrainedNetwork tuned = laboratory.fineTune(network, target.train(), seed);
    double accuracy = 1 - laboratory.errors(tuned, target.validation()).top1().error();
    return new Run(accuracy, logMe, leep);
  }
}
