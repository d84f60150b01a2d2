package dev.fgvc.emd.internal.solve;

import dev.fgvc.emd.internal.problem.DoubleDouble;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Potentials;
import dev.fgvc.emd.internal.simplex.FlowTree;
import java.util.Arrays;

/** Makes a plan, with its proof, of an optimal flow tree. */
final class PlanBuilder {

  /** Relative error of a sum of products in twice double precision, beside that of its length. */
  private static final double ROUNDING = 0x1p-98;

  private final FlowTree tree;
  private final Masses masses;
  private final double largestCost;

  /**
   * Starts from an optimum.
   *
   * @param largestCost no cost is larger
   */
  PlanBuilder(FlowTree tree, Masses masses, double largestCost) {
    this.tree = tree;
    this.masses = masses;
    this.largestCost = largestCost;
  }

  /**
   * Makes the plan.
   *
   * @param potentials feasible in twice double precision
   * @param sourcePotentials potentials of the rows that are feasible beside the rounded ones of the
   *     columns
   */
  Solution build(Potentials potentials, double[] sourcePotentials, Solution.Work work) {
    int[] nodes = nodesWithFlow();
    int[] sources = new int[nodes.length];
    int[] targets = new int[nodes.length];
    double[] flows = new double[nodes.length];
    DoubleDouble cost = DoubleDouble.ZERO;
    double largestUsed = 0;
    for (int k = 0; k < nodes.length; k++) {
      int node = nodes[k];
      sources[k] = tree.rowOfArc(node);
      targets[k] = tree.columnOfArc(node);
      DoubleDouble flow = tree.flowOfArc(node);
      flows[k] = flow.high() / masses.moved().high();
      cost = cost.plus(flow.times(tree.costOfArc(node)));
      largestUsed = Math.max(largestUsed, tree.costOfArc(node));
    }
    double bound = Math.max(0, lowerBound(potentials));
    return new Solution(
        sources,
        targets,
        flows,
        Arrays.copyOf(sourcePotentials, masses.sources()),
        Arrays.copyOf(potentials.v(), masses.targets()),
        new Solution.Proof(
            Math.max(cost.dividedBy(masses.moved()).high(), bound),
            bound,
            masses.rounding() * largestCost,
            largestUsed > 0 ? largestUsed : largestCost),
        work);
  }

  /** The lower ends of arcs with flow between sources and targets, in order of row and column. */
  private int[] nodesWithFlow() {
    long columns = masses.targets();
    long[] keys = new long[tree.nodes()];
    int count = 0;
    for (int node = 0; node < tree.nodes(); node++) {
      if (moves(node)) {
        keys[count++] = tree.rowOfArc(node) * columns + tree.columnOfArc(node);
      }
    }
    keys = Arrays.copyOf(keys, count);
    Arrays.sort(keys);
    int[] nodes = new int[count];
    for (int node = 0; node < tree.nodes(); node++) {
      if (moves(node)) {
        long key = tree.rowOfArc(node) * columns + tree.columnOfArc(node);
        nodes[Arrays.binarySearch(keys, key)] = node;
      }
    }
    return nodes;
  }

  private boolean moves(int node) {
    return tree.hasFlow(node)
        && tree.rowOfArc(node) < masses.sources()
        && tree.columnOfArc(node) < masses.targets();
  }

  /** The dual objective, less what may be rounding in it. */
  private double lowerBound(Potentials potentials) {
    WeightedSum rows = new WeightedSum();
    for (int i = 0; i < potentials.u().length; i++) {
      rows.add(masses.supplyWeights()[i], potentials.row(i));
    }
    WeightedSum columns = new WeightedSum();
    for (int j = 0; j < potentials.v().length; j++) {
      columns.add(masses.demandWeights()[j], potentials.column(j));
    }
    DoubleDouble objective =
        rows.sum.dividedBy(masses.supplyUnit()).plus(columns.sum.dividedBy(masses.demandUnit()));
    double terms =
        rows.magnitude / masses.supplyUnit().high()
            + columns.magnitude / masses.demandUnit().high();
    double length = (double) potentials.u().length + potentials.v().length;
    // The potentials are feasible up to the rounding of reduced costs.
    double error = (ROUNDING + length * DoubleDouble.ROUNDING) * (terms + potentials.size());
    return objective.lessAtLeast(error + length * Double.MIN_NORMAL);
  }

  private static final class WeightedSum {
    private DoubleDouble sum = DoubleDouble.ZERO;
    private double magnitude;

    void add(double weight, DoubleDouble potential) {
      if (weight > 0) {
        sum = sum.plus(potential.times(weight));
        magnitude += Math.abs(weight * potential.high());
      }
    }
  }
}
