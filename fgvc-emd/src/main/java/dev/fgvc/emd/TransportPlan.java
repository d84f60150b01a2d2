package dev.fgvc.emd;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An optimal transport plan with the proof that it is optimal.
 *
 * <p>The plan is sparse: {@link #flowCount} flows in order of source, then target. Masses are
 * shares: all flows add up to 1, the flows of source i to its share of the supply. The proof is a
 * pair of potentials u, v with {@code u_i + v_j <= c_ij} for every pair. By linear-programming
 * duality no plan costs less than the sum of supply shares times u and demand shares times v. Here
 * potentials have twice double precision, and {@link #lowerBound} is their sum, rounded down by
 * more than it can be off. {@link #sourcePotentials} and {@link #targetPotentials} are rounded to
 * doubles such that the inequality still holds, exactly, for every pair. Costs that the plan avoids
 * do not enlarge them.
 *
 * <p>Immutable. Memory is 16 bytes a flow and 8 bytes a source and target.
 */
public final class TransportPlan {

  private final int[] sources;
  private final int[] targets;
  private final double[] flows;
  private final double[] sourcePotentials;
  private final double[] targetPotentials;
  private final Proof proof;
  private final SolveStatistics statistics;

  TransportPlan(
      int[] sources,
      int[] targets,
      double[] flows,
      double[] sourcePotentials,
      double[] targetPotentials,
      Proof proof,
      SolveStatistics statistics) {
    this.sources = sources;
    this.targets = targets;
    this.flows = flows;
    this.sourcePotentials = sourcePotentials;
    this.targetPotentials = targetPotentials;
    this.proof = proof;
    this.statistics = statistics;
  }

  /**
   * How good a plan is.
   *
   * @param distance what it costs
   * @param lowerBound what no plan can undercut, at most the distance
   * @param massRounding by how much more the optimum may cost, as masses were rounded
   * @param unit the largest cost that the plan uses, or of all if it uses none
   */
  record Proof(double distance, double lowerBound, double massRounding, double unit) {

    /** Smaller distances, for the costs in use, are compared with this share of them. */
    private static final double FLOOR = 0x1p-30;

    double relativeGap() {
      double gap = distance - lowerBound + massRounding;
      return gap == 0 ? 0 : gap / Math.max(Math.max(distance, FLOOR * unit), Double.MIN_NORMAL);
    }
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
    double lowerBound = ScaledCosts.scaledDown(proof.lowerBound, exponent);
    return new TransportPlan(
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
        statistics);
  }

  private static double[] scaled(double[] values, int exponent) {
    return Arrays.stream(values).map(value -> ScaledCosts.scaledDown(value, exponent)).toArray();
  }

  /**
   * The Earth Mover's Distance: the cost of this plan for a unit of mass (equation 2).
   *
   * @return sum of flow times cost, in the unit of the costs, at least 0
   */
  public double distance() {
    return proof.distance;
  }

  /**
   * What no plan can undercut.
   *
   * @return the dual objective of the potentials, or 0 where that is negative; at most {@link
   *     #distance}
   */
  public double lowerBound() {
    return proof.lowerBound();
  }

  /**
   * How far the distance can be above the optimum, relative to the distance.
   *
   * <p>The difference of distance and lower bound, and what rounding of the masses may have saved
   * (for weights other than counts, at most 2^-98 of them at the largest cost, and in a partial
   * matching as many times more as there are sources and targets), divided by the distance; or by
   * 2^-30 of the largest cost that the plan uses, if that is more, since that cost is no better
   * known than to 2^-53. So the distance of a domain to itself may be told from 0 by less than
   * 1e-18 of that cost.
   *
   * @return at least 0; 0 if both are 0 and masses are exact
   */
  public double relativeGap() {
    return proof.relativeGap();
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
   * Potentials are shifted so that it is 0: those of the larger side are at most 0, and 0 where
   * mass stays.
   *
   * @return 0
   */
  public double unmatchedPotential() {
    return 0;
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
    return "distance " + distance() + ", gap " + relativeGap() + ", " + flows.length + " flows";
  }
}
