package dev.fgvc.emd.internal.solve;

import dev.fgvc.emd.internal.cost.CancellableCosts;
import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.problem.Amounts;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.BestArcs;
import dev.fgvc.emd.internal.problem.LeastFirst;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Potentials;
import dev.fgvc.emd.internal.simplex.FlowTree;
import dev.fgvc.emd.internal.simplex.TransportSimplex;
import dev.fgvc.emd.internal.simplex.TreeBuilder;
import dev.fgvc.emd.internal.simplex.TreePotentials;
import dev.fgvc.emd.internal.start.GreedyFlow;
import dev.fgvc.emd.internal.start.NativeFlow;
import dev.fgvc.emd.internal.start.NorthwestCorner;
import dev.fgvc.emd.internal.start.ResidualPotentials;
import dev.fgvc.emd.internal.start.SmoothedDuals;
import dev.fgvc.emd.internal.start.SparseSinkhorn;
import dev.fgvc.progress.Progress;
import java.util.Arrays;
import java.util.Optional;

/**
 * Solves a transportation problem on few of its arcs and proves the result on all of them.
 *
 * <p>Approximate duals choose candidate arcs (where there are many rows for each column, those of a
 * solution for some of the rows); a greedy flow starts on those, or, in large problems whose duals
 * are rough, OR-Tools with rounded costs; the network simplex makes that exact; one pass over all
 * arcs finds those that the duals price too low; they join the candidates, and the simplex goes on
 * from where it was, until there are none. Where doubles no longer tell whether an arc is priced
 * too low, the tree goes on in twice double precision.
 */
public final class TransportSolver {

  /** Candidate arcs for each row and column. */
  private static final double ARCS_PER_NODE = 4;

  /** The same for each partner that its mass suggests. */
  private static final double ARCS_PER_PARTNER = 2.5;

  /**
   * The same where a solution for some of the rows has told the potentials: they are so good that
   * few others are missing.
   */
  private static final double ARCS_PER_KNOWN_NODE = 2;

  private static final double ARCS_PER_KNOWN_PARTNER = 1.5;

  /** Pairs for each node that suffice as candidates where the smoothed plan tells them. */
  private static final int ENOUGH_NOTABLE = 2;

  /** Multiple of the candidates that takes part in the second smoothing. */
  private static final int WIDER = 2;

  /**
   * Multiple of the smoothing that reduced costs of the candidates stay below: few of larger ones
   * are of use, and not to sort them out took 7 % of the time of 6089 x 555.
   */
  private static final double SMALL = 16;

  /** Smoothing that suits arcs as a share of their typical reduced cost. */
  private static final double HEAT = 0.3;

  /** Arcs that join for each row and column in which the duals price some too low. */
  private static final int NEW_ARCS_PER_NODE = 3;

  /** The same once that has been done this often, which is seldom needed. */
  private static final int MORE_NEW_ARCS = 10;

  private static final int USUAL_ROUNDS = 3;

  /**
   * Steps into which the flow solver's costs are rounded; the simplex refines the result. With an
   * eighth as many the flow solver took 0.8 times as long on 5000 x 5000, and the simplex ten times
   * the pivots right after it.
   */
  private static final double COST_STEPS = 1024;

  private static final String TASK = "earth mover's distance";

  /** The task of a smaller problem, and of those that are smaller still. */
  private static final String PART = TASK + " of a part";

  /** Reduced costs this small, for the largest potential, are rounding. */
  private static final double ROUNDING = 0x1p-48;

  /** The same in twice double precision. */
  private static final double FINE_ROUNDING = 0x1p-94;

  private final boolean isPart;
  private final String task;
  private final CostMatrix costs;
  private final Masses masses;
  private final CancellableCosts watch;
  private final Progress progress;
  private final Potentials potentials;
  private final Pricing pricing;
  private final Thresholds thresholds;
  private ArcSet arcs;

  /** Whether the potentials are those of a solution for some of the rows. */
  private boolean partIsSolved;

  private int rounds;
  private long pivots;

  /** Rows read to price the pairs of smaller problems. */
  private long otherRowsRead;

  private TransportSolver(
      boolean isPart,
      CostMatrix costs,
      Masses masses,
      Thresholds thresholds,
      CancellableCosts watch,
      Progress progress) {
    this.isPart = isPart;
    task = isPart ? PART : TASK;
    this.thresholds = thresholds;
    this.watch = watch;
    this.progress = progress;
    this.costs = costs;
    this.masses = masses;
    potentials = new Potentials(costs.rows(), costs.columns());
    pricing =
        new Pricing(
            costs,
            potentials,
            open -> watch.pass().begin(task + ", all pairs", open, costs.columns()));
    arcs = ArcSet.of(costs, new long[0]);
  }

