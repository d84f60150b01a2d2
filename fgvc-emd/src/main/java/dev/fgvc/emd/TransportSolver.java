package dev.fgvc.emd;

import dev.fgvc.progress.Progress;
import java.util.Arrays;

/**
 * Solves a transportation problem on few of its arcs and proves the result on all of them.
 *
 * <p>Approximate duals choose candidate arcs; OR-Tools solves on those, with rounded costs; the
 * network simplex makes that exact; one pass over all arcs finds those that the duals price too
 * low; they join the candidates, and the simplex goes on from where it was, until there are none.
 */
final class TransportSolver {

  /** Pairs up to which approximate duals of a small sample are enough. */
  private static final int SMALL = 100_000;

  /**
   * Nodes up to which a greedy flow is the start in place of the flow solver's. On 1100 nodes all
   * the work took 8 ms so and 13 ms with that solver, on 2000 43 and 62; on 10,000 the simplex
   * would need far more pivots than it saves.
   */
  private static final int GREEDY_NODES = 2000;

  /** Candidate arcs for each row and column. */
  private static final double ARCS_PER_NODE = 4;

  /** The same for each partner that its mass suggests. */
  private static final double ARCS_PER_PARTNER = 2.5;

  /** So many times the candidates take part in the second smoothing. */
  private static final int WIDER = 2;

  /** Arcs that join for each row and column in which the duals price some too low. */
  private static final int NEW_ARCS_PER_NODE = 3;

  /**
   * Steps into which the flow solver's costs are rounded. Coarse, as the simplex refines the
   * result: fewer scaling phases for the former, more pivots for the latter.
   */
  private static final double COST_STEPS = 128;

  /** More rounds than any instance has needed; each adds arcs, so the loop ends without it too. */
  private static final int MAX_ROUNDS = 1000;

  /** Reduced costs this small, for the largest potential, are rounding. */
  private static final double ROUNDING = 0x1p-48;

  private final CostMatrix costs;
  private final Masses masses;
  private final WatchedCosts watch;
  private final Progress progress;
  private final Potentials potentials;
  private final Pricing pricing;
  private ArcSet arcs;
  private int rounds;
  private long pivots;

  private TransportSolver(CostMatrix costs, Masses masses, WatchedCosts watch, Progress progress) {
    this.watch = watch;
    this.progress = progress;
    this.costs = costs;
    this.masses = masses;
    potentials = new Potentials(costs.rows(), costs.columns());
    pricing = new Pricing(costs, potentials);
    arcs = ArcSet.of(costs, new long[0]);
  }

  /**
   * Solves.
   *
   * @param watch asked between steps whether to go on
   */
  static TransportPlan solve(
      CostMatrix costs, Masses masses, WatchedCosts watch, Progress progress) {
    TransportSolver solver = new TransportSolver(costs, masses, watch, progress);
    solver.chooseArcs();
    FlowTree tree = solver.firstTree();
    solver.improve(tree);
    return solver.plan(tree);
  }

  private void chooseArcs() {
    boolean small = (long) costs.rows() * costs.columns() <= SMALL;
    double smoothing = SampledDuals.find(costs, potentials, masses, small);
    int[] perRow = arcsPerNode(masses.supplyShare(), costs.columns());
    int[] perColumn = arcsPerNode(masses.demandShare(), costs.rows());
    if (small) {
      arcs = ArcSet.of(costs, BestArcs.ofAll(costs, potentials, perRow, perColumn));
      return;
    }
    ArcSet wide =
        ArcSet.of(
            costs,
            BestArcs.ofAll(costs, potentials, times(WIDER, perRow), times(WIDER, perColumn)));
    SparseSinkhorn.improve(wide, potentials, masses, smoothing);
    arcs = wide.replacedBy(costs, BestArcs.among(wide, potentials, perRow, perColumn));
  }

  /** A node with the mass of so many of the others has about so many partners in the plan. */
  private static int[] arcsPerNode(double[] shares, int others) {
    int[] arcs = new int[shares.length];
    for (int k = 0; k < arcs.length; k++) {
      arcs[k] = (int) Math.min(others, ARCS_PER_NODE + ARCS_PER_PARTNER * shares[k] * others);
    }
    return arcs;
  }

  private static int[] times(int factor, int[] counts) {
    return Arrays.stream(counts).map(count -> factor * count).toArray();
  }

  private FlowTree firstTree() {
    if (costs.rows() + costs.columns() <= GREEDY_NODES) {
      GreedyFlow.Result greedy = GreedyFlow.find(costs, arcs, potentials, masses);
      arcs = greedy.arcs();
      return TreeBuilder.build(costs, arcs, greedy.flow(), potentials);
    }
    arcs = arcs.with(costs, NorthwestCorner.keys(masses.supply(), masses.demand()));
    return TreeBuilder.build(costs, arcs, nativeFlow(), potentials);
  }

