package dev.fgvc.emd.internal.start;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.RowBlocks;
import java.util.Arrays;

/**
 * Weights that make a sample of rows and of columns stand for all of them (post-stratification):
 * rows are grouped by the nearest of some columns, columns by the nearest of some rows, and the
 * sampled ones of a group share the mass of the group.
 *
 * <p>Where points lie in clusters, the mass that has to go from one to another settles how their
 * potentials differ; a plain sample gets that wrong, as the sizes of clusters vary in it.
 */
public final class Strata {

  /** Nodes of one side by which those of the other are grouped. */
  private static final int LANDMARKS = 256;

  private Strata() {}

  /**
   * The masses that sampled rows stand for.
   *
   * @param columns some of the columns, of which some are landmarks
   */
  public static double[] rowWeights(CostMatrix costs, double[] masses, int[] rows, int[] columns) {
    if (rows.length == costs.rows()) {
      return masses;
    }
    int[] landmarks = landmarks(columns);
    return weights(masses, nearestColumns(costs, landmarks), rows, landmarks.length);
  }

  /** The masses that sampled columns stand for. */
  static double[] columnWeights(CostMatrix costs, double[] masses, int[] rows, int[] columns) {
    if (columns.length == costs.columns()) {
      return masses;
    }
    int[] landmarks = landmarks(rows);
    return weights(masses, nearestRows(costs, landmarks), columns, landmarks.length);
  }

  /** Some of the sampled nodes, evenly chosen from the list. */
  private static int[] landmarks(int[] sampled) {
    int[] some = new int[Math.min(LANDMARKS, sampled.length)];
    for (int k = 0; k < some.length; k++) {
      some[k] = sampled[(int) ((long) sampled.length * k / some.length)];
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
    int[] nearest = new int[costs.columns()];
    float[] distance = new float[costs.columns()];
    Arrays.fill(distance, Float.POSITIVE_INFINITY);
    int[] next = {0};
    costs.visitBounds(
        landmarks,
        0,
        landmarks.length,
        (row, bounds, start) -> {
          for (int j = 0; j < distance.length; j++) {
            if (bounds[start + j] < distance[j]) {
              distance[j] = bounds[start + j];
              nearest[j] = next[0];
            }
          }
          next[0]++;
        });
    return nearest;
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