  /**
   * Solves.
   *
   * @param largestCost no cost is larger
   * @param watch asked between steps whether to go on
   */
  public static Solution solve(
      CostMatrix costs,
      double largestCost,
      Masses masses,
      CancellableCosts watch,
      Progress progress) {
    return solve(costs, largestCost, masses, Thresholds.USUAL, watch, progress);
  }

  /** The same with other sizes from which on the solver takes another way. */
  static Solution solve(
      CostMatrix costs,
      double largestCost,
      Masses masses,
      Thresholds thresholds,
      CancellableCosts watch,
      Progress progress) {
    TransportSolver solver = new TransportSolver(false, costs, masses, thresholds, watch, progress);
    return solver.plan(solver.optimalTree(), largestCost);
  }

  private FlowTree optimalTree() {
    chooseArcs();
    FlowTree tree = firstTree();
    improve(tree);
    return tree;
  }

  private void chooseArcs() {
    Optional<RowSample> someRows = RowSample.of(costs, masses, thresholds.samplePairs());
    if (someRows.isPresent()) {
      TransportSolver part = solved(someRows.get().costs(), someRows.get().masses());
      System.arraycopy(part.potentials.v(), 0, potentials.v(), 0, costs.columns());
      partIsSolved = true;
      takeBest(Double.POSITIVE_INFINITY);
      return;
    }
    watch.pass().begin(task + ", sample", costs.rows(), costs.columns());
    Optional<NodeSample> someNodes = NodeSample.of(costs, masses);
    if (someNodes.isPresent()) {
      chooseAfter(someNodes.get());
      return;
    }
    SmoothedDuals duals = SmoothedDuals.ofAll(costs, masses);
    long[] notable = duals.notablePairs();
    if (notable.length >= ENOUGH_NOTABLE * (costs.rows() + costs.columns())) {
      arcs = ArcSet.of(costs, notable);
      duals.setPotentials(potentials, arcs);
    } else {
      duals.setPotentials(potentials);
      arcs = ArcSet.of(costs, choice(1, Double.POSITIVE_INFINITY));
    }
  }

  private void chooseAfter(NodeSample some) {
    if (some.costs().rows() == costs.rows() || some.costs().columns() == costs.columns()) {
      SmoothedDuals duals = SmoothedDuals.ofSample(some.costs(), some.masses());
      some.setPotentials(costs, duals.feasibleRows(), potentials);
      // Where all costs are equal there is no smoothing, and all arcs count.
      double smoothing = duals.smoothing();
      takeBest(smoothing > 0 ? SMALL * smoothing : Double.POSITIVE_INFINITY);
    } else {
      some.setPotentials(costs, solved(some.costs(), some.masses()).potentials.u(), potentials);
      // Arcs of all reduced costs, as those from one cluster of points to another may be large.
      takeBest(Double.POSITIVE_INFINITY);
    }
  }

  /** Solves a smaller problem, whose potentials tell much of those of this one. */
  private TransportSolver solved(CostMatrix partCosts, Masses partMasses) {
    TransportSolver part =
        new TransportSolver(true, partCosts, partMasses, thresholds, watch, progress);
    part.optimalTree();
    pivots += part.pivots;
    otherRowsRead += part.rowsRead();
    return part;
  }

  /**
   * Finds the best pairs of all by the potentials of the columns.
   *
   * @param times multiple of the usual number
   * @param below only pairs of reduced cost less than this
   */
  private long[] choice(int times, double below) {
    watch.pass().begin(task + ", choice of pairs", costs.rows(), costs.columns());
    return BestArcs.ofAll(
        costs,
        potentials,
        times(times, candidatesPerRow()),
        times(times, candidatesPerColumn()),
        below,
        partIsSolved ? pricing.keeping() : (row, line) -> {});
  }

  /**
   * Takes the best of many candidates, by potentials that follow from all of these.
   *
   * @param below only pairs of reduced cost less than this
   */
  private void takeBest(double below) {
    ArcSet wide = ArcSet.of(costs, choice(WIDER, below));
    double smoothing = HEAT * typicalReduced(wide);
    if (smoothing > 0) {
      SparseSinkhorn.improve(wide, potentials, masses, smoothing);
    }
    arcs =
        wide.replacedBy(
            costs, BestArcs.among(wide, potentials, candidatesPerRow(), candidatesPerColumn()));
  }

  /** The median of the reduced costs. */
  private double typicalReduced(ArcSet some) {
    return LeastFirst.inPlace(reducedCosts(some), some.size() / 2);
  }

  private double[] reducedCosts(ArcSet some) {
    double[] reduced = new double[some.size()];
    for (int k = 0; k < reduced.length; k++) {
      reduced[k] = some.cost(k) - potentials.u(some.row(k)) - potentials.v(some.column(k));
    }
    return reduced;
  }

  private int[] candidatesPerRow() {
    return arcsPerNode(masses.supplyShare(), costs.columns());
  }

