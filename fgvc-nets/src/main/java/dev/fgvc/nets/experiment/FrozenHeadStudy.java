package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Heads on one network that is not trained: the first of the two stages in which networks with
 * bilinear heads are trained, where the last layer alone learns, on features that are computed
 * once. {@link HeadStudy} trains all layers, and compares with a selected source as table 8 does;
 * that takes hours on a CPU where this takes minutes.
 */
public final class FrozenHeadStudy {

  private FrozenHeadStudy() {}

  /**
   * A head.
   *
   * @param label for rows and claims
   * @param backbone the network up to the head's features, with the same weights as the others
   */
  public record Method(String label, Backbone backbone) {}

  /**
   * The measured errors.
   *
   * @param table heads as rows; each target by both classifiers
   * @param directions whether each other head does better than the plain one, by each classifier,
   *     as the mean over all targets
   */
  public record Result(ResultTable table, List<Direction> directions) {

    /** Copies the list. */
    public Result {
      directions = List.copyOf(directions);
    }
  }

  /**
   * Runs the study. Time: one pass over all images for each head, and some ten linear probes for
   * each head and target. Memory: the features of one target.
   *
   * @param plain the average that the paper's networks have
   * @param heads compared with it
   * @param resolution of the central crops
   * @param targets of at least two classes each
   * @param progress hears of finished images, each once for each head
   * @return table and directions
   * @throws IllegalArgumentException if there is no head or no target, or the features of a target
   *     are more than the heap can hold
   */
  public static Result run(
      Method plain,
      List<Method> heads,
      Resolution resolution,
      List<DatasetSplits> targets,
      Progress progress) {
    if (heads.isEmpty() || targets.isEmpty()) {
      throw new IllegalArgumentException(
          heads.size() + " heads and " + targets.size() + " targets: at least one of each");
    }
    List<Method> methods = Stream.concat(Stream.of(plain), heads.stream()).toList();
    StepCounter images =
        new StepCounter(
            progress,
            "features of images",
            methods.size() * FrozenTransferStudy.imageCount(targets));
    List<List<FrozenErrors>> errors = new ArrayList<>();
    for (Method method : methods) {
      errors.add(targets.stream().map(each -> errors(method, resolution, each, images)).toList());
    }
    List<Direction> directions = new ArrayList<>();
    for (int i = 1; i < methods.size(); i++) {
      String claim = methods.get(i).label() + " does better than " + plain.label() + " (";
      directions.add(
          direction(
              claim + "linear probe, mean over targets)",
              errors.get(0),
              errors.get(i),
              FrozenErrors::probed));
      directions.add(
          direction(
              claim + "k-NN, mean over targets)",
              errors.get(0),
              errors.get(i),
              FrozenErrors::nearest));
    }
    return new Result(table(methods, targets, errors), directions);
  }

  private static FrozenErrors errors(
      Method method, Resolution resolution, DatasetSplits target, StepCounter images) {
    return FrozenErrors.of(
        ImageFeatures.of(method.backbone(), resolution, target.train(), images.piece()),
        ImageFeatures.of(method.backbone(), resolution, target.validation(), images.piece()),
        target.train().classCount());
  }

  private static Direction direction(
      String claim,
      List<FrozenErrors> plain,
      List<FrozenErrors> head,
      Function<FrozenErrors, Errors> judge) {
    return new PairedTransfers(judged(plain, judge), judged(head, judge)).leads(claim, 0);
  }

  /** One run for each target, as nothing is drawn. */
  private static List<List<Errors>> judged(
      List<FrozenErrors> targets, Function<FrozenErrors, Errors> judge) {
    return targets.stream().map(each -> List.of(judge.apply(each))).toList();
  }

  private static ResultTable table(
      List<Method> methods, List<DatasetSplits> targets, List<List<FrozenErrors>> errors) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      rows.add(
          new Row(
              methods.get(i).label(),
              errors.get(i).stream()
                  .flatMap(each -> Stream.of(each.probed(), each.nearest()))
                  .map(each -> Cell.error(List.of(each), 1))
                  .toList()));
    }
    return new ResultTable(
        "frozen-heads",
        "Heads on a network that is not trained, top-1 errors (%)",
        "Head",
        targets.stream()
            .flatMap(
                each ->
                    Stream.of(
                        Column.percent(each.name(), "linear probe"),
                        Column.percent(each.name(), "k-NN")))
            .toList(),
        rows);
  }
}
