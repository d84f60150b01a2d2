package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.Direction.Demand;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Table 3: the same network trained and evaluated at several resolutions. Each network is also
 * evaluated at the resolutions of the others, which shows what a change between training and test
 * costs.
 */
public final class ResolutionStudy {

  private ResolutionStudy() {}

  /**
   * What to compare.
   *
   * @param network trained once for each resolution and seed
   * @param resolutions from low to high
   * @param seeds of weights and batches
   */
  public record Settings(NetworkChoice network, List<Resolution> resolutions, List<Long> seeds) {

    /**
     * Copies the lists.
     *
     * @param network trained once for each resolution and seed
     * @param resolutions from low to high
     * @param seeds of weights and batches
     */
    public Settings {
      resolutions = List.copyOf(resolutions);
      seeds = List.copyOf(seeds);
    }
  }

  /**
   * What was measured.
   *
   * @param settings that were followed
   * @param top1 for each resolution of training, the top-1 errors at each resolution of evaluation
   * @param top5 likewise
   */
  public record Result(
      Settings settings, List<List<Measurement>> top1, List<List<Measurement>> top5) {

    /**
     * The errors where training and evaluation have the same resolution, in the form of table 3.
     *
     * @return one column for each resolution
     */
    public ResultTable table3() {
      return new ResultTable(
          "table-3",
          "Table 3. Error rates with various input sizes",
          "",
          settings.resolutions().stream()
              .map(r -> Column.percent(settings.network().label() + " " + side(r)))
              .toList(),
          List.of(
              Row.of("Top-1 (%)", diagonal(top1)), //
              Row.of("Top-5 (%)", diagonal(top5))));
    }

    /**
     * The top-1 error of each network at each resolution.
     *
     * @return rows by training, columns by evaluation
     */
    public ResultTable trainTest() {
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < top1.size(); i++) {
        rows.add(
            Row.of(
                "trained at " + side(settings.resolutions().get(i)),
                top1.get(i).toArray(Measurement[]::new)));
      }
      return new ResultTable(
          "train-test-resolution",
          "Top-1 error (%) by resolution of training and of evaluation",
          "",
          settings.resolutions().stream()
              .map(r -> Column.percent("evaluated at", String.valueOf(side(r))))
              .toList(),
          rows);
    }

    /**
     * The paper's claim.
     *
     * @return whether the highest resolution lowers the error of the lowest
     */
    public List<Direction> directions() {
      int last = top1.size() - 1;
      String claim =
          String.format(
              Locale.ROOT,
              "%s error at %d is below that at %d",
              "%s",
              side(settings.resolutions().get(last)),
              side(settings.resolutions().get(0)));
      return List.of(
          new Direction(
              String.format(Locale.ROOT, claim, "top-1"),
              top1.get(0).get(0).minus(top1.get(last).get(last)),
              Demand.ABOVE_THE_SPREAD),
          new Direction(
              String.format(Locale.ROOT, claim, "top-5"),
              top5.get(0).get(0).minus(top5.get(last).get(last)),
              Demand.ABOVE_THE_SPREAD));
    }

    private static Measurement[] diagonal(List<List<Measurement>> grid) {
      Measurement[] values = new Measurement[grid.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = grid.get(i).get(i);
      }
      return values;
    }
  }

  static int side(Resolution resolution) {
    return resolution.width();
  }

  /**
   * Runs the study. Time: one training for each resolution and seed, as far as the laboratory has
   * not done them yet.
   *
   * @param laboratory trains and remembers
   * @param settings what to compare
   * @param splits what to train and evaluate on
   * @return what was measured
   */
  public static Result run(Laboratory laboratory, Settings settings, DatasetSplits splits) {
    List<Resolution> resolutions = settings.resolutions();
    int seeds = settings.seeds().size();
    List<Supplier<List<Errors>>> trainings = new ArrayList<>();
    for (Resolution training : resolutions) {
      for (long seed : settings.seeds()) {
        trainings.add(
            () -> {
              TrainedNetwork network =
                  laboratory.preTrain(settings.network(), splits.train(), training, seed);
              return resolutions.stream()
                  .map(evaluation -> laboratory.errors(network, splits.validation(), evaluation))
                  .toList();
            });
      }
    }
    List<List<Errors>> errors = laboratory.sideBySide("resolution study", trainings);
    List<List<Measurement>> top1 = new ArrayList<>();
    List<List<Measurement>> top5 = new ArrayList<>();
    for (int training = 0; training < resolutions.size(); training++) {
      List<List<Errors>> runs = errors.subList(training * seeds, (training + 1) * seeds);
      List<Measurement> rowTop1 = new ArrayList<>();
      List<Measurement> rowTop5 = new ArrayList<>();
      for (int i = 0; i < resolutions.size(); i++) {
        int evaluation = i;
        List<Errors> each = runs.stream().map(run -> run.get(evaluation)).toList();
        rowTop1.add(Measurement.of(each, e -> e.top1().error()));
        rowTop5.add(Measurement.of(each, e -> e.top5().error()));
      }
      top1.add(rowTop1);
      top5.add(rowTop5);
    }
    return new Result(settings, top1, top5);
  }
}
