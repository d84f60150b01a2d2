package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.Lines;
import dev.fgvc.emd.internal.cost.RowBlocks;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.LongList;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Masses.Padding;
import dev.fgvc.emd.internal.problem.Potentials;
import java.util.Arrays;
import java.util.Random;

/**
 * Rough duals from a sample of the rows and columns, by Sinkhorn's matrix scaling (Cuturi, NIPS
 * 2013). They only decide which arcs are tried first, so their error costs time and never
 * correctness.
 */
public final class SampledDuals {

  /** Largest number of rows and of columns in the sample. */
  private static final int SAMPLE = 1500;

  /** Sweeps of a stage where the sample is all of the matrix. */
  private static final int WHOLE_SWEEPS = 12;

  /**
   * The same where it is a part: many, since they stand for passes over far more pairs, and since
   * what goes from one cluster of points to another settles slowly.
   */
  private static final int PART_SWEEPS = 24;

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
  private final int[] rows;
  private final int[] columns;
  private final float[][] cost;
  private final ScalingKernel kernel;
  private final double[] u;
  private final double[] v;

  /** The shares of mass, which the scaling of the kernel's lines makes their sums. */
  private final float[] supply;

  private final float[] demand;

  /** Whether the matrix is so small that the sample is all of it. */
  private final boolean whole;

  private double smoothing;

  private SampledDuals(
      CostMatrix costs, CostMatrix sampled, int[] rows, int[] columns, Masses masses) {
    this.costs = costs;
    this.rows = rows;
    this.columns = columns;
    cost = new float[rows.length][columns.length];
    u = new double[rows.length];
    v = new double[columns.length];
    whole = rows.length == costs.rows() && columns.length == costs.columns();
    Padding padding = masses.padding();
    supply = shares(Strata.rowWeights(costs, masses.supplyShare(), padding, rows, columns));
    demand = shares(Strata.columnWeights(costs, masses.demandShare(), padding, rows, columns));
    kernel = new ScalingKernel(supply, demand);
    int[] place = new int[costs.rows()];
    for (int i = 0; i < rows.length; i++) {
      place[rows[i]] = i;
    }
    RowBlocks.run(
        rows.length,
        columns.length,
        (from, to) ->
            sampled.visit(
                rows,
                from,
                to,
                (row, values, offset) -> {
                  float[] line = cost[place[row]];
                  for (int j = 0; j < line.length; j++) {
                    line[j] = (float) values[offset + j];
                  }
                }));
  }

  /** Fits duals. Reads the sampled pairs once. */
  public static SampledDuals fit(CostMatrix costs, Masses masses) {
    // A fixed seed: the same problem takes the same way.
    Random random = new Random(costs.rows() * 31L + costs.columns());
    int[] rows = sample(costs.rows(), masses.padding() == Padding.ONE_MORE_ROW, random);
    int[] columns = sample(costs.columns(), masses.padding() == Padding.ONE_MORE_COLUMN, random);
    CostMatrix chosen = columns.length == costs.columns() ? costs : costs.withColumns(columns);
    SampledDuals duals = new SampledDuals(costs, chosen, rows, columns, masses);
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

  /** Whether the matrix is so small that the sample is all of it. */
  public boolean isWhole() {
    return whole;
  }

  /** The smoothing of the last stage, in the unit of the costs; 0 if all costs are equal. */
  public double smoothing() {
    return smoothing;
  }

  /**
   * Sets potentials of the sampled rows and of all columns that are near optimal as far as the
   * sample tells, and feasible for the sampled rows. Reads these once.
   */
  public void setPotentials(Potentials potentials) {
    fitRows(potentials.u());
    potentials.fitColumns(costs, rows);
  }

  /**
   * Sets potentials that are near optimal, for a sample that is all of the matrix, and feasible for
   * some pairs.
   */
  public void setPotentials(Potentials potentials, ArcSet on) {
    System.arraycopy(u, 0, potentials.u(), 0, u.length);
    System.arraycopy(v, 0, potentials.v(), 0, v.length);
    potentials.fit(on);
  }

  /** Sets the u of the sampled rows to the largest values that the sampled columns allow. */
  private void fitRows(double[] potentials) {
    for (int i = 0; i < rows.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int j = 0; j < columns.length; j++) {
        double reduced = cost[i][j] - v[j];
        least = reduced < least ? reduced : least;
      }
      potentials[rows[i]] = least;
    }
  }

