package dev.fgvc.nets.experiment;

import dev.fgvc.metric.Bootstrap;
import dev.fgvc.metric.Interval;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Errors with their intervals over seeds, classes and images. */
final class ErrorIntervals {

  private ErrorIntervals() {}

  /** The top-k error on the images of some classes; no interval where there are none. */
  static Cell error(List<Errors> runs, int k, IntPredicate classes) {
    Measurement error = Measurement.of(runs, each -> each.outcomes().topK(k).error(classes));
    return Cell.of(error, mean(runs, k, classes, 1, 0));
  }

  /** The share of images whose class is scored best. */
  static Cell accuracy(List<Errors> runs) {
    return Cell.of(
        Measurement.of(runs, each -> 1 - each.top1().error()), mean(runs, 1, label -> true, 0, 1));
  }

  private static Interval mean(
      List<Errors> runs, int k, IntPredicate classes, double ifWrong, double ifRight) {
    Outcomes any = runs.get(0).outcomes();
    int[] images = images(any, classes);
    if (images.length == 0) {
      return unknown();
    }
    return Bootstrap.of(runs.size(), List.of(labels(any, images)))
        .interval(
            sample ->
                sample.mean(
                    0,
                    (run, i) ->
                        runs.get(run).outcomes().isRight(images[i], k) ? ifRight : ifWrong));
  }

  static Interval unknown() {
    return new Interval(Double.NaN, Double.NaN, Double.NaN, Bootstrap.LEVEL);
  }

  /** The positions of the images of some classes. */
  static int[] images(Outcomes outcomes, IntPredicate classes) {
    return IntStream.range(0, outcomes.imageCount())
        .filter(i -> classes.test(outcomes.label(i)))
        .toArray();
  }

  static int[] labels(Outcomes outcomes, int[] images) {
    return IntStream.of(images).map(outcomes::label).toArray();
  }
}
