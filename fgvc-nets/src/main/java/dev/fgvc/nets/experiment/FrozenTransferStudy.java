package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.Similarity;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.metric.Bootstrap;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import dev.fgvc.progress.Progress;
import dev.fgvc.random.SplitMix64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Transfer between domains of photos with one network that is never trained, so that it takes
 * minutes: a linear classifier of source classes is fitted to frozen features, and its scores are
 * all that a target sees of an image (the "classemes" of Torresani, Szummer and Fitzgibbon, ECCV
 * 2010). So source classes help a target only by what tells them apart. Every domain is a target;
 * its sources are each other domain, and classes of all others joined, selected by the Earth
 * Mover's Distance or drawn at random.
 */
public final class FrozenTransferStudy {

  /** Numbers of source classes to select. */
  private static final List<Integer> SIZES = List.of(5, 10, 20);

  private static final int RANDOM_SETS = 10;

  private FrozenTransferStudy() {}

  /**
   * The measured errors.
   *
   * @param tables the pairs of domains, then selected against random classes
   * @param directions whether selected classes do better than as many random ones, for each number
   *     of classes and measure, as the mean over all targets
   */
  public record Result(List<ResultTable> tables, List<Direction> directions) {

    /** Copies the lists. */
    public Result {
      tables = List.copyOf(tables);
      directions = List.copyOf(directions);
    }
  }

  /**
   * Runs the study. Time: one pass over all images and some hundred linear probes; memory is that
   * of all features, several times.
   *
   * @param backbone g of the paper; stays the caller's to close
   * @param resolution of the central crops
   * @param splits at least three domains of at least two classes
   * @param seed of the random classes
   * @param progress hears of finished images, then of sources judged by their targets
   * @return tables and directions
   * @throws IllegalArgumentException if there are fewer than three domains
   */
  public static Result run(
      Backbone backbone,
      Resolution resolution,
      List<DatasetSplits> splits,
      long seed,
      Progress progress) {
    if (splits.size() < 3) {
      throw new IllegalArgumentException(
          splits.size() + " domains: at least three are needed, so that two can be joined");
    }
    StepCounter images = new StepCounter(progress, "features of images", imageCount(splits));
    List<FrozenDomain> domains = new ArrayList<>();
    for (DatasetSplits each : splits) {
      domains.add(FrozenDomain.of(backbone, resolution, each, images));
    }
    StepCounter judged = new StepCounter(progress, "sources judged", judgements(domains));
    List<Selection> selections = selections(domains, seed, judged);
    return new Result(
        List.of(pairs(domains, judged), selectionTable(selections)),
        directions(domains, selections));
  }

  static long imageCount(List<DatasetSplits> splits) {
    return splits.stream()
        .mapToLong(each -> (long) each.train().size() + each.validation().size())
        .sum();
  }

  /** How often {@link FrozenErrors} are measured: in pairs, and for each selection. */
  private static long judgements(List<FrozenDomain> domains) {
    int classes = domains.stream().mapToInt(each -> each.classes().size()).sum();
    long count = 0;
    for (FrozenDomain target : domains) {
      int others = classes - target.classes().size();
      count += domains.size();
      count += (1 + RANDOM_SETS) * SIZES.stream().filter(size -> size < others).count();
    }
    return count;
  }

  /** Every domain as a source of every other. */
  private static ResultTable pairs(List<FrozenDomain> domains, StepCounter judged) {
    List<Row> rows = new ArrayList<>();
    for (FrozenDomain target : domains) {
      FrozenErrors own = target.errors();
      judged.step();
      rows.add(
          new Row(
              target.name() + " by all features",
              List.of(Cell.blank(), Cell.blank(), error(own.probed()), error(own.nearest()))));
      for (FrozenDomain source : domains) {
        if (source != target) {
          Similarity similarity = DomainSimilarity.create().between(source.means(), target.means());
          int[] all = IntStream.range(0, source.classes().size()).toArray();
          FrozenErrors errors = transfer(List.of(source), all, target, judged);
          rows.add(
              new Row(
                  target.name() + " by classes of " + source.name(),
                  List.of(
                      once(similarity.emd()),
                      once(similarity.similarity()),
                      error(errors.probed()),
                      error(errors.nearest()))));
        }
      }
    }
    return new ResultTable(
        "domain-pairs",
        "Every domain as a source of every other, without training the network",
        "Target and source",
        List.of(
            Column.number("EMD"),
            Column.number("similarity"),
            Column.percent("linear probe, top-1 error (%)"),
            Column.percent("k-NN, top-1 error (%)")),
        rows);
  }

