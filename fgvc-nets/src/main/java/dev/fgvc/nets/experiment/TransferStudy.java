package dev.fgvc.nets.experiment;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

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
   * The networks, subsets and seeds to compare.
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

    /** Copies maps and seeds. */
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
   * @param fineTuned errors after fine-tuning, one for each seed
   * @param probed errors of a linear probe on the source's network, one for each seed
   * @param nearest errors of the nearest neighbours in its features, one for each seed
   * @param emd Earth Mover's Distance of source and target
   * @param similarity exp(-gamma * emd)
   * @param logMe score of the source's network for the target
   * @param leep score of the source's network for the target
   */
  public record Pair(
      String source,
      String target,
      List<Errors> fineTuned,
      List<Errors> probed,
      List<Errors> nearest,
      double emd,
      double similarity,
      Measurement logMe,
      Measurement leep) {

    /** Copies the lists. */
    public Pair {
      fineTuned = List.copyOf(fineTuned);
      probed = List.copyOf(probed);
      nearest = List.copyOf(nearest);
    }

    /**
     * The paper's measure.
     *
     * @return top-1 accuracy after fine-tuning
     */
    public Measurement accuracy() {
      return accuracy(fineTuned);
    }

    /**
     * The paper's measure as a cell.
     *
     * @return {@link #accuracy} with its interval over seeds, classes and images
     */
    public Cell accuracyCell() {
      return Cell.accuracy(fineTuned);
    }

    static Measurement accuracy(List<Errors> runs) {
      return Measurement.of(runs, each -> 1 - each.top1().error());
    }
  }

  /**
   * The measured accuracies and similarities.
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
      return accuracies(
          "table-7",
          "Table 7. Transfer learning performance, top-1 accuracy (%) after fine-tuning",
          List.of(Pair::fineTuned),
          List.of(""));
    }

    /**
     * Table 7 without fine-tuning: by classifiers on the features of each source's network.
     *
     * @return sources as rows; for each target, the linear probe and the nearest neighbours
     */
    public ResultTable frozenFeatures() {
      return accuracies(
          "table-7-frozen",
          "Top-1 accuracy (%) on the features of each source's network, not fine-tuned",
          List.of(Pair::probed, Pair::nearest),
          List.of("linear probe", "k-NN"));
    }

    private ResultTable accuracies(
        String id, String title, List<Function<Pair, List<Errors>>> measures, List<String> names) {
      List<Column> columns = new ArrayList<>();
      for (List<Pair> target : pairs) {
        String name = target.get(0).target();
        for (String measure : names) {
          columns.add(measure.isEmpty() ? Column.percent(name) : Column.percent(name, measure));
        }
      }
      List<Row> rows = new ArrayList<>();
      for (int s = 0; s < pairs.get(0).size(); s++) {
        List<Cell> cells = new ArrayList<>();
        for (List<Pair> target : pairs) {
          for (Function<Pair, List<Errors>> measure : measures) {
            cells.add(Cell.accuracy(measure.apply(target.get(s))));
          }
        }
        rows.add(new Row(pairs.get(0).get(s).source(), cells));
      }
      return new ResultTable(id, title, "Source", columns, rows);
    }

    /**
     * Returns the values that figure 5 draws, with two other scores beside the similarity.
     *
     * @return a row for each target and source
     */
    public ResultTable figure5() {
      List<Row> rows = new ArrayList<>();
      for (List<Pair> target : pairs) {
        for (Pair pair : target) {
          rows.add(
              new Row(
                  pair.target() + " from " + pair.source(),
                  List.of(
                      Cell.of(once(pair.emd())),
                      Cell.of(once(pair.similarity())),
                      Cell.of(pair.logMe()),
                      Cell.of(pair.leep()),
                      pair.accuracyCell())));
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

    private Row correlationRow(String label, SourceRanks.Score score) {
      List<List<List<Pair>>> columns = new ArrayList<>();
      pairs.forEach(target -> columns.add(List.of(target)));
      columns.add(pairs);
      return new Row(
          label,
          columns.stream()
              .map(targets -> new SourceRanks(targets, score))
              .map(
                  ranks ->
                      Cell.of(ranks.correlation(Pair::fineTuned), ranks.interval(Pair::fineTuned)))
              .toList());
    }

    /**
     * The paper's claims, of fine-tuning and of the linear probe.
     *
     * @return whether similarity ranks the sources as accuracy does, whether each subset does as
     *     well as the better single source of each target, and whether each beats all classes
     */
    public List<Direction> directions() {
      List<Direction> directions = new ArrayList<>();
      Map<String, Function<Pair, List<Errors>>> ways = new LinkedHashMap<>();
      ways.put("fine-tuning", Pair::fineTuned);
      ways.put("a linear probe", Pair::probed);
      ways.forEach(
          (way, errors) ->
              directions.addAll(
                  new TransferClaims(pairs, singleSources, way, errors).directions()));
      return directions;
    }

    /** Domains are compared once, with the features of one network. */
    private static Measurement once(double value) {
      return new Measurement(List.of(value));
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
    return new TransferRun(laboratory, settings, domains).run();
  }
}
