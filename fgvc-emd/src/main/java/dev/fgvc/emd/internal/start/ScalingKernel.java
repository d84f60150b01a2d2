package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.RowBlocks;
import java.util.List;

/**
 * The matrix exp((u_i + v_j - c_ij) / smoothing) that Sinkhorn's scaling scales, in single
 * precision, and its sums.
 */
final class ScalingKernel {

  /** The power that an exponential is the limit of: eight squares. */
  private static final int POWER = 256;

  /**
   * Larger powers, over {@link #POWER}, are cut: beyond, products of two leave single precision.
   */
  private static final float LARGEST = 40f / POWER;

  /** Columns that are transposed together: the ends of so many lines stay in the cache. */
  private static final int TILE = 16;

  private final int rows;
  private final int columns;
  private final float[][] byRow;

  /** The same by column: sums of lines are vector code, sums within a line are not. */
  private final float[][] byColumn;

  ScalingKernel(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    byRow = new float[rows][columns];
    byColumn = new float[columns][rows];
  }

  /** A row itself, not to be written. */
  float[] row(int i) {
    return byRow[i];
  }

  /** Computes all values. */
  void set(double[] u, double[] v, float[][] cost, double smoothing) {
    float share = (float) (1 / (smoothing * POWER));
    float[] columnPart = new float[columns];
    for (int j = 0; j < columns; j++) {
      columnPart[j] = (float) v[j];
    }
    RowBlocks.run(
        rows,
        columns,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            exponentials(byRow[i], (float) u[i], columnPart, cost[i], share);
          }
        });
    transpose();
  }

  private void transpose() {
    RowBlocks.run(
        columns,
        rows,
        (from, to) -> {
          for (int start = from; start < to; start += TILE) {
            int end = Math.min(to, start + TILE);
            for (int i = 0; i < rows; i++) {
              for (int j = start; j < end; j++) {
                byColumn[j][i] = byRow[i][j];
              }
            }
          }
        });
  }

  /** The sum of each row, its values times the scales of the columns. */
  float[] rowSums(float[] scales) {
    return sum(byColumn, scales, rows);
  }

  /** The sum of each column, its values times the scales of the rows. */
  float[] columnSums(float[] scales) {
    return sum(byRow, scales, columns);
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
    for (int j = 0; j < line.length; j++) {
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
   * The sum of lines, each times its scale: in blocks that do not depend on the threads, and four
   * lines at a time, so that the sum is fetched less often.
   */
  private static float[] sum(float[][] lines, float[] scales, int width) {
    float[] total = new float[width];
    List<float[]> parts =
        RowBlocks.runInOrder(
            lines.length,
            width,
            () -> new float[width],
            (part, from, to) -> {
              int k = from;
              for (; k < to - 3; k += 4) {
                addFour(part, lines, scales, k);
              }
              for (; k < to; k++) {
                addScaled(part, lines[k], scales[k]);
              }
            });
    for (float[] part : parts) {
      addScaled(total, part, 1f);
    }
    return total;
  }

  private static void addFour(float[] sum, float[][] lines, float[] scales, int k) {
    float[] first = lines[k];
    float[] second = lines[k + 1];
    float[] third = lines[k + 2];
    float[] fourth = lines[k + 3];
    float a = scales[k];
    float b = scales[k + 1];
    float c = scales[k + 2];
    float d = scales[k + 3];
    for (int j = 0; j < sum.length; j++) {
      sum[j] += (a * first[j] + b * second[j]) + (c * third[j] + d * fourth[j]);
    }
  }

  private static void addScaled(float[] sum, float[] line, float scale) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += scale * line[j];
    }
  }
}