  private int[] candidatesPerColumn() {
    return arcsPerNode(masses.demandShare(), costs.rows());
  }

  /**
   * Returns the candidates for each node: a node with the mass of n others has about n partners in
   * the plan.
   */
  private int[] arcsPerNode(double[] shares, int others) {
    double least = partIsSolved ? ARCS_PER_KNOWN_NODE : ARCS_PER_NODE;
    double perPartner = partIsSolved ? ARCS_PER_KNOWN_PARTNER : ARCS_PER_PARTNER;
    int[] counts = new int[shares.length];
    for (int k = 0; k < counts.length; k++) {
      counts[k] = (int) Math.min(others, least + perPartner * shares[k] * others);
    }
    return counts;
  }

  private static int[] times(int factor, int[] counts) {
    return Arrays.stream(counts).map(count -> factor * count).toArray();
  }

  private FlowTree firstTree() {
    boolean greedyIsNear =
        partIsSolved || costs.rows() + costs.columns() <= thresholds.greedyNodes();
    if (!greedyIsNear && masses.haveNoLowerParts()) {
      long[] supply = masses.supply().toLongs();
      long[] demand = masses.demand().toLongs();
      ArcSet feasible = arcs.with(costs, NorthwestCorner.keys(supply, demand));
      Optional<long[]> flow = nativeFlow(supply, demand, feasible);
      if (flow.isPresent()) {
        arcs = feasible;
        return TreeBuilder.build(costs, arcs, Amounts.of(flow.get()), potentials);
      }
    }
    GreedyFlow.Result greedy = GreedyFlow.find(costs, arcs, potentials, masses);
    arcs = greedy.arcs();
    return TreeBuilder.build(costs, arcs, greedy.flow(), potentials);
  }

  /**
   * Solves on some arcs with rounded costs, if the flow solver can be had; brings the potentials to
   * that optimum.
   */
  private Optional<long[]> nativeFlow(long[] supply, long[] demand, ArcSet on) {
    int size = on.size();
    double[] reduced = reducedCosts(on);
    double typical = LeastFirst.inPlace(reduced.clone(), size * 9 / 10);
    double unit = typical > 0 ? typical / COST_STEPS : 1;
    long limit = NativeFlow.MAX_SCALED_COST / (costs.rows() + costs.columns() + 1L);
    long[] scaled = new long[size];
    for (int k = 0; k < size; k++) {
      scaled[k] = (long) Math.max(-limit, Math.min(limit, Math.rint(reduced[k] / unit)));
    }
    Optional<long[]> flow = NativeFlow.solve(supply, demand, on, scaled);
    if (flow.isPresent()) {
      long[] label = ResidualPotentials.find(costs.rows(), costs.columns(), on, scaled, flow.get());
      for (int i = 0; i < potentials.u().length; i++) {
        potentials.u()[i] -= label[i] * unit;
      }
      for (int j = 0; j < potentials.v().length; j++) {
        potentials.v()[j] += label[potentials.u().length + j] * unit;
      }
    }
    return flow;
  }

  private void improve(FlowTree tree) {
    TransportSimplex simplex = new TransportSimplex(tree);
    while (true) {
      rounds++;
      int joining = rounds <= USUAL_ROUNDS ? NEW_ARCS_PER_NODE : MORE_NEW_ARCS;
      double size = tree.largestPotential();
      double tolerance = (tree.isFine() ? FINE_ROUNDING : ROUNDING) * size;
      simplex.optimise(arcs, tolerance, ROUNDING * size, watch);
      TreePotentials.take(tree, masses, potentials);
      long[] missing =
          pricing.find(
              arcs,
              filled(costs.rows(), joining),
              filled(costs.columns(), joining),
              -2 * FINE_ROUNDING * tree.largestPotential(),
              -2 * tolerance);
      progress.report(task, rounds, -1, missing.length + " pairs missing");
      int before = arcs.size();
      if (missing.length > 0) {
        arcs = arcs.with(costs, missing);
      }
      if (arcs.size() == before) {
        // All that the duals still price too low take part: doubles do not tell so. They do for the
        // estimates that a part gives.
        if (missing.length == 0 || tree.isFine() || isPart) {
          pivots += simplex.pivots();
          return;
        }
        tree.becomeFine();
      }
    }
  }

  private static int[] filled(int nodes, int count) {
    int[] counts = new int[nodes];
    Arrays.fill(counts, count);
    return counts;
  }

  private long rowsRead() {
    return otherRowsRead + pricing.rowsRead();
  }

  private Solution plan(FlowTree tree, double largestCost) {
    pricing.makeFeasible();
    return new PlanBuilder(tree, masses, largestCost)
        .build(
            potentials,
            pricing.feasibleDoubles(),
            new Solution.Work(rounds, arcs.size(), pivots, rowsRead()));
  }
}
