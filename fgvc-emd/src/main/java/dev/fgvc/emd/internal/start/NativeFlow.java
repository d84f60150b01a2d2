package dev.fgvc.emd.internal.start;

import static com.google.common.base.Strings.lenientFormat;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.ortools.Loader;
import com.google.ortools.graph.MinCostFlow;
import com.google.ortools.graph.MinCostFlowBase.Status;
import dev.fgvc.emd.internal.problem.ArcSet;
import java.util.Optional;

/**
 * Minimum-cost flow by OR-Tools (cost-scaling push-relabel), the one place that touches its Java
 * wrapper.
 *
 * <p>It only makes large problems sooner solved, so it may be absent: no error of it gets further
 * than this class.
 *
 * <p>The wrapper trusts its caller: reading a flow before a successful solve, or any call after
 * {@code delete}, ends the JVM; a capacity sum beyond 2^63 surfaces as an unknown enum value; an
 * overflow of the total cost is reported as success. So arguments are checked here first, flows are
 * read only after OPTIMAL, the solver's own total is never used, and the native object lives within
 * one method.
 */
public final class NativeFlow {

  /** Largest |cost| x (nodes + 1): the solver multiplies costs so, and adds a few of them. */
  public static final long MAX_SCALED_COST = 1L << 59;

  /** Largest total supply; capacities leaving a node add up to no more. */
  static final long MAX_TOTAL = 1L << 61;

  private static final Supplier<Boolean> AVAILABLE = Suppliers.memoize(NativeFlow::load);

  private NativeFlow() {}

  /**
   * Solves a transportation problem on given arcs.
   *
   * @param supply non-negative masses of the rows
   * @param demand non-negative masses of the columns, with the same total, at most {@link
   *     #MAX_TOTAL}
   * @param arcs the arcs that may carry flow; their costs do not count
   * @param costs the cost of a unit of mass on each arc, of any sign; |cost| x (nodes + 1) at most
   *     {@link #MAX_SCALED_COST}
   * @return the flow on each arc; nothing if OR-Tools' native library is not there or fails, which
   *     it reports as an exception or by its status
   * @throws IllegalArgumentException if masses or costs are out of range
   */
  public static Optional<long[]> solve(long[] supply, long[] demand, ArcSet arcs, long[] costs) {
    checkTotals(supply, demand);
    int nodes = supply.length + demand.length;
    long limit = MAX_SCALED_COST / (nodes + 1L);
    for (int k = 0; k < costs.length; k++) {
      if (costs[k] > limit || costs[k] < -limit) {
        throw new IllegalArgumentException(
            lenientFormat(
                "cost %s of arc %s is beyond %s for %s nodes", costs[k], k, limit, nodes));
      }
    }
    if (!isAvailable()) {
      return Optional.empty();
    }
    try {
      return solveNatively(supply, demand, arcs, costs);
    } catch (RuntimeException | LinkageError failure) {
      return Optional.empty();
    }
  }

  private static Optional<long[]> solveNatively(
      long[] supply, long[] demand, ArcSet arcs, long[] costs) {
    MinCostFlow problem = new MinCostFlow(supply.length + demand.length, costs.length);
    try {
      for (int k = 0; k < costs.length; k++) {
        long capacity = Math.min(supply[arcs.row(k)], demand[arcs.column(k)]);
        int index =
            problem.addArcWithCapacityAndUnitCost(
                arcs.row(k), supply.length + arcs.column(k), capacity, costs[k]);
        if (index != k) {
          throw new IllegalStateException("the flow solver numbered arc " + k + " as " + index);
        }
      }
      for (int i = 0; i < supply.length; i++) {
        problem.setNodeSupply(i, supply[i]);
      }
      for (int j = 0; j < demand.length; j++) {
        problem.setNodeSupply(supply.length + j, -demand[j]);
      }
      if (problem.solve() != Status.OPTIMAL) {
        return Optional.empty();
      }
      long[] flow = new long[costs.length];
      for (int k = 0; k < costs.length; k++) {
        flow[k] = problem.getFlow(k);
      }
      return Optional.of(flow);
    } finally {
      problem.delete();
    }
  }

  private static void checkTotals(long[] supply, long[] demand) {
    long total = sum(supply, "supply");
    long wanted = sum(demand, "demand");
    if (total != wanted) {
      throw new IllegalArgumentException("supply of " + total + " for a demand of " + wanted);
    }
  }

  private static long sum(long[] masses, String what) {
    long total = 0;
    for (long mass : masses) {
      total += mass;
      if (mass < 0 || mass > MAX_TOTAL || total > MAX_TOTAL) {
        throw new IllegalArgumentException(
            lenientFormat(
                "a %s of %s, %s in all: must be from 0 to %s", what, mass, total, MAX_TOTAL));
      }
    }
    return total;
  }

  /** Whether flows can be had at all; loads OR-Tools' native library at the first call. */
  public static boolean isAvailable() {
    return AVAILABLE.get();
  }

  private static boolean load() {
    try {
      LibraryLoading.run(Loader::loadNativeLibraries);
      return true;
    } catch (RuntimeException | LinkageError failure) {
      return false;
    }
  }
}
