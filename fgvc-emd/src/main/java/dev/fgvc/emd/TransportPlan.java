package dev.fgvc.emd;

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
  private final double distance;
  private final double lowerBound;
  private final SolveStatistics statistics;

  TransportPlan(
      int[] sources,
      int[] targets,
      double[] flows,
      double[] sourcePotentials,
      double[] targetPotentials,
      double distance,
      double lowerBound,
      SolveStatistics statistics) {
    this.sources = sources;
    this.targets = targets;
    this.flows = flows;
    this.sourcePotentials = sourcePotentials;
    this.targetPotentials = targetPotentials;
    this.distance = distance;
    this.lowerBound = lowerBound;
    this.statistics = statistics;
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
