package dev.fgvc.nets.experiment;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Table 6: source domains, each learnt by a network of its own, and all learnt by one network. The
 * combined network chooses among the classes of all.
 */
public final class SourceComparison {

  private SourceComparison() {}

  /**
   * The networks, the resolution and the seeds to compare.
   *
   * @param networks one row each
   * @param resolution of all crops
   * @param seeds of weights and batches
   */
  public record Settings(List<NetworkChoice> networks, Resolution resolution, List<Long> seeds) {

    /** Copies the lists. */
    public Settings {
      networks = List.copyOf(networks);
      seeds = List.copyOf(seeds);
    }
  }

  /**
   * The measured errors.
   *
   * @param sources names of the sources
   * @param separate for each network, by source, the errors of a network for that source alone
   * @param combined for each network, by source, the errors of the network for all
   */
  public record Result(
      List<String> sources,
      Map<NetworkChoice, List<List<Errors>>> separate,
      Map<NetworkChoice, List<List<Errors>>> combined) {

    /**
     * The errors in the form of table 6, without its column of published results.
     *
     * @return a row for each network
     */
    public ResultTable table6() {
      List<Column> columns = new ArrayList<>();
      for (String source : sources) {
        for (String training : List.of("separate train", "combined train")) {
          columns.add(Column.percent(source + ", " + training, "top-1"));
          columns.add(Column.percent(source + ", " + training, "top-5"));
        }
      }
      List<Row> rows = new ArrayList<>();
      for (NetworkChoice network : separate.keySet()) {
        List<Cell> cells = new ArrayList<>();
        for (int source = 0; source < sources.size(); source++) {
          for (var trained : List.of(separate, combined)) {
            List<Errors> runs = trained.get(network).get(source);
            cells.add(Cell.error(runs, 1));
            cells.add(Cell.error(runs, 5));
          }
        }
        rows.add(new Row(network.label(), cells));
      }
      return new ResultTable(
          "table-6",
          "Table 6. Pre-training performance, separate and combined",
          "Network",
          columns,
          rows);
    }
  }

  /**
   * Runs the comparison. Time: one training for each network, seed and source and one for all
   * sources together, as far as the laboratory has not done them yet.
   *
   * @param laboratory trains and remembers
   * @param settings what to compare
   * @param domains the sources; targets do not matter here
   * @return what was measured
   */
  public static Result run(Laboratory laboratory, Settings settings, Domains domains) {
    List<DatasetSplits> sources = domains.sources();
    DatasetSplits combined = domains.combined();
    List<Dataset> parts = partsOf(combined, sources);
    Map<NetworkChoice, List<List<Errors>>> separate = new LinkedHashMap<>();
    Map<NetworkChoice, List<List<Errors>>> together = new LinkedHashMap<>();
    for (NetworkChoice network : settings.networks()) {
      Comparison comparison = new Comparison(laboratory, settings, network);
      List<Supplier<List<Errors>>> trainings = new ArrayList<>();
      comparison.add(trainings, combined.train(), parts);
      for (DatasetSplits source : sources) {
        comparison.add(trainings, source.train(), List.of(source.validation()));
      }
      List<List<Errors>> errors =
          laboratory.sideBySide(network.label() + " on each source and on all", trainings);
      int seeds = settings.seeds().size();
      List<List<Errors>> alone = new ArrayList<>();
      List<List<Errors>> joint = new ArrayList<>();
      for (int i = 0; i < sources.size(); i++) {
        int source = i;
        joint.add(errors.subList(0, seeds).stream().map(run -> run.get(source)).toList());
        alone.add(
            errors.subList((i + 1) * seeds, (i + 2) * seeds).stream()
                .map(run -> run.get(0))
                .toList());
      }
      separate.put(network, alone);
      together.put(network, joint);
    }
    return new Result(sources.stream().map(DatasetSplits::name).toList(), separate, together);
  }

  private record Comparison(Laboratory laboratory, Settings settings, NetworkChoice network) {

    /** Tasks, one for each seed, that train on a data set and measure with some. */
    void add(List<Supplier<List<Errors>>> trainings, Dataset train, List<Dataset> validations) {
      for (long seed : settings.seeds()) {
        trainings.add(
            () -> {
              TrainedNetwork trained =
                  laboratory.preTrain(network, train, settings.resolution(), seed);
              return validations.stream()
                  .map(validation -> laboratory.errors(trained, validation))
                  .toList();
            });
      }
    }
  }

  /** The validation images of each source with the labels of the combined domain. */
  private static List<Dataset> partsOf(DatasetSplits combined, List<DatasetSplits> sources) {
    List<Dataset> parts = new ArrayList<>();
    int offset = 0;
    for (DatasetSplits source : sources) {
      int first = offset;
      List<LabeledImage> images =
          source.validation().images().stream()
              .map(image -> new LabeledImage(image.path(), first + image.label()))
              .toList();
      parts.add(Dataset.of(source.name(), combined.train().classNames(), images));
      offset += source.classCount();
    }
    return parts;
  }
}
