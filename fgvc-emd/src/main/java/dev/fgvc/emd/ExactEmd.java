package dev.fgvc.emd;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.emd.internal.cost.CancellableCosts;
import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.cost.EuclideanBounds;
import dev.fgvc.emd.internal.cost.PaddedCosts;
import dev.fgvc.emd.internal.cost.PassProgress;
import dev.fgvc.emd.internal.cost.Points;
import dev.fgvc.emd.internal.cost.RowBlocks;
import dev.fgvc.emd.internal.cost.ScaledCosts;
import dev.fgvc.emd.internal.cost.TransposedCosts;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.solve.Solution;
import dev.fgvc.emd.internal.solve.TransportSolver;
import dev.fgvc.feature.FeatureRows;
import dev.fgvc.progress.Progress;
import java.util.Collection;
import java.util.function.BooleanSupplier;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * The Earth Mover's Distance between two weighted sets, exact and with a certificate (equation 2 of
 * Cui et al., CVPR 2018; Rubner et al., IJCV 2000).
 *
 * <p>For supplies s, demands t (each normalised to the sum 1) and costs c it solves
 *
 * <pre>
 *   minimise    sum_ij c_ij f_ij
 *   subject to  sum_j f_ij = s_i,   sum_i f_ij = t_j,   f_ij &gt;= 0
 * </pre>
 *
 * <p>Approximate duals choose few pairs, a network simplex solves on those, and passes over all
 * pairs add what is missing until nothing is. Flows are integers, and where doubles do not tell
 * whether a pair is missing, reduced costs of twice double precision do. So the plan is optimal
 * also where weights or costs differ by many orders of magnitude, or where some pairs are forbidden
 * by a cost far above all others; the limits are in {@link TransportPlan#relativeGap}. The same
 * input gives the same plan and potentials, bit by bit, whatever the number of threads.
 *
 * <p>Time is about three passes over the costs, on all threads of the common pool, and a flow
 * problem of some seven arcs for each source and target; memory beyond the costs is about 1.5 kB
 * for each node of the larger side and 0.5 kB for each of the smaller, and at most 64 MB for the
 * costs of a sample. No native library is needed. Above 12,000 sources and targets in all, with
 * image counts, OR-Tools' minimum-cost flow, if its native library is on the class path, finds the
 * simplex a better start: with 15,000 of each all the work takes about 0.8 times as long. Of
 * several optimal plans that may be another one.
 *
 * <p>Immutable, and safe for use by several threads.
 *
 * <pre>{@code
 * TransportPlan plan = ExactEmd.create().solve(supply, demand, cost);
 * double emd = plan.distance();        // proven to be within plan.relativeGap() of the optimum
 * }</pre>
 */
public final class ExactEmd {

  private static final ExactEmd DEFAULT = builder().build();

  /**
   * Columns for each row from which on a matrix in memory is solved the other way round: with
   * leaves of the simplex's tree for rows, 6089 x 555 takes 0.6 of the time of 555 x 6089.
   */
  private static final int WIDE = 2;

  /** Pairs from which on that pays for gathering columns. */
  private static final long TRANSPOSED_PAIRS = 500_000;

  private final boolean partialMatching;
  private final double maxRelativeGap;
  private final Progress progress;
  private final BooleanSupplier cancelled;

  private ExactEmd(Builder builder) {
    partialMatching = builder.partialMatching;
    maxRelativeGap = builder.maxRelativeGap;
    progress = builder.progress;
    cancelled = builder.cancelled;
  }

  /**
   * A solver with default settings: totals are normalised, gaps above 1e-9 are refused.
   *
   * @return the solver
   */
  public static ExactEmd create() {
    return DEFAULT;
  }

  /**
   * Starts from the default settings.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects settings; each is checked when it is given. */
  public static final class Builder {
    private boolean partialMatching;
    private double maxRelativeGap = 1e-9;
    private Progress progress = Progress.none();
    private BooleanSupplier cancelled = () -> false;

    private Builder() {}

    /**
     * Moves only as much mass as the smaller side has, from or to where that is cheapest, instead
     * of normalising both totals: what the denominator of equation 2 is for. Shares in the plan are
     * then of the mass that moves. Totals may differ by any factor.
     *
     * @return this builder
     */
    public Builder partialMatching() {
      partialMatching = true;
      return this;
    }

    /**
     * Sets the largest relative gap to accept; a larger one is an {@link ArithmeticException}.
     *
     * @param gap from 0 on; 1e-9 unless set
     * @return this builder
     * @throws IllegalArgumentException if the gap is negative or NaN
     */
    public Builder maxRelativeGap(double gap) {
      if (!(gap >= 0)) {
        throw new IllegalArgumentException("relative gap " + gap + ": must not be negative");
      }
      maxRelativeGap = gap;
      return this;
    }

    /**
     * Hears of each finished round; and, where there are more than 16 million pairs, how many
     * sources each pass over them has read, which tells the time left of that pass (targets, where
     * these are more points, or twice as many in a cost matrix). A part of the problem is solved
     * first, with rounds and passes of its own, where there are more than 1500 sources and as many
     * targets, or from 100 million pairs on, where one side has seven times the nodes of the other.
     *
     * @param progress called with the number of rounds so far and of missing pairs found, or with
     *     the number of sources or targets read and of all to be read
     * @return this builder
     */
    public Builder progress(Progress progress) {
      this.progress = progress;
      return this;
    }

    /**
     * Stops the work early, with a {@link java.util.concurrent.CancellationException}.
     *
     * @param cancelled asked often, by several threads; true stops the work
     * @return this builder
     */
    public Builder cancelWhen(BooleanSupplier cancelled) {
      this.cancelled = cancelled;
      return this;
    }

    /**
     * Makes the solver.
     *
     * @return a solver with these settings
     */
    public ExactEmd build() {
      return new ExactEmd(this);
    }
  }

  /**
   * Solves one problem.
   *
   * @param supply weight of each source: not negative, finite, not all zero; image counts are
   *     exact, other weights are rounded to 2^-99 of the total, and the gap accounts for that
   * @param demand weight of each target, likewise; its sum may differ from the supply's
   * @param cost sources x targets: not negative, finite
   * @return the optimal plan with its certificate
   * @throws IllegalArgumentException if there is no source or target, sizes disagree, or a weight
   *     or cost is NaN, infinite or negative
   * @throws ArithmeticException if the gap exceeds the limit, as weights other than counts are
   *     rounded and the distance is below 2^-90 of the largest cost
   */
  public TransportPlan solve(double[] supply, double[] demand, DMatrixRMaj cost) {
    checkSizes(supply, demand, "cost matrix", cost.numRows, cost.numCols);
    double largest = largest(cost);
    boolean transposed =
        cost.numCols >= WIDE * (long) cost.numRows
            && (long) cost.numRows * cost.numCols >= TRANSPOSED_PAIRS;
    return transposed
        ? solveTransposed(supply, demand, new TransposedCosts(cost), largest)
        : solve(supply, demand, new DenseCosts(cost), largest);
  }

  /**
   * Solves one problem with Euclidean costs that are computed as they are needed: image-level
   * transport. The first pass takes the time of a distance matrix in single precision. What it
   * finds, bounds of the costs in 4 bytes each, is kept for later passes in up to a quarter of the
   * heap, as long as nobody else needs the room; rows beyond that are computed about three times.
   * Whether they are changes no bit of the result. Memory besides is 4 bytes for each value of the
   * smaller set, and as for costs in memory. The plan's potentials of the larger set leave 8 units
   * in the last place, so that they suit distances that were rounded in another way, too.
   *
   * @param supply weight of each source, as in {@link #solve(double[], double[], DMatrixRMaj)}
   * @param demand weight of each target, likewise
   * @param sources one point a row, finite
   * @param targets one point a row, of the same dimension, finite
   * @return the optimal plan with its certificate
   * @throws IllegalArgumentException if a set is empty, sizes or dimensions disagree, a weight is
   *     NaN, infinite or negative, or a coordinate is NaN or infinite
   * @throws ArithmeticException if the gap exceeds the limit
   */
  public TransportPlan solveEuclidean(
      double[] supply, double[] demand, FMatrixRMaj sources, FMatrixRMaj targets) {
    return solveEuclidean(supply, demand, Points.of(sources), Points.of(targets));
  }

  /**
   * The same for points that need not be in memory, such as features in mapped files: of the larger
   * set a few rows at a time are read, about six times in all. Memory is as for matrices, less
   * these themselves. The result is that of matrices, bit by bit.
   *
   * @param supply weight of each source, as in {@link #solve(double[], double[], DMatrixRMaj)}
   * @param demand weight of each target, likewise
   * @param sources one point a row, finite
   * @param targets one point a row, of the same dimension, finite
   * @return the optimal plan with its certificate
   * @throws IllegalArgumentException if a set is empty, sizes or dimensions disagree, a weight is
   *     NaN, infinite or negative, or a coordinate is NaN or infinite
   * @throws ArithmeticException if the gap exceeds the limit
   */
  public TransportPlan solveEuclidean(
      double[] supply, double[] demand, FeatureRows sources, FeatureRows targets) {
    return solveEuclidean(supply, demand, Points.of(sources), Points.of(targets));
  }

  private TransportPlan solveEuclidean(
      double[] supply, double[] demand, Points sources, Points targets) {
    checkSizes(supply, demand, "distance matrix", sources.count(), targets.count());
    if (targets.count() > sources.count()) {
      EuclideanBounds costs = EuclideanBounds.transposed(sources, targets);
      return solveTransposed(supply, demand, costs, costs.largestDistance());
    }
    EuclideanBounds costs = EuclideanBounds.between(sources, targets);
    return solve(supply, demand, costs, costs.largestDistance());
  }

  boolean matchesPartially() {
    return partialMatching;
  }

  Progress progress() {
    return progress;
  }

  BooleanSupplier cancelled() {
    return cancelled;
  }

  private TransportPlan solve(double[] supply, double[] demand, CostMatrix costs, double largest) {
    return plan(solution(masses(supply, demand), costs, largest), largest);
  }

  /** Solves with a row for each target: the solver likes rows better than columns. */
  private TransportPlan solveTransposed(
      double[] supply, double[] demand, CostMatrix transposed, double largest) {
    Masses masses = masses(supply, demand).transposed();
    return plan(solution(masses, transposed, largest).transposed(), largest);
  }

  private Masses masses(double[] supply, double[] demand) {
    return partialMatching ? Masses.partial(supply, demand) : Masses.balanced(supply, demand);
  }

  private Solution solution(Masses masses, CostMatrix costs, double largest) {
    int exponent = ScaledCosts.exponentFor(largest);
    CostMatrix scaled = exponent == 0 ? costs : new ScaledCosts(costs, exponent);
    CancellableCosts watched = new CancellableCosts(scaled, cancelled, new PassProgress(progress));
    CostMatrix padded =
        switch (masses.padding()) {
          case NONE -> watched;
          case ONE_MORE_ROW -> new PaddedCosts(watched, true);
          case ONE_MORE_COLUMN -> new PaddedCosts(watched, false);
        };
    Solution solution =
        TransportSolver.solve(padded, Math.scalb(largest, exponent), masses, watched, progress);
    return exponent == 0 ? solution : solution.scaled(-exponent, costs);
  }

  private TransportPlan plan(Solution solution, double largest) {
    TransportPlan plan = new TransportPlan(solution);
    if (!(plan.relativeGap() <= maxRelativeGap)) {
      throw new ArithmeticException(
          lenientFormat(
              "the distance %s is proven only to a relative gap of %s, more than %s; costs go up to"
                  + " %s",
              plan.distance(), plan.relativeGap(), maxRelativeGap, largest));
    }
    return plan;
  }

  private static void checkSizes(
      double[] supply, double[] demand, String what, int rows, int columns) {
    if (supply.length == 0 || demand.length == 0) {
      throw new IllegalArgumentException(
          supply.length + " sources and " + demand.length + " targets; there must be at least one");
    }
    checkArgument(
        rows == supply.length && columns == demand.length,
        "the %s is %sx%s for %s sources and %s targets",
        what,
        rows,
        columns,
        supply.length,
        demand.length);
  }

  private static double largest(DMatrixRMaj cost) {
    Collection<double[]> largest =
        RowBlocks.run(
            cost.numRows,
            cost.numCols,
            () -> new double[1],
            (most, from, to) -> {
              double block = 0;
              for (int k = from * cost.numCols; k < to * cost.numCols; k++) {
                double value = cost.data[k];
                if (!(value >= 0 && value <= Double.MAX_VALUE)) {
                  throw new IllegalArgumentException(
                      lenientFormat(
                          "cost (%s, %s) is %s; costs must be finite and not negative",
                          k / cost.numCols, k % cost.numCols, value));
                }
                // Sooner than Math.max, which each time waits for the last.
                block = value > block ? value : block;
              }
              most[0] = Math.max(most[0], block);
            });
    return largest.stream().mapToDouble(most -> most[0]).max().orElse(0);
  }
}