  /**
   * The pairs that carry a notable share of the mass of their row or column in the smoothed plan,
   * as keys (row x columns + column) in order; for a sample that is all of the matrix. There may be
   * few, as where all costs are alike.
   */
  public long[] notablePairs() {
    LongList keys = new LongList();
    if (smoothing == 0) {
      return keys.toArray();
    }
    float[] columnLeast = new float[columns.length];
    float[] inverse = new float[columns.length];
    float[] scaleU = kernel.rowScales();
    float[] scaleV = kernel.columnScales();
    for (int j = 0; j < columns.length; j++) {
      inverse[j] = NOTABLE / scaleV[j];
      columnLeast[j] = demand[j] * inverse[j];
    }
    for (int i = 0; i < rows.length; i++) {
      float scale = scaleU[i];
      float share = supply[i];
      long start = (long) i * columns.length;
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

  /**
   * Draws nodes of one side, in order.
   *
   * @param padded whether the last one is the one that a partial matching adds: it always takes
   *     part
   */
  static int[] sample(int size, boolean padded, Random random) {
    int[] chosen = new int[size];
    Arrays.setAll(chosen, i -> i);
    if (size <= SAMPLE) {
      return chosen;
    }
    int always = padded ? 1 : 0;
    RandomDraw.toFront(chosen, size - always, SAMPLE - always, random);
    int[] kept = Arrays.copyOf(chosen, SAMPLE);
    if (padded) {
      kept[SAMPLE - 1] = size - 1;
    }
    Arrays.sort(kept);
    return kept;
  }

  /** Feasible potentials by row, then column minima; returns the mean reduced cost. */
  private double fitFeasible() {
    float[] columnLeast = new float[columns.length];
    Arrays.fill(columnLeast, Float.POSITIVE_INFINITY);
    double[] total = new double[columns.length];
    for (int i = 0; i < rows.length; i++) {
      float least = Lines.least(cost[i]);
      u[i] = least;
      lower(columnLeast, cost[i], least);
      for (int j = 0; j < total.length; j++) {
        total[j] += cost[i][j];
      }
    }
    double mean = 0;
    for (int j = 0; j < columns.length; j++) {
      v[j] = columnLeast[j];
      mean += total[j] / rows.length - v[j];
    }
    return mean / columns.length - Arrays.stream(u).average().orElse(0);
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
    int sweeps = whole ? WHOLE_SWEEPS : PART_SWEEPS;
    for (int sweep = 0; sweep < sweeps; sweep++) {
      kernel.sweep(sweep < PLAIN_SWEEPS || sweep >= sweeps - PLAIN_SWEEPS);
    }
    float[] scaleU = kernel.rowScales();
    for (int i = 0; i < rows.length; i++) {
      u[i] += smoothing * Math.log(scaleU[i]);
    }
    float[] scaleV = kernel.columnScales();
    for (int j = 0; j < columns.length; j++) {
      v[j] += smoothing * Math.log(scaleV[j]);
    }
  }

  /** Whether many reduced costs are below the smoothing, as far as some of the rows tell. */
  private boolean isCrowded() {
    int step = Math.max(1, rows.length / CROWD_ROWS);
    long close = 0;
    long seen = 0;
    for (int i = 0; i < rows.length; i += step) {
      seen++;
      for (int j = 0; j < columns.length; j++) {
        close += cost[i][j] - u[i] - v[j] < smoothing ? 1 : 0;
      }
    }
    return close * rows.length > CROWDED * (rows.length + columns.length) * seen;
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
