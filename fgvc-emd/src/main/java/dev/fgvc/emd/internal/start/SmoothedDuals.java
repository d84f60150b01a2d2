package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.FloatCosts;
import dev.fgvc.emd.internal.cost.Lines;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.LongList;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Potentials;
import java.util.Arrays;

/**
 * Rough duals of a small problem by Sinkhorn's matrix scaling (Cuturi, NIPS 2013). They only decide
 * which arcs are tried first, so their error costs time and never correctness. Takes 8 bytes for
 * each pair.
 */
public final class SmoothedDuals {

  /** Sweeps of a stage. */
  private static final int SWEEPS = 12;

  /** The same for a sample: more, since they stand for passes over far more pairs. */
  private static final int SAMPLE_SWEEPS = 24;

  /** Sweeps of a stage, first and last, that take the scaling they find as it is. */
  private static final int PLAIN_SWEEPS = 1;

  /** Smoothing of the first two stages as shares of the mean reduced cost. */
  private static final double[] SMOOTHING = {0.06, 0.02};

  /** Factor of the smoothing from stage to stage. */
  private static final double COOLING = 0.3;

  private static final int FURTHER_STAGES = 6;

  /**
   * Pairs of reduced cost below the smoothing, for each node, that call for a further stage. Costs
   * without much order among neighbours leave 0 to 0.2 after two stages. Smooth functions of few
   * coordinates, and clusters far apart, leave 2.7 and more: there all neighbours look alike still.
   */
  private static final double CROWDED = 0.3;

  /** Rows that tell whether there are many. */
  private static final int CROWD_ROWS = 30;

  /**
   * Share of a node's mass that a pair has to carry in the smoothed plan to stand out. It leaves
   * some four pairs for each node.
   */
  private static final float NOTABLE = 0.002f;

  private final CostMatrix costs;
  private final int rows;
  private final int columns;
  private final float[][] cost;
  private final ScalingKernel kernel;
  private final double[] u;
  private final double[] v;

  /** The shares of mass, which the scaling of the kernel's lines makes their sums. */
  private final float[] supply;

  private final float[] demand;

  private final int sweeps;
  private double smoothing;

  private SmoothedDuals(CostMatrix costs, Masses masses, int sweeps) {
    this.costs = costs;
    this.sweeps = sweeps;
    rows = costs.rows();
    columns = costs.columns();
    cost = FloatCosts.of(costs).lines();
    u = new double[rows];
    v = new double[columns];
    supply = shares(masses.supplyShare());
    demand = shares(masses.demandShare());
    kernel = new ScalingKernel(supply, demand);
  }

  /** Fits duals to a problem. Reads all pairs once. */
  public static SmoothedDuals ofAll(CostMatrix costs, Masses masses) {
    return fit(costs, masses, SWEEPS);
  }

  /** Fits duals to a sample of a problem. Reads all its pairs once. */
  public static SmoothedDuals ofSample(CostMatrix costs, Masses masses) {
    return fit(costs, masses, SAMPLE_SWEEPS);
  }

  private static SmoothedDuals fit(CostMatrix costs, Masses masses, int sweeps) {
    SmoothedDuals duals = new SmoothedDuals(costs, masses, sweeps);
    double mean = duals.fitFeasible();
    if (mean > 0) {
      for (double share : SMOOTHING) {
        duals.stage(share * mean);
      }
      for (int stage = 0; stage < FURTHER_STAGES && duals.isCrowded(); stage++) {
        duals.stage(duals.smoothing * COOLING);
      }
    }
    return duals;
  }

  /** The smoothing of the last stage, in the unit of the costs; 0 if all costs are equal. */
  public double smoothing() {
    return smoothing;
  }

  /** Sets potentials that are near optimal and feasible. Reads all pairs once. */
  public void setPotentials(Potentials potentials) {
    System.arraycopy(feasibleRows(), 0, potentials.u(), 0, rows);
    potentials.fitColumns(costs, costs.allRows());
  }

