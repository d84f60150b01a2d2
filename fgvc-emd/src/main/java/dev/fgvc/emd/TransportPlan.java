package dev.fgvc.emd;

import dev.fgvc.emd.internal.solve.Solution;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
 * do not enlarge them. In a partial matching the potentials of the larger side are at most 0, and 0
 * where mass stays.
 *
 * <p>Immutable. Memory is 16 bytes a flow and 8 bytes a source and target.
 */
public final class TransportPlan {

  /**
   * Mass that moves from one source to one target.
   *
   * @param source the row of the cost matrix
   * @param target the column of the cost matrix
   * @param mass the share of all mass, more than 0 and at most 1
   */
  public record Flow(int source, int target, double mass) {}

  private final Solution solution;

  TransportPlan(Solution solution) {
    this.solution = solution;
  }

  /**
   * The Earth Mover's Distance: the cost of this plan for a unit of mass (equation 2).
   *
   * @return sum of flow times cost, in the unit of the costs, at least 0
   */
  public double distance() {
    return solution.proof().distance();
  }

  /**
   * Returns a lower bound of the cost of every plan.
   *
   * @return the dual objective of the potentials, or 0 where that is negative; at most {@link
   *     #distance}
   */
  public double lowerBound() {
    return solution.proof().lowerBound();
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
    return solution.proof().relativeGap();
  }

  /**
   * The number of pairs with flow; an optimal plan needs fewer than sources + targets.
   *
   * @return at least 1
   */
  public int flowCount() {
    return solution.flows().length;
  }

  /**
   * All flows, in order of source, then target.
   *
   * <p>A small object is made for each flow as it passes; {@link #source}, {@link #target} and
   * {@link #flow} make none.
   *
   * @return {@link #flowCount} flows, whose masses add up to 1
   */
  public Stream<Flow> flows() {
    return IntStream.range(0, flowCount()).mapToObj(k -> new Flow(source(k), target(k), flow(k)));
  }

  /**
   * The source of a flow.
   *
   * @param k which flow, from 0 to {@code flowCount() - 1}
   * @return the row of the cost matrix
   */
  public int source(int k) {
    return solution.sources()[k];
  }

  /**
   * The target of a flow.
   *
   * @param k which flow, from 0 to {@code flowCount() - 1}
   * @return the column of the cost matrix
   */
  public int target(int k) {
    return solution.targets()[k];
  }

  /**
   * The mass that moves.
   *
   * @param k which flow, from 0 to {@code flowCount() - 1}
   * @return the share of all mass, more than 0 and at most 1
   */
  public double flow(int k) {
    return solution.flows()[k];
  }

  /**
   * The potential u of each source.
   *
   * @return a copy, in the unit of the costs
   */
  public double[] sourcePotentials() {
    return solution.sourcePotentials().clone();
  }

  /**
   * The potential v of each target.
   *
   * @return a copy, in the unit of the costs
   */
  public double[] targetPotentials() {
    return solution.targetPotentials().clone();
  }

  /**
   * How the plan was found.
   *
   * @return counts of rounds and arcs
   */
  public SolveStatistics statistics() {
    Solution.Work work = solution.work();
    return new SolveStatistics(work.rounds(), work.arcs(), work.pivots(), work.rowsPriced());
  }

  /** Distance, gap and number of flows. */
  @Override
  public String toString() {
    return "distance " + distance() + ", gap " + relativeGap() + ", " + flowCount() + " flows";
  }
}
