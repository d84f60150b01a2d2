package dev.fgvc.emd;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An optimal transport plan with the proof that it is optimal.
 *
 * <p>The plan is sparse: {@link #flowCount} flows in order of source, then target. Masses are
 * shares: all flows add up to 1, the flows of source i to its share of the supply. The proof is a
 * pair of potentials u, v with {@code u_i + v_j <= c_ij} for every pair, which holds in
 * double-precision arithmetic as written. By linear-programming duality no plan costs less than
 * {@link #lowerBound}, the sum of supply shares times u and demand shares times v; so {@link
 * #relativeGap} bounds how far this plan can be from the optimum.
 *
 * <p>Immutable. Memory is 16 bytes a flow and 8 bytes a source and target.
 */
public final class TransportPlan {

  private final int[] sources;
  private final int[] targets;
  private final double[] flows;
  private final double[] sourcePotentials;
  private final double[] targetPotentials;
  private final double unmatchedPotential;
  private final double distance;
  private final double lowerBound;
  private final SolveStatistics statistics;

  TransportPlan(
      int[] sources,
      int[] targets,
      double[] flows,
      double[] sourcePotentials,
      double[] targetPotentials,
      double unmatchedPotential,
      double distance,
      double lowerBound,
      SolveStatistics statistics) {
    this.sources = sources;
    this.targets = targets;
    this.flows = flows;
    this.sourcePotentials = sourcePotentials;
    this.targetPotentials = targetPotentials;
    this.unmatchedPotential = unmatchedPotential;
    this.distance = distance;
    this.lowerBound = lowerBound;
    this.statistics = statistics;
  }

  /**
   * The plan for costs that are 2^exponent times as large. The distance is summed anew: scaled
   * costs may have lost what is tiny beside the largest, and the gap has to show it.
   */
  TransportPlan scaled(int exponent, CostMatrix costs) {
    double[] flowCosts =
        IntStream.range(0, flows.length)
            .mapToDouble(k -> costs.get(sources[k], targets[k]))
            .toArray();
    return new TransportPlan(
        sources,
        targets,
        flows,
        scaled(sourcePotentials, exponent),
        scaled(targetPotentials, exponent),
        Math.scalb(unmatchedPotential, exponent),
        CompensatedSum.dot(flows, flowCosts),
        Math.scalb(lowerBound, exponent),
        statistics);
  }

  private static double[] scaled(double[] values, int exponent) {
    return Arrays.stream(values).map(value -> Math.scalb(value, exponent)).toArray();
  }

  /** The plan of a partial matching, from that of the padded problem. */
  TransportPlan withoutPadding(boolean paddedRow, double matched) {
    int rows = sourcePotentials.length - (paddedRow ? 1 : 0);
    int columns = targetPotentials.length - (paddedRow ? 0 : 1);
    int[] kept =
        IntStream.range(0, flows.length)
            .filter(k -> sources[k] < rows && targets[k] < columns)
            .toArray();
    return new TransportPlan(
        IntStream.of(kept).map(k -> sources[k]).toArray(),
        IntStream.of(kept).map(k -> targets[k]).toArray(),
        IntStream.of(kept).mapToDouble(k -> flows[k] / matched).toArray(),
        Arrays.copyOf(sourcePotentials, rows),
        Arrays.copyOf(targetPotentials, columns),
        paddedRow ? sourcePotentials[rows] : targetPotentials[columns],
        distance / matched,
        lowerBound / matched,
        statistics);
  }

  /**
   * The Earth Mover's Distance: the cost of this plan for a unit of mass (equation 2).
   *
   * @return sum of flow times cost, in the unit of the costs, at least 0
   */
  public double distance() {
    return distance;
  }

  /**
   * What no plan can undercut.
   *
   * @return the dual objective of the potentials, or 0 where that is larger
   */
  public double lowerBound() {
    return lowerBound;
  }

  /**
   * How far the distance can be above the optimum, relative to the distance.
   *
   * @return {@code |distance - lowerBound| / distance}; 0 if both are 0
   */
  public double relativeGap() {
    return distance == lowerBound ? 0 : Math.abs(distance - lowerBound) / distance;
  }

  /**
   * The number of pairs with flow; an optimal plan needs fewer than sources + targets.
   *
   * @return at least 1
   */
  public int flowCount() {
    return flows.length;
  }

  /**
   * The source of a flow.
   *
   * @param k which flow, from 0 to {@code flowCount() - 1}
   * @return the row of the cost matrix
   */
  public int source(int k) {
    return sources[k];
  }

  /**
   * The target of a flow.
   *
   * @param k which flow, from 0 to {@code flowCount() - 1}
   * @return the column of the cost matrix
   */
  public int target(int k) {
    return targets[k];
  }

  /**
   * The mass that moves.
   *
   * @param k which flow, from 0 to {@code flowCount() - 1}
   * @return the share of all mass, more than 0 and at most 1
   */
  public double flow(int k) {
    return flows[k];
  }

  /**
   * The potential u of each source.
   *
   * @return a copy, in the unit of the costs
   */
  public double[] sourcePotentials() {
    return sourcePotentials.clone();
  }

  /**
   * The potential v of each target.
   *
   * @return a copy, in the unit of the costs
   */
  public double[] targetPotentials() {
    return targetPotentials.clone();
  }

  /**
   * The potential w of the mass that a partial matching leaves in place: {@code u_i + w <= 0} for
   * every source if the supply is larger, {@code w + v_j <= 0} for every target if the demand is.
   * It enters the lower bound with the share of that mass.
   *
   * @return the potential; 0 where all mass moves
   */
  public double unmatchedPotential() {
    return unmatchedPotential;
  }

  /**
   * How the plan was found.
   *
   * @return counts of rounds and arcs
   */
  public SolveStatistics statistics() {
    return statistics;
  }

  /** Distance, gap and number of flows. */
  @Override
  public String toString() {
    return "distance " + distance + ", gap " + relativeGap() + ", " + flows.length + " flows";
  }
}
