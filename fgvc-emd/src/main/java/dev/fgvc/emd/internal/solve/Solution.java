package dev.fgvc.emd.internal.solve;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.ScaledCosts;
import dev.fgvc.emd.internal.problem.CompensatedSum;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An optimal flow with its proof, as the solver leaves it. The arrays are the record's own: not to
 * be written.
 *
 * @param sources the row of each flow, in order of row, then column
 * @param targets the column of each flow
 * @param flows the share of all mass on each
 * @param sourcePotentials u for each row
 * @param targetPotentials v for each column; u_i + v_j exceeds no cost
 * @param proof how good the flow is
 * @param work what it took
 */
public record Solution(
    int[] sources,
    int[] targets,
    double[] flows,
    double[] sourcePotentials,
    double[] targetPotentials,
    Proof proof,
    Work work) {

  /**
   * How good a flow is.
   *
   * @param distance what it costs
   * @param lowerBound what no flow can undercut, at most the distance
   * @param massRounding by how much more the optimum may cost, as masses were rounded
   * @param unit the largest cost that the flow uses, or of all if it uses none
   */
  public record Proof(double distance, double lowerBound, double massRounding, double unit) {

    /** Smaller distances, for the costs in use, are compared with this share of them. */
    private static final double FLOOR = 0x1p-30;

    /** How far the distance can be above the optimum, relative to the distance. */
    public double relativeGap() {
      double gap = distance - lowerBound + massRounding;
      return gap == 0 ? 0 : gap / Math.max(Math.max(distance, FLOOR * unit), Double.MIN_NORMAL);
    }
  }

  /**
   * The work that a solve took.
   *
   * @param rounds restricted problems solved, without those of a part that was solved first
   * @param arcs pairs that the last of them had
   * @param pivots steps of the network simplex, those of a part included
   * @param rowsPriced rows of the cost matrix read to find wrongly priced pairs, likewise
   */
  public record Work(int rounds, int arcs, long pivots, long rowsPriced) {}

  /** Returns the solution of the problem with sources and targets exchanged. */
  public Solution transposed() {
    // Flows are in order of source already, so to count them by target keeps that order.
    int[] next = new int[targetPotentials.length + 1];
    for (int target : targets) {
      next[target + 1]++;
    }
    Arrays.parallelPrefix(next, Integer::sum);
    int[] exchangedSources = new int[flows.length];
    int[] exchangedTargets = new int[flows.length];
    double[] exchangedFlows = new double[flows.length];
    for (int k = 0; k < flows.length; k++) {
      int place = next[targets[k]]++;
      exchangedSources[place] = targets[k];
      exchangedTargets[place] = sources[k];
      exchangedFlows[place] = flows[k];
    }
    return new Solution(
        exchangedSources,
        exchangedTargets,
        exchangedFlows,
        targetPotentials,
        sourcePotentials,
        proof,
        work);
  }

  /**
   * Returns the solution for costs that are 2^exponent times as large. The distance is summed
   * again: scaled costs may have lost what is tiny beside the largest, and the gap has to show it.
   */
  public Solution scaled(int exponent, CostMatrix costs) {
    double[] flowCosts =
        IntStream.range(0, flows.length)
            .mapToDouble(k -> costs.get(sources[k], targets[k]))
            .toArray();
    double lowerBound = ScaledCosts.scaledDown(proof.lowerBound, exponent);
    return new Solution(
        sources,
        targets,
        flows,
        scaled(sourcePotentials, exponent),
        scaled(targetPotentials, exponent),
        new Proof(
            Math.max(lowerBound, CompensatedSum.dot(flows, flowCosts)),
            lowerBound,
            Math.scalb(proof.massRounding, exponent),
            Math.scalb(proof.unit, exponent)),
        work);
  }

  private static double[] scaled(double[] values, int exponent) {
    return Arrays.stream(values).map(value -> ScaledCosts.scaledDown(value, exponent)).toArray();
  }
}
