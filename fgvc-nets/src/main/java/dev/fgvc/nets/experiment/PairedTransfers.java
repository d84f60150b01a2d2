package dev.fgvc.nets.experiment;

import dev.fgvc.metric.Bootstrap;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;
import java.util.ArrayList;
import java.util.List;

/**
 * Two ways of learning several targets, compared image by image: with the same seeds, on the same
 * images.
 *
 * @param before for each target, the errors of each seed one way
 * @param after for each target, the errors of each seed the other way
 */
record PairedTransfers(List<List<Errors>> before, List<List<Errors>> after) {

  /** The claim that the second way's accuracy, as a mean over the targets, is higher by some. */
  Direction leads(String claim, double least) {
    List<List<Outcomes>> baseline = before.stream().map(PairedTransfers::outcomes).toList();
    List<List<Outcomes>> other = after.stream().map(PairedTransfers::outcomes).toList();
    List<Double> leads = new ArrayList<>();
    for (int run = 0; run < before.get(0).size(); run++) {
      double sum = 0;
      for (int target = 0; target < before.size(); target++) {
        sum += error(baseline, target, run) - error(other, target, run);
      }
      leads.add(sum / before.size());
    }
    return new Direction(
        claim,
        new Measurement(leads),
        bootstrap(before).gain(baseline, other),
        least,
        ResultTable.Unit.PERCENT);
  }

  private static double error(List<List<Outcomes>> outcomes, int target, int run) {
    return outcomes.get(target).get(run).topK(1).error();
  }

  /** Draws seeds, and the classes and images of each target. */
  static Bootstrap bootstrap(List<List<Errors>> targets) {
    return Bootstrap.of(
        targets.get(0).size(),
        targets.stream().map(runs -> runs.get(0).outcomes().labels()).toList());
  }

  static List<Outcomes> outcomes(List<Errors> runs) {
    return runs.stream().map(Errors::outcomes).toList();
  }
}
