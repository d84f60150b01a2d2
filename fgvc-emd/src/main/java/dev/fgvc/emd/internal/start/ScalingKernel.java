package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.Lines;
import dev.fgvc.emd.internal.cost.RowBlocks;
import java.util.Arrays;
import java.util.List;

/**
 * The matrix exp((u_i + v_j - c_ij) / smoothing) in single precision, and the factors of its rows
 * and columns that Sinkhorn's sweeps find.
 */
final class ScalingKernel {

  /** The power that an exponential is the limit of: eight squares. */
  private static final int POWER = 256;

  /**
   * Larger powers, over {@link #POWER}, are cut: beyond, products of two leave single precision.
   */
  private static final float LARGEST = 40f / POWER;

  private final float[] supply;
  private final float[] demand;

  private final float[][] lines;
  private final float[] rowScales;
  private final float[] columnScales;

  /**
   * Starts without values.
   *
   * @param supply what each row is to add up to
   * @param demand what each column is to add up to
   */
  ScalingKernel(float[] supply, float[] demand) {
    this.supply = supply;
    this.demand = demand;
    lines = new float[supply.length][demand.length];
    rowScales = new float[supply.length];
    columnScales = new float[demand.length];
  }

  /** A row itself, not scaled and not to be written. */
  float[] row(int i) {
    return lines[i];
  }

  /** The factors of the rows themselves. */
  float[] rowScales() {
    return rowScales;
  }

  /** The factors of the columns themselves. */
  float[] columnScales() {
    return columnScales;
  }

  /** Computes all values; factors of the columns become 1. */
  void set(double[] u, double[] v, float[][] cost, double smoothing) {
    Arrays.fill(columnScales, 1f);
    float share = (float) (1 / (smoothing * POWER));
    float[] columnPart = new float[v.length];
    for (int j = 0; j < v.length; j++) {
      columnPart[j] = (float) v[j];
    }
    RowBlocks.run(
        lines.length,
        demand.length,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            exponentials(lines[i], (float) u[i], columnPart, cost[i], share);
          }
        });
  }

  /**
   * Sets exp((u + v - cost) / smoothing), for powers from -40 to 40 and within 1 %: as the limit (1
   * + x / 256)^256 with two more terms of the series, which the compiler makes vector code of. It
   * takes a tenth of the time of {@link Math#exp}, and duals that are rough anyway are none the
   * worse for it.
   *
   * @param share one over smoothing and {@link #POWER}
   */
  private static void exponentials(float[] line, float u, float[] v, float[] cost, float share) {
    for (int j = 0; j < v.length; j++) {
      float x = Math.min(LARGEST, Math.max(-LARGEST, (u + v[j] - cost[j]) * share));
      float y = 1f + x * (1f + x * (0.5f + x * (1f / 6)));
      y = y * y;
      y = y * y;
      y = y * y;
      y = y * y;
      y = y * y;
      y = y * y;
      y = y * y;
      line[j] = y * y;
    }
  }

  /**
   * Scales all rows, then all columns, such that they add up to their shares; or, if not plain, by
   * half as much again in the logarithm, which takes fewer sweeps to the same precision (successive
   * over-relaxation). Reads each line once, in blocks that do not depend on the threads.
   */
  void sweep(boolean plain) {
    List<float[]> blocks =
        RowBlocks.runInOrder(
            lines.length,
            2L * demand.length,
            () -> new float[demand.length],
            (columnSums, from, to) -> sweepRows(from, to, columnSums, plain));
    float[] sums = new float[demand.length];
    for (float[] block : blocks) {
      add(sums, block);
    }
    for (int j = 0; j < demand.length; j++) {
      columnScales[j] = fitted(columnScales[j], demand[j] / sums[j], plain);
    }
  }

  /** Scales some rows; adds them to the sums of the columns. */
  private void sweepRows(int from, int to, float[] columnSums, boolean plain) {
    int i = from;
    // Four rows together, so that sums are fetched less often.
    for (; i < to - 3; i += 4) {
      for (int k = i; k < i + 4; k++) {
        fitRow(k, plain);
      }
      addFour(
          columnSums,
          lines[i],
          lines[i + 1],
          lines[i + 2],
          lines[i + 3],
          rowScales[i],
          rowScales[i + 1],
          rowScales[i + 2],
          rowScales[i + 3]);
    }
    for (; i < to; i++) {
      fitRow(i, plain);
      addScaled(columnSums, lines[i], rowScales[i]);
    }
  }

  private void fitRow(int i, boolean plain) {
    rowScales[i] = fitted(rowScales[i], supply[i] / Lines.product(lines[i], columnScales), plain);
  }

  private static float fitted(float before, float exact, boolean plain) {
    float scale = clamp(exact);
    return plain ? scale : clamp(scale * (float) Math.sqrt(scale / before));
  }

  private static float clamp(float scale) {
    return scale > 1e-18f ? Math.min(scale, 1e18f) : 1e-18f;
  }

  private static void addFour(
      float[] sum,
      float[] first,
      float[] second,
      float[] third,
      float[] fourth,
      float a,
      float b,
      float c,
      float d) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += (a * first[j] + b * second[j]) + (c * third[j] + d * fourth[j]);
    }
  }

  private static void addScaled(float[] sum, float[] line, float scale) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += scale * line[j];
    }
  }

  private static void add(float[] sum, float[] more) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += more[j];
    }
  }
}
