package dev.fgvc.nets.experiment;

import dev.fgvc.metric.Bootstrap;
import dev.fgvc.metric.Interval;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Two ways of doing the same, compared image by image: with the same seeds, on the same images.
 *
 * @param before the errors of each seed one way
 * @param after the errors of each seed the other way
 */
record PairedErrors(List<Errors> before, List<Errors> after) {

  /** The claim that the second way has the lower top-k error. */
  Direction lowers(String claim, int k) {
    return Direction.better(
        claim,
        Measurement.of(before, each -> each.outcomes().topK(k).error())
            .minus(Measurement.of(after, each -> each.outcomes().topK(k).error())),
        gain(k));
  }

  /** By how much the second way's top-k error is lower. */
  Interval gain(int k) {
    return difference(k, label -> true, label -> false);
  }

  /** The claim that the second way lowers the top-1 error of some classes. */
  Direction lowersFor(String claim, IntPredicate classes) {
    return Direction.better(claim, gain(classes), difference(1, classes, label -> false));
  }

  /** The claim that the second way lowers the top-1 error of some classes more than of the rest. */
  Direction lowersMoreFor(String claim, IntPredicate classes) {
    return Direction.better(
        claim,
        gain(classes).minus(gain(classes.negate())),
        difference(1, classes, classes.negate()));
  }

  private Measurement gain(IntPredicate classes) {
    return Measurement.of(before, each -> each.top1().error(classes))
        .minus(Measurement.of(after, each -> each.top1().error(classes)));
  }

  /** The interval of the gain for some classes less that for others, which may be none. */
  private Interval difference(int k, IntPredicate classes, IntPredicate others) {
    Outcomes any = before.get(0).outcomes();
    int[] images = ErrorIntervals.images(any, classes);
    int[] rest = ErrorIntervals.images(any, others);
    if (images.length == 0) {
      return ErrorIntervals.unknown();
    }
    Bootstrap bootstrap =
        Bootstrap.of(
            before.size(),
            rest.length == 0
                ? List.of(ErrorIntervals.labels(any, images))
                : List.of(ErrorIntervals.labels(any, images), ErrorIntervals.labels(any, rest)));
    return bootstrap.interval(
        sample ->
            sample.mean(0, (run, i) -> gain(run, images[i], k))
                - (rest.length == 0 ? 0 : sample.mean(1, (run, i) -> gain(run, rest[i], k))));
  }

  private int gain(int run, int image, int k) {
    return (after.get(run).outcomes().isRight(image, k) ? 1 : 0)
        - (before.get(run).outcomes().isRight(image, k) ? 1 : 0);
  }
}