  /** The largest potentials of the rows that those of the columns allow. */
  public double[] feasibleRows() {
    double[] largest = new double[rows];
    for (int i = 0; i < rows; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int j = 0; j < columns; j++) {
        double reduced = cost[i][j] - v[j];
        least = reduced < least ? reduced : least;
      }
      largest[i] = least;
    }
    return largest;
  }

  /** Sets potentials that are near optimal and feasible for some pairs. */
  public void setPotentials(Potentials potentials, ArcSet on) {
    System.arraycopy(u, 0, potentials.u(), 0, u.length);
    System.arraycopy(v, 0, potentials.v(), 0, v.length);
    potentials.fit(on);
  }

  /**
   * The pairs that carry a notable share of the mass of their row or column in the smoothed plan,
   * as keys (row x columns + column) in order. There may be few, as where all costs are alike.
   */
  public long[] notablePairs() {
    LongList keys = new LongList();
    if (smoothing == 0) {
      return keys.toArray();
    }
    float[] columnLeast = new float[columns];
    float[] inverse = new float[columns];
    float[] scaleU = kernel.rowScales();
    float[] scaleV = kernel.columnScales();
    for (int j = 0; j < columns; j++) {
      inverse[j] = NOTABLE / scaleV[j];
      columnLeast[j] = demand[j] * inverse[j];
    }
    for (int i = 0; i < rows; i++) {
      float scale = scaleU[i];
      float share = supply[i];
      long start = (long) i * columns;
      int j = -1;
      while ((j = nextNotable(kernel.row(i), j + 1, scale, share, inverse, columnLeast)) >= 0) {
        keys.add(start + j);
      }
    }
    return keys.toArray();
  }

  /** The next place in a line that is notable for its row or its column; -1 if there is none. */
  private static int nextNotable(
      float[] line, int from, float scale, float share, float[] inverse, float[] columnLeast) {
    for (int j = from; j < line.length; j++) {
      float scaled = line[j] * scale;
      if (scaled >= columnLeast[j] || scaled >= share * inverse[j]) {
        return j;
      }
    }
    return -1;
  }

  /** Feasible potentials by row, then column minima; returns the mean reduced cost. */
  private double fitFeasible() {
    float[] columnLeast = new float[columns];
    Arrays.fill(columnLeast, Float.POSITIVE_INFINITY);
    double[] total = new double[columns];
    for (int i = 0; i < rows; i++) {
      float least = Lines.least(cost[i]);
      u[i] = least;
      lower(columnLeast, cost[i], least);
      for (int j = 0; j < total.length; j++) {
        total[j] += cost[i][j];
      }
    }
    double mean = 0;
    for (int j = 0; j < columns; j++) {
      v[j] = columnLeast[j];
      mean += total[j] / rows - v[j];
    }
    return mean / columns - Arrays.stream(u).average().orElse(0);
  }

  private static void lower(float[] least, float[] line, float base) {
    for (int j = 0; j < least.length; j++) {
      least[j] = Math.min(least[j], line[j] - base);
    }
  }

  /** Makes Sinkhorn's sweeps at one smoothing, over-relaxed but for the first and last. */
  private void stage(double newSmoothing) {
    smoothing = newSmoothing;
    kernel.set(u, v, cost, smoothing);
    for (int sweep = 0; sweep < sweeps; sweep++) {
      kernel.sweep(sweep < PLAIN_SWEEPS || sweep >= sweeps - PLAIN_SWEEPS);
    }
    float[] scaleU = kernel.rowScales();
    for (int i = 0; i < rows; i++) {
      u[i] += smoothing * Math.log(scaleU[i]);
    }
    float[] scaleV = kernel.columnScales();
    for (int j = 0; j < columns; j++) {
      v[j] += smoothing * Math.log(scaleV[j]);
    }
  }

  /** Whether many reduced costs are below the smoothing, as far as some of the rows tell. */
  private boolean isCrowded() {
    int step = Math.max(1, rows / CROWD_ROWS);
    long close = 0;
    long seen = 0;
    for (int i = 0; i < rows; i += step) {
      seen++;
      for (int j = 0; j < columns; j++) {
        close += cost[i][j] - u[i] - v[j] < smoothing ? 1 : 0;
      }
    }
    return close * rows > CROWDED * (rows + columns) * seen;
  }

  /** Shares that add up to 1; none is quite without mass. */
  private static float[] shares(double[] masses) {
    double total = Arrays.stream(masses).sum();
    float[] shares = new float[masses.length];
    for (int k = 0; k < shares.length; k++) {
      double share = total > 0 ? masses[k] / total : 0;
      shares[k] = (float) Math.max(share, 1e-3 / shares.length / shares.length);
    }
    return shares;
  }
}
