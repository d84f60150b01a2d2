package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Table 5: how much each step adds, from one network at a low resolution to an ensemble of two at a
 * high one, after the second stage, on 12 crops.
 */
public final class BestResult {

  /** Table 5 has top-1 and top-5 errors. */
  private static final int[] TOP = {1, 5};

  private BestResult() {}

  /**
   * The steps.
   *
   * @param network of the first three rows
   * @param better network of the fourth and fifth row; if it is the first, there is no fourth row
   * @param partner of the better one in the ensemble; if it is the same, it is trained once more
   *     from another seed
   * @param low resolution of the first row
   * @param high resolution of all others
   * @param views makes the crops of an image at a resolution, such as the 12 crops of the paper
   * @param viewsName how rows call them, such as {@code 12-crop}
   * @param rate of the second stage, chosen by a {@link LongTailStudy}
   * @param cap images of a class in the second stage at most
   * @param seeds of weights and batches
   */
  public record Settings(
      NetworkChoice network,
      NetworkChoice better,
      NetworkChoice partner,
      Resolution low,
      Resolution high,
      Function<Resolution, ImageTransform> views,
      String viewsName,
      double rate,
      int cap,
      List<Long> seeds) {

    /** Copies the seeds. */
    public Settings {
      seeds = List.copyOf(seeds);
    }
  }

  /**
   * The measured errors.
   *
   * @param errors for each step in their order, one for each seed
   */
  public record Result(Map<String, List<Errors>> errors) {

    /**
     * The errors in the form of table 5.
     *
     * @return a row for each step, with the improvement over the row before in brackets
     */
    public ResultTable table5() {
      List<Row> rows = new ArrayList<>();
      List<Errors> before = List.of();
      for (Map.Entry<String, List<Errors>> step : errors.entrySet()) {
        List<Errors> now = step.getValue();
        List<Cell> cells = new ArrayList<>();
        for (int k : TOP) {
          Cell error = Cell.error(now, k);
          cells.add(
              before.isEmpty() ? error : error.withGain(new PairedErrors(before, now).gain(k)));
        }
        rows.add(new Row(step.getKey(), cells));
        before = now;
      }
      return new ResultTable(
          "table-5",
          "Table 5. Performance improvements; in brackets, over the row before",
          "Network",
          List.of(Column.percent("Top-1 (%)"), Column.percent("Top-5 (%)")),
          rows);
    }

    /**
     * The paper's claim for the whole ladder.
     *
     * @return whether the last step's top-1 error is below the first one's
     */
    public List<Direction> directions() {
      List<List<Errors>> steps = List.copyOf(errors.values());
      return List.of(
          new PairedErrors(steps.get(0), steps.get(steps.size() - 1))
              .lowers("all steps of table 5 together lower the top-1 error", 1));
    }
  }

  /**
   * Climbs the steps. Time: at most five trainings and four second stages for each seed, those done
   * earlier by the laboratory not counted, and two evaluations of all views.
   *
   * @param laboratory trains and remembers
   * @param settings the steps
   * @param splits what to train and evaluate on
   * @return what was measured
   */
  public static Result run(Laboratory laboratory, Settings settings, DatasetSplits splits) {
    List<Map<String, Errors>> ladders =
        laboratory.forSeeds(
            "step by step",
            settings.seeds(),
            seed -> new Ladder(laboratory, settings, splits, seed).climb());
    Map<String, List<Errors>> errors = new LinkedHashMap<>();
    for (String step : ladders.get(0).keySet()) {
      errors.put(step, ladders.stream().map(ladder -> ladder.get(step)).toList());
    }
    return new Result(errors);
  }

  /** The steps of one seed. */
  private record Ladder(Laboratory laboratory, Settings settings, DatasetSplits splits, long seed) {

    Map<String, Errors> climb() {
      Map<String, Errors> errors = new LinkedHashMap<>();
      String high = " " + ResolutionStudy.side(settings.high());
      NetworkChoice network = settings.network();
      errors.put(
          network.label() + " " + ResolutionStudy.side(settings.low()),
          errors(preTrain(network, settings.low())));
      TrainedNetwork atHigh = preTrain(network, settings.high());
      errors.put(network.label() + high, errors(atHigh));
      errors.put(network.label() + high + " FT", errors(secondStage(atHigh)));
      TrainedNetwork better = secondStage(preTrain(settings.better(), settings.high()));
      if (!settings.better().equals(network)) {
        errors.put(settings.better().label() + high + " FT", errors(better));
      }
      TrainedNetwork partner = partner();
      ImageTransform views = settings.views().apply(settings.high());
      errors.put(
          settings.better().label() + high + " FT " + settings.viewsName(),
          laboratory.measurements().errors(better, splits.validation(), views));
      errors.put(
          "Ensemble with " + settings.partner().label(),
          laboratory
              .measurements()
              .errors(
                  "errors of an ensemble",
                  List.of(better, partner),
                  new Measurements.Pass(splits.validation(), views),
                  compiled ->
                      Evaluation.of(compiled.get(0), views)
                          .and(Evaluation.of(compiled.get(1), views))
                          .errors(splits.validation())));
      return errors;
    }

    /** A network with itself would be no ensemble, so it gets a partner of other batches then. */
    private TrainedNetwork partner() {
      if (!settings.partner().equals(settings.better())) {
        return secondStage(preTrain(settings.partner(), settings.high()));
      }
      Ladder other = new Ladder(laboratory, settings, splits, -1 - seed);
      return other.secondStage(other.preTrain(settings.partner(), settings.high()));
    }

    private Errors errors(TrainedNetwork network) {
      return laboratory.errors(network, splits.validation());
    }

    private TrainedNetwork preTrain(NetworkChoice choice, Resolution resolution) {
      return laboratory.preTrain(choice, splits.train(), resolution, seed);
    }

    private TrainedNetwork secondStage(TrainedNetwork network) {
      return laboratory.secondStage(network, splits.train(), settings.rate(), settings.cap(), seed);
    }
  }
}
