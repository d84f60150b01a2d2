package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Table 3: the same network trained and evaluated at several resolutions. Each network is also
 * evaluated at the resolutions of the others, which shows what a change between training and test
 * costs.
 */
public final class ResolutionStudy {

  private ResolutionStudy() {}

  /**
   * The network, resolutions and seeds to compare.
   *
   * @param network trained once for each resolution and seed
   * @param resolutions from low to high
   * @param seeds of weights and batches
   */
  public record Settings(NetworkChoice network, List<Resolution> resolutions, List<Long> seeds) {

    /** Copies the lists. */
    public Settings {
      resolutions = List.copyOf(resolutions);
      seeds = List.copyOf(seeds);
    }
  }

  /**
   * The measured errors.
   *
   * @param settings that were followed
   * @param errors for each resolution of training and each of evaluation, those of each seed
   */
  public record Result(Settings settings, List<List<List<Errors>>> errors) {

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
          List.of(new Row("Top-1 (%)", diagonal(1)), new Row("Top-5 (%)", diagonal(5))));
    }

    /**
     * The top-1 error of each network at each resolution.
     *
     * @return rows by training, columns by evaluation
     */
    public ResultTable trainTest() {
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < errors.size(); i++) {
        rows.add(
            new Row(
                "trained at " + side(settings.resolutions().get(i)),
                errors.get(i).stream().map(runs -> Cell.error(runs, 1)).toList()));
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
      int last = errors.size() - 1;
      String claim =
          String.format(
              Locale.ROOT,
              "error at %d is below that at %d",
              side(settings.resolutions().get(last)),
              side(settings.resolutions().get(0)));
      PairedErrors ends = new PairedErrors(errors.get(0).get(0), errors.get(last).get(last));
      return List.of(ends.lowers("top-1 " + claim, 1), ends.lowers("top-5 " + claim, 5));
    }

    private List<Cell> diagonal(int k) {
      return IntStream.range(0, errors.size())
          .mapToObj(i -> Cell.error(errors.get(i).get(i), k))
          .toList();
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
    List<List<Errors>> trained = laboratory.sideBySide("resolution study", trainings);
    List<List<List<Errors>>> errors = new ArrayList<>();
    for (int training = 0; training < resolutions.size(); training++) {
      List<List<Errors>> runs = trained.subList(training * seeds, (training + 1) * seeds);
      List<List<Errors>> row = new ArrayList<>();
      for (int i = 0; i < resolutions.size(); i++) {
        int evaluation = i;
        row.add(runs.stream().map(run -> run.get(evaluation)).toList());
      }
      errors.add(row);
    }
    return new Result(settings, errors);
  }
}
