package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.RowBlocks;
import dev.fgvc.emd.internal.problem.Masses.Padding;
import java.util.Arrays;
import java.util.List;

/**
 * Weights that make a sample of rows and of columns stand for all of them (post-stratification):
 * rows are grouped by the nearest of some columns, columns by the nearest of some rows, and the
 * sampled ones of a group share the mass of the group.
 *
 * <p>Where points lie in clusters, the mass that has to go from one to another settles how their
 * potentials differ; a plain sample gets that wrong, as the sizes of clusters vary in it.
 *
 * <p>The row or column that a partial matching adds is equally near to all others. It belongs to no
 * group, and none forms around it: lists of sampled nodes end with it, and its mass is its own.
 */
public final class Strata {

  /** Nodes of one side by which those of the other are grouped. */
  private static final int LANDMARKS = 256;

  private Strata() {}

  /**
   * The masses that sampled rows stand for.
   *
   * @param masses of all rows
   * @param padding whether the last of all rows or columns is the one that a partial matching adds;
   *     it then has to be the last of the sampled ones too
   * @param columns some of the columns, of which some are landmarks
   */
  public static double[] rowWeights(
      CostMatrix costs, double[] masses, Padding padding, int[] rows, int[] columns) {
    if (rows.length == costs.rows()) {
      return masses;
    }
    int[] landmarks = landmarks(columns, padding == Padding.ONE_MORE_COLUMN);
    int[] groups = nearestColumns(costs, landmarks);
    return padding == Padding.ONE_MORE_ROW
        ? paddedWeights(masses, groups, rows, landmarks.length)
        : weights(masses, groups, rows, landmarks.length);
  }

  /** The masses that sampled columns stand for. */
  public static double[] columnWeights(
      CostMatrix costs, double[] masses, Padding padding, int[] rows, int[] columns) {
    if (columns.length == costs.columns()) {
      return masses;
    }
    int[] landmarks = landmarks(rows, padding == Padding.ONE_MORE_ROW);
    int[] groups = nearestRows(costs, landmarks);
    return padding == Padding.ONE_MORE_COLUMN
        ? paddedWeights(masses, groups, columns, landmarks.length)
        : weights(masses, groups, columns, landmarks.length);
  }

  /**
   * Some of the sampled nodes, evenly chosen from the list.
   *
   * @param padded whether the last of the list is the one that a partial matching adds
   */
  private static int[] landmarks(int[] sampled, boolean padded) {
    int count = sampled.length - (padded ? 1 : 0);
    int[] some = new int[Math.min(LANDMARKS, count)];
    for (int k = 0; k < some.length; k++) {
      some[k] = sampled[(int) ((long) count * k / some.length)];
    }
    return some;
  }

  /** The nearest of some columns, for each row: its place in the list. */
  static int[] nearestColumns(CostMatrix costs, int[] landmarks) {
    int[] nearest = new int[costs.rows()];
    int[] all = costs.allRows();
    CostMatrix chosen = costs.withColumns(landmarks);
    RowBlocks.run(
        all.length,
        landmarks.length,
        (from, to) ->
            chosen.visitBounds(
                all,
                from,
                to,
                (row, bounds, start) -> nearest[row] = least(bounds, start, landmarks.length)));
    return nearest;
  }

  private static int least(float[] values, int start, int length) {
    int least = 0;
    for (int j = 1; j < length; j++) {
      if (values[start + j] < values[start + least]) {
        least = j;
      }
    }
    return least;
  }

  /** The nearest of some rows, for each column: its place in the list. */
  static int[] nearestRows(CostMatrix costs, int[] landmarks) {
    int columns = costs.columns();
    List<NearestRows> blocks =
        RowBlocks.runInOrder(
            landmarks.length,
            columns,
            () -> new NearestRows(columns),
            (found, from, to) -> found.take(costs, landmarks, from, to));
    NearestRows nearest = blocks.get(0);
    for (NearestRows later : blocks.subList(1, blocks.size())) {
      nearest.take(later);
    }
    return nearest.place;
  }

  /** The nearest of the rows seen so far, for each column; of equally near ones, the first. */
  private static final class NearestRows {

    private final float[] distance;
    private final int[] place;

    NearestRows(int columns) {
      distance = new float[columns];
      Arrays.fill(distance, Float.POSITIVE_INFINITY);
      place = new int[columns];
    }

    void take(CostMatrix costs, int[] landmarks, int from, int to) {
      int[] next = {from};
      costs.visitBounds(
          landmarks,
          from,
          to,
          (row, bounds, start) -> {
            for (int j = 0; j < distance.length; j++) {
              if (bounds[start + j] < distance[j]) {
                distance[j] = bounds[start + j];
                place[j] = next[0];
              }
            }
            next[0]++;
          });
    }

    void take(NearestRows later) {
      for (int j = 0; j < distance.length; j++) {
        if (later.distance[j] < distance[j]) {
          distance[j] = later.distance[j];
          place[j] = later.place[j];
        }
      }
    }
  }

  /** The same as {@link #weights} where the last node is the one that a partial matching adds. */
  private static double[] paddedWeights(double[] masses, int[] groups, int[] sampled, int count) {
    double[] others = masses.clone();
    others[masses.length - 1] = 0;
    double[] weights = weights(others, groups, sampled, count);
    weights[sampled.length - 1] = masses[masses.length - 1];
    return weights;
  }

  /**
   * The masses of sampled nodes, such that those of each group are in proportion to the mass of the
   * group. They add up to all masses: what groups without a sampled node have, the others share.
   */
  static double[] weights(double[] masses, int[] groups, int[] sampled, int count) {
    double[] all = new double[count];
    double[] some = new double[count];
    for (int k = 0; k < masses.length; k++) {
      all[groups[k]] += masses[k];
    }
    for (int k : sampled) {
      some[groups[k]] += masses[k];
    }
    double total = 0;
    double told = 0;
    for (int group = 0; group < count; group++) {
      total += all[group];
      told += some[group] > 0 ? all[group] : 0;
    }
    double[] weights = new double[sampled.length];
    for (int k = 0; k < weights.length; k++) {
      int group = groups[sampled[k]];
      weights[k] =
          some[group] > 0 ? masses[sampled[k]] * (all[group] / some[group]) * (total / told) : 0;
    }
    return weights;
  }
}
