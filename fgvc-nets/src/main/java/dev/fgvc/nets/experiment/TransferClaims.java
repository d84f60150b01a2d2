package dev.fgvc.nets.experiment;

import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.TransferStudy.Pair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The paper's claims on one way to learn the targets.
 *
 * @param pairs for each target, one pair for each source: the single ones, all classes, the subsets
 * @param singleSources how many of the sources are single ones
 * @param way such as "fine-tuning"
 * @param errors of this way
 */
record TransferClaims(
    List<List<Pair>> pairs, int singleSources, String way, Function<Pair, List<Errors>> errors) {

  /** A subset that is worse than a source by less than this does as well. */
  private static final double TOLERANCE = 0.02;

  List<Direction> directions() {
    List<Direction> directions = new ArrayList<>();
    SourceRanks ranks = SourceRanks.byEmd(pairs);
    directions.add(
        new Direction(
            "EMD ranks the sources as the accuracy of " + way + " does (rank correlation above 0)",
            ranks.correlation(errors),
            ranks.interval(errors),
            0,
            ResultTable.Unit.NUMBER));
    for (int subset = singleSources + 1; subset < pairs.get(0).size(); subset++) {
      String name = pairs.get(0).get(subset).source();
      directions.add(
          against(
              String.format(
                  Locale.ROOT,
                  "by %s, %s does as well as the better single source, to %.0f points",
                  way,
                  name,
                  100 * TOLERANCE),
              target -> best(target.subList(0, singleSources)),
              subset,
              -TOLERANCE));
      directions.add(
          against(
              "by " + way + ", " + name + " does better than all classes",
              target -> target.get(singleSources),
              subset,
              0));
    }
    return directions;
  }

  /** The source that is better on the average, which favours it if anything. */
  private Pair best(List<Pair> sources) {
    return sources.stream()
        .max(Comparator.comparingDouble(pair -> Pair.accuracy(errors.apply(pair)).mean()))
        .orElseThrow();
  }

  /** Mean over the targets of a subset's lead over another source. */
  private Direction against(
      String claim, Function<List<Pair>, Pair> other, int subset, double least) {
    return new PairedTransfers(
            pairs.stream().map(target -> errors.apply(other.apply(target))).toList(),
            pairs.stream().map(target -> errors.apply(target.get(subset))).toList())
        .leads(claim, least);
  }
}