  /** Selected and random classes of all other domains, for one target and number of classes. */
  private record Selection(
      String target,
      int size,
      List<String> names,
      FrozenErrors selected,
      List<FrozenErrors> random) {}

  private static List<Selection> selections(
      List<FrozenDomain> domains, long seed, StepCounter judged) {
    List<Selection> selections = new ArrayList<>();
    for (FrozenDomain target : domains) {
      List<FrozenDomain> others = domains.stream().filter(each -> each != target).toList();
      DomainFeatures joined =
          others.stream()
              .map(FrozenDomain::means)
              .reduce((a, b) -> a.concat("joined", b))
              .orElseThrow();
      List<String> names = others.stream().flatMap(each -> each.classes().stream()).toList();
      for (int size : SIZES) {
        if (size >= names.size()) {
          continue;
        }
        int[] selected = SourceSelection.create().topK(joined, target.means(), size);
        List<FrozenErrors> random = new ArrayList<>();
        SplitMix64 generator = new SplitMix64(seed);
        for (int set = 0; set < RANDOM_SETS; set++) {
          random.add(transfer(others, generator.distinct(size, names.size()), target, judged));
        }
        selections.add(
            new Selection(
                target.name(),
                size,
                IntStream.of(selected).mapToObj(names::get).toList(),
                transfer(others, IntStream.of(selected).sorted().toArray(), target, judged),
                random));
      }
    }
    return selections;
  }

  private static ResultTable selectionTable(List<Selection> selections) {
    return new ResultTable(
        "selected-and-random",
        "Top-1 errors (%) from selected source classes and from as many random ones, in "
            + RANDOM_SETS
            + " draws",
        "Target",
        List.of(
            new Column("", "classes", ResultTable.Unit.COUNT),
            Column.percent("linear probe", "selected"),
            Column.percent("linear probe", "random"),
            Column.percent("k-NN", "selected"),
            Column.percent("k-NN", "random")),
        selections.stream()
            .map(
                each ->
                    new Row(
                        each.target()
                            + ": "
                            + String.join(", ", each.names().subList(0, 3))
                            + "...",
                        List.of(
                            once(each.size()),
                            error(each.selected().probed()),
                            Cell.error(
                                each.random().stream().map(FrozenErrors::probed).toList(), 1),
                            error(each.selected().nearest()),
                            Cell.error(
                                each.random().stream().map(FrozenErrors::nearest).toList(), 1))))
            .toList());
  }

  /** For each number of classes and measure, the mean gain over the targets. */
  private static List<Direction> directions(
      List<FrozenDomain> domains, List<Selection> selections) {
    List<Direction> directions = new ArrayList<>();
    List<int[]> labels = domains.stream().map(each -> each.validation().labels()).toList();
    for (int size : SIZES) {
      List<Selection> rows = selections.stream().filter(each -> each.size() == size).toList();
      if (rows.size() < domains.size()) {
        continue;
      }
      directions.add(direction(size, "linear probe", labels, rows, FrozenErrors::probed));
      directions.add(direction(size, "k-NN", labels, rows, FrozenErrors::nearest));
    }
    return directions;
  }

  private static Direction direction(
      int size,
      String measure,
      List<int[]> labels,
      List<Selection> rows,
      Function<FrozenErrors, Errors> errors) {
    List<List<Outcomes>> random =
        rows.stream()
            .map(row -> row.random().stream().map(run -> errors.apply(run).outcomes()).toList())
            .toList();
    List<List<Outcomes>> selected =
        rows.stream()
            .map(row -> Collections.nCopies(RANDOM_SETS, errors.apply(row.selected()).outcomes()))
            .toList();
    List<Double> gains = new ArrayList<>();
    for (int set = 0; set < RANDOM_SETS; set++) {
      int run = set;
      gains.add(
          rows.stream()
              .mapToDouble(
                  row ->
                      errors.apply(row.random().get(run)).top1().error()
                          - errors.apply(row.selected()).top1().error())
              .average()
              .orElseThrow());
    }
    return Direction.better(
        String.format(
            Locale.ROOT,
            "%d selected classes do better than %d random ones (%s, mean over targets)",
            size,
            size,
            measure),
        new Measurement(gains),
        Bootstrap.of(RANDOM_SETS, labels).gain(random, selected));
  }

  private static FrozenErrors transfer(
      List<FrozenDomain> sources, int[] classes, FrozenDomain target, StepCounter judged) {
    FrozenErrors errors = target.errorsFrom(sources, classes);
    judged.step();
    return errors;
  }

  private static Cell once(double value) {
    return Cell.of(new Measurement(List.of(value)));
  }

  private static Cell error(Errors errors) {
    return Cell.error(List.of(errors), 1);
  }
}
