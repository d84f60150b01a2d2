package dev.fgvc.emd;

import java.util.Arrays;

/**
 * Solves a transportation problem on few of its arcs and proves the result on all of them.
 *
 * <p>Approximate duals choose candidate arcs; OR-Tools solves on those; shortest paths in the
 * residual graph give exact duals; one pass over all arcs finds those that the duals price too low;
 * they join the candidates, until there are none. Costs go to the flow solver reduced by the latest
 * duals, which makes them small and the solve short: its way to start warm.
 */
final class TransportSolver {

  private static final int ARCS_PER_NODE = 10;
  private static final int NEW_ARCS_PER_NODE = 3;

  /** More rounds than any instance has needed; each adds arcs, so the loop ends without it too. */
  private static final int MAX_ROUNDS = 1000;

  /** Integer cost units in one unit of the distance: well below the gap that is promised. */
  private static final double UNITS_PER_DISTANCE = 0x1p42;

  private final CostMatrix costs;
  private final Masses masses;
  private final Potentials potentials;
  private ArcSet arcs;
  private long[] flow = {};
  private int rounds;

  private TransportSolver(CostMatrix costs, Masses masses) {
    this.costs = costs;
    this.masses = masses;
    potentials = new Potentials(costs.rows(), costs.columns());
    arcs = ArcSet.of(costs);
  }

  static TransportPlan solve(CostMatrix costs, Masses masses) {
    TransportSolver solver = new TransportSolver(costs, masses);
    solver.chooseArcs();
    solver.iterate();
    return solver.plan();
  }

  private void chooseArcs() {
    potentials.fitRows(costs);
    potentials.fitColumns(costs);
    SinkhornDuals.improve(costs, potentials, masses);
    potentials.fitColumns(costs);
    potentials.fitRows(costs);
    arcs =
        ArcSet.of(
            costs,
            BestArcs.find(
                costs, potentials, ARCS_PER_NODE, ARCS_PER_NODE, Double.POSITIVE_INFINITY),
            NorthwestCorner.keys(masses.supply(), masses.demand()));
  }

  private void iterate() {
    while (true) {
      double unit = round();
      long[] missing =
          BestArcs.find(costs, potentials, NEW_ARCS_PER_NODE, NEW_ARCS_PER_NODE, -4 * unit);
      int before = arcs.size();
      if (missing.length == 0) {
        return;
      }
      arcs = arcs.with(costs, missing);
      if (arcs.size() == before || rounds == MAX_ROUNDS) {
        return;
      }
    }
  }

  /** Solves on the present arcs and brings the potentials to the optimum there. */
  private double round() {
    rounds++;
    int size = arcs.size();
    double[] reduced = new double[size];
    double largest = 0;
    for (int k = 0; k < size; k++) {
      reduced[k] = arcs.cost[k] - potentials.u[arcs.row[k]] - potentials.v[arcs.column[k]];
      largest = Math.max(largest, Math.abs(reduced[k]));
    }
    double nodes = costs.rows() + costs.columns() + 2;
    double unit =
        Math.max(
            largest * nodes / NativeFlow.MAX_SCALED_COST,
            Math.abs(dualObjective()) / UNITS_PER_DISTANCE);
    if (!(unit > 0)) {
      unit = Double.MIN_NORMAL;
    }
    long[] scaled = new long[size];
    for (int k = 0; k < size; k++) {
      scaled[k] = Math.round(reduced[k] / unit);
    }
    flow = NativeFlow.solve(masses.supply(), masses.demand(), arcs.row, arcs.column, scaled, size);
    long[] label =
        ResidualPotentials.find(
            costs.rows(), costs.columns(), arcs.row, arcs.column, scaled, flow, size);
    for (int i = 0; i < potentials.u.length; i++) {
      potentials.u[i] -= label[i] * unit;
    }
    for (int j = 0; j < potentials.v.length; j++) {
      potentials.v[j] += label[potentials.u.length + j] * unit;
    }
    return unit;
  }

  private double dualObjective() {
    return CompensatedSum.dot(masses.supplyShare(), potentials.u)
        + CompensatedSum.dot(masses.demandShare(), potentials.v);
  }

  private TransportPlan plan() {
    potentials.makeFeasible(costs);
    int count = (int) Arrays.stream(flow).filter(mass -> mass > 0).count();
    int[] sources = new int[count];
    int[] targets = new int[count];
    double[] flows = new double[count];
    double[] flowCosts = new double[count];
    int next = 0;
    for (int k = 0; k < flow.length; k++) {
      if (flow[k] > 0) {
        sources[next] = arcs.row[k];
        targets[next] = arcs.column[k];
        flows[next] = (double) flow[k] / masses.total();
        flowCosts[next++] = arcs.cost[k];
      }
    }
    double distance = CompensatedSum.dot(flows, flowCosts);
    double bound = Math.max(0, dualObjective());
    return new TransportPlan(
        sources,
        targets,
        flows,
        potentials.u,
        potentials.v,
        distance,
        bound,
        new SolveStatistics(rounds, arcs.size()));
  }
}