  /** Solves on the present arcs with rounded costs; brings the potentials to that optimum. */
  private long[] nativeFlow() {
    int size = arcs.size();
    double[] reduced = new double[size];
    for (int k = 0; k < size; k++) {
      reduced[k] = arcs.cost[k] - potentials.u[arcs.row[k]] - potentials.v[arcs.column[k]];
    }
    double[] sorted = reduced.clone();
    Arrays.sort(sorted);
    double typical = sorted[sorted.length * 9 / 10];
    double unit = typical > 0 ? typical / COST_STEPS : 1;
    long limit = NativeFlow.MAX_SCALED_COST / (costs.rows() + costs.columns() + 1L);
    long[] scaled = new long[size];
    for (int k = 0; k < size; k++) {
      scaled[k] = (long) Math.min(limit, Math.rint(reduced[k] / unit));
    }
    long[] flow =
        NativeFlow.solve(masses.supply(), masses.demand(), arcs.row, arcs.column, scaled, size);
    long[] label =
        ResidualPotentials.find(
            costs.rows(), costs.columns(), arcs.row, arcs.column, scaled, flow, size);
    for (int i = 0; i < potentials.u.length; i++) {
      potentials.u[i] -= label[i] * unit;
    }
    for (int j = 0; j < potentials.v.length; j++) {
      potentials.v[j] += label[potentials.u.length + j] * unit;
    }
    return flow;
  }

  private void improve(FlowTree tree) {
    TransportSimplex simplex = new TransportSimplex(tree);
    int[] newPerRow = filled(costs.rows());
    int[] newPerColumn = filled(costs.columns());
    while (true) {
      rounds++;
      double tolerance = tolerance(tree);
      simplex.optimise(arcs, tolerance, watch);
      tree.refreshPotentials();
      Arrays.setAll(potentials.u, tree::potential);
      Arrays.setAll(potentials.v, j -> tree.potential(tree.rows + j));
      long[] missing = pricing.find(arcs, newPerRow, newPerColumn, -2 * tolerance);
      progress.report("earth mover's distance", rounds, -1, missing.length + " pairs missing");
      int before = arcs.size();
      if (missing.length > 0) {
        arcs = arcs.with(costs, missing);
      }
      if (arcs.size() == before || rounds == MAX_ROUNDS) {
        pivots = simplex.pivots();
        return;
      }
    }
  }

  private static int[] filled(int nodes) {
    int[] counts = new int[nodes];
    Arrays.fill(counts, NEW_ARCS_PER_NODE);
    return counts;
  }

  private static double tolerance(FlowTree tree) {
    double largest = 0;
    for (int node = 0; node < tree.nodes(); node++) {
      largest = Math.max(largest, Math.abs(tree.potential(node)));
    }
    return ROUNDING * largest;
  }

  private double dualObjective() {
    return CompensatedSum.dot(masses.supplyShare(), potentials.u)
        + CompensatedSum.dot(masses.demandShare(), potentials.v);
  }

  private TransportPlan plan(FlowTree tree) {
    pricing.makeFeasible();
    int columns = costs.columns();
    long[] keys = new long[tree.nodes()];
    int count = 0;
    for (int node = 0; node < keys.length; node++) {
      if (tree.parent[node] != FlowTree.NONE && tree.flow[node] > 0) {
        keys[count++] = key(tree, node, columns);
      }
    }
    keys = Arrays.copyOf(keys, count);
    Arrays.sort(keys);
    int[] sources = new int[count];
    int[] targets = new int[count];
    double[] flows = new double[count];
    double[] flowCosts = new double[count];
    for (int node = 0; node < tree.nodes(); node++) {
      if (tree.parent[node] != FlowTree.NONE && tree.flow[node] > 0) {
        long key = key(tree, node, columns);
        int k = Arrays.binarySearch(keys, key);
        sources[k] = (int) (key / columns);
        targets[k] = (int) (key % columns);
        flows[k] = (double) tree.flow[node] / masses.total();
        flowCosts[k] = tree.cost[node];
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
        0,
        distance,
        bound,
        new SolveStatistics(rounds, arcs.size(), pivots, pricing.rowsRead()));
  }

  private static long key(FlowTree tree, int node, int columns) {
    int other = tree.parent[node];
    int row = tree.isRow(node) ? node : other;
    int column = (tree.isRow(node) ? other : node) - tree.rows;
    return (long) row * columns + column;
  }
}
