package dev.fgvc.nets.experiment;

import dev.fgvc.metric.Interval;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.TransferStudy.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How a score ranks the sources of each target, against their accuracies: by Spearman's rank
 * correlation, as a mean over the targets.
 *
 * @param targets for each target, one pair for each source
 * @param score the higher, the better a source is said to be
 */
record SourceRanks(List<List<Pair>> targets, Score score) {

  /** The score of a source for a target, by the networks of one seed. */
  interface Score {
    double of(Pair pair, int seed);
  }

  /** The same by the paper's measure, which is one for all seeds: near sources score higher. */
  static SourceRanks byEmd(List<List<Pair>> targets) {
    return new SourceRanks(targets, (pair, seed) -> -pair.emd());
  }

  /** The correlation with the accuracies of one way to learn the targets, for each seed. */
  Measurement correlation(Function<Pair, List<Errors>> errors) {
    int seeds = errors.apply(targets.get(0).get(0)).size();
    List<Double> values = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      int s = seed;
      values.add(
          targets.stream()
              .mapToDouble(
                  target ->
                      correlation(
                          array(target, pair -> score.of(pair, s)),
                          array(target, pair -> Pair.accuracy(errors.apply(pair)).values().get(s))))
              .average()
              .orElseThrow());
    }
    return new Measurement(values);
  }

  /**
   * The interval of this correlation. Scores and accuracies are means over the seeds, which scatter
   * less than those of one seed.
   */
  Interval interval(Function<Pair, List<Errors>> errors) {
    return PairedTransfers.bootstrap(
            targets.stream().map(target -> target.get(0).fineTuned()).toList())
        .interval(
            sample -> {
              double sum = 0;
              for (int t = 0; t < targets.size(); t++) {
                int target = t;
                List<Pair> row = targets.get(t);
                sum +=
                    correlation(
                        array(row, pair -> sample.mean(target, (run, i) -> score.of(pair, run))),
                        array(
                            row,
                            pair ->
                                -sample.error(
                                    target, PairedTransfers.outcomes(errors.apply(pair)))));
              }
              return sum / targets.size();
            });
  }

  /** Spearman's; 0 where all are equal, since neither ranks the other then. */
  private static double correlation(double[] scores, double[] accuracies) {
    double correlation = TransferScores.rankCorrelation(scores, accuracies);
    return Double.isNaN(correlation) ? 0 : correlation;
  }

  private static double[] array(List<Pair> pairs, ToDoubleFunction<Pair> value) {
    return pairs.stream().mapToDouble(value).toArray();
  }
}
