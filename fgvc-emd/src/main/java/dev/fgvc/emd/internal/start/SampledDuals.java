package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.RowBlocks;
import dev.fgvc.emd.internal.problem.Masses;
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

  /** The same for a small problem, which is solved sooner than a large sample is smoothed. */
  private static final int SMALL_SAMPLE = 50;

  private static final int SWEEPS = 15;

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

  private final int[] rows;
  private final int[] columns;
  private final float[][] cost;
  private final float[][] kernel;
  private final double[] u;
  private final double[] v;

  private SampledDuals(CostMatrix costs, CostMatrix sampled, int[] rows, int[] columns) {
    this.rows = rows;
    this.columns = columns;
    cost = new float[rows.length][columns.length];
    kernel = new float[rows.length][columns.length];
    u = new double[rows.length];
    v = new double[columns.length];
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

  /**
   * Sets potentials that are near optimal as far as the sample tells, and feasible for pairs of
   * which one is in it. Reads the sampled columns twice and the sampled rows once.
   *
   * @param small whether a small sample will do
   * @return the smoothing of the last stage, in the unit of the costs; 0 if all costs are equal
   */
  public static double find(CostMatrix costs, Potentials potentials, Masses masses, boolean small) {
    int limit = small ? SMALL_SAMPLE : SAMPLE;
    // A fixed seed: the same problem takes the same way.
    Random random = new Random(costs.rows() * 31L + costs.columns());
    int[] rows = sample(costs.rows(), limit, random);
    int[] columns = sample(costs.columns(), limit, random);
    CostMatrix chosen = columns.length == costs.columns() ? costs : costs.withColumns(columns);
    SampledDuals sampled = new SampledDuals(costs, chosen, rows, columns);
    double mean = sampled.fit();
    double last = 0;
    if (mean > 0) {
      for (double share : SMOOTHING) {
        last = share * mean;
        sampled.stage(last, masses);
      }
      for (int stage = 0; stage < FURTHER_STAGES && sampled.isCrowded(last); stage++) {
        last *= COOLING;
        sampled.stage(last, masses);
      }
    }
    potentials.fitRows(chosen, sampled.v);
    potentials.fitColumns(costs, rows);
    return last;
  }

  private static int[] sample(int size, int limit, Random random) {
    int[] chosen = new int[size];
    Arrays.setAll(chosen, i -> i);
    if (size <= limit) {
      return chosen;
    }
    for (int i = 0; i < limit; i++) {
      int other = i + random.nextInt(size - i);
      int moved = chosen[other];
      chosen[other] = chosen[i];
      chosen[i] = moved;
    }
    int[] kept = Arrays.copyOf(chosen, limit);
    Arrays.sort(kept);
    return kept;
  }

  /** Feasible potentials by row, then column minima; returns the mean reduced cost. */
  private double fit() {
    Arrays.fill(v, Double.POSITIVE_INFINITY);
    double mean = 0;
    for (int i = 0; i < rows.length; i++) {
      float least = Float.POSITIVE_INFINITY;
      for (float value : cost[i]) {
        least = Math.min(least, value);
      }
      u[i] = least;
      for (int j = 0; j < columns.length; j++) {
        v[j] = Math.min(v[j], cost[i][j] - u[i]);
        mean += (cost[i][j] - u[i]) / columns.length / rows.length;
      }
    }
    return mean - Arrays.stream(v).average().orElse(0);
  }

  private void stage(double smoothing, Masses masses) {
    RowBlocks.run(
        rows.length,
        columns.length,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            for (int j = 0; j < columns.length; j++) {
              double power = (u[i] + v[j] - cost[i][j]) / smoothing;
              // Less than this only makes denormal numbers, which are slow.
              kernel[i][j] = power < -40 ? 0f : (float) Math.exp(Math.min(40, power));
            }
          }
        });
    float[] supply = shares(masses.supplyShare(), rows);
    float[] demand = shares(masses.demandShare(), columns);
    float[] scaleU = new float[rows.length];
    float[] scaleV = new float[columns.length];
    Arrays.fill(scaleV, 1f);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      float[] total = new float[columns.length];
      var sums =
          RowBlocks.runInOrder(
              rows.length,
              columns.length,
              () -> new float[columns.length],
              (sum, from, to) -> {
                for (int i = from; i < to; i++) {
                  scaleU[i] = clamp(supply[i] / dot(kernel[i], scaleV));
                  addScaled(sum, kernel[i], scaleU[i]);
                }
              });
      for (float[] sum : sums) {
        addScaled(total, sum, 1f);
      }
      for (int j = 0; j < columns.length; j++) {
        scaleV[j] = clamp(demand[j] / total[j]);
      }
    }
    for (int i = 0; i < rows.length; i++) {
      u[i] += smoothing * Math.log(scaleU[i]);
    }
    for (int j = 0; j < columns.length; j++) {
      v[j] += smoothing * Math.log(scaleV[j]);
    }
  }

  private boolean isCrowded(double smoothing) {
    long close = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        close += cost[i][j] - u[i] - v[j] < smoothing ? 1 : 0;
      }
    }
    return close > CROWDED * (rows.length + columns.length);
  }

  /** The shares of the sampled nodes, made to add up to 1; none is quite without mass. */
  private static float[] shares(double[] all, int[] chosen) {
    double total = 0;
    for (int node : chosen) {
      total += all[node];
    }
    float[] shares = new float[chosen.length];
    for (int k = 0; k < shares.length; k++) {
      double share = total > 0 ? all[chosen[k]] / total : 0;
      shares[k] = (float) Math.max(share, 1e-3 / chosen.length / chosen.length);
    }
    return shares;
  }

  private static float clamp(float scale) {
    return scale > 1e-18f ? Math.min(scale, 1e18f) : 1e-18f;
  }

  private static float dot(float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int j = 0;
    for (; j < a.length - 3; j += 4) {
      s0 += a[j] * b[j];
      s1 += a[j + 1] * b[j + 1];
      s2 += a[j + 2] * b[j + 2];
      s3 += a[j + 3] * b[j + 3];
    }
    for (; j < a.length; j++) {
      s0 += a[j] * b[j];
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static void addScaled(float[] sum, float[] line, float scale) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += scale * line[j];
    }
  }
}
