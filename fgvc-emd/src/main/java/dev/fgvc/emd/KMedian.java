package dev.fgvc.emd;

import dev.fgvc.emd.internal.cost.RowBlocks;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/**
 * The k rows of least {@code sum_j w_j min_i d_ij}: greedy additions, then exchanges of one chosen
 * row for one other while that helps (Schubert and Rousseeuw, Information Systems 2021).
 */
final class KMedian {

  private static final int MAX_ROUNDS = 20;

  private final DMatrixRMaj cost;
  private final double[] weights;
  private final int[] chosen;
  private final boolean[] taken;
  // For each column the place in chosen of the nearest row, and the two smallest distances.
  private final int[] nearest;
  private final double[] first;
  private final double[] second;

  private KMedian(DMatrixRMaj cost, double[] weights, int k) {
    this.cost = cost;
    this.weights = weights;
    chosen = new int[k];
    taken = new boolean[cost.numRows];
    nearest = new int[weights.length];
    first = new double[weights.length];
    second = new double[weights.length];
  }

  /** The chosen rows, ascending. */
  static int[] choose(DMatrixRMaj cost, double[] weights, int k) {
    KMedian search = new KMedian(cost, weights, k);
    search.addGreedily();
    for (int round = 0; round < MAX_ROUNDS && search.exchange(); round++) {
      // The exchange itself is the work.
    }
    int[] rows = search.chosen.clone();
    Arrays.sort(rows);
    return rows;
  }

  private void addGreedily() {
    Arrays.fill(first, Double.MAX_VALUE);
    for (int size = 0; size < chosen.length; size++) {
      double[] total = new double[cost.numRows];
      RowBlocks.run(
          cost.numRows,
          cost.numCols,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              for (int j = 0; j < weights.length; j++) {
                total[i] += weights[j] * Math.min(first[j], distance(i, j));
              }
            }
          });
      int best = -1;
      for (int i = 0; i < total.length; i++) {
        if (!taken[i] && (best < 0 || total[i] < total[best])) {
          best = i;
        }
      }
      chosen[size] = best;
      taken[best] = true;
      for (int j = 0; j < weights.length; j++) {
        first[j] = Math.min(first[j], distance(best, j));
      }
    }
    update();
  }

  private double distance(int i, int j) {
    return cost.data[i * weights.length + j];
  }

  private void update() {
    Arrays.fill(first, Double.MAX_VALUE);
    Arrays.fill(second, Double.MAX_VALUE);
    for (int a = 0; a < chosen.length; a++) {
      for (int j = 0; j < weights.length; j++) {
        double d = distance(chosen[a], j);
        if (d < first[j]) {
          second[j] = first[j];
          first[j] = d;
          nearest[j] = a;
        } else if (d < second[j]) {
          second[j] = d;
        }
      }
    }
  }

  /** Tries each row in place of the best chosen one to lose; returns whether anything changed. */
  private boolean exchange() {
    boolean changed = false;
    double total = 0;
    for (int j = 0; j < weights.length; j++) {
      total += weights[j] * first[j];
    }
    double[] change = new double[chosen.length];
    for (int i = 0; i < taken.length && chosen.length > 0; i++) {
      if (taken[i]) {
        continue;
      }
      Arrays.fill(change, 0);
      double common = 0;
      for (int j = 0; j < weights.length; j++) {
        double d = distance(i, j);
        double kept = Math.min(0, d - first[j]);
        common += weights[j] * kept;
        change[nearest[j]] += weights[j] * (Math.min(d, second[j]) - first[j] - kept);
      }
      int out = 0;
      for (int a = 1; a < change.length; a++) {
        out = change[a] < change[out] ? a : out;
      }
      if (common + change[out] < -1e-12 * total) {
        taken[chosen[out]] = false;
        taken[i] = true;
        chosen[out] = i;
        update();
        changed = true;
      }
    }
    return changed;
  }
}
