package dev.fgvc.emd;

import java.util.Arrays;

/**
 * A dual solution: u for each row, v for each column; feasible if u_i + v_j <= c_ij everywhere.
 * Mutable, used by one solve.
 */
final class Potentials {

  final double[] u;
  final double[] v;

  Potentials(int rows, int columns) {
    u = new double[rows];
    v = new double[columns];
  }

  /** Raises or lowers each v_j to the largest value that u allows. One pass over the costs. */
  void fitColumns(CostMatrix costs) {
    var minima =
        RowBlocks.run(
            costs.rows(),
            costs.columns(),
            () -> filled(v.length),
            (least, from, to) ->
                costs.visit(
                    from, to, (row, values, offset) -> lower(least, values, offset, u[row])));
    Arrays.fill(v, Double.POSITIVE_INFINITY);
    for (double[] least : minima) {
      for (int j = 0; j < v.length; j++) {
        v[j] = Math.min(v[j], least[j]);
      }
    }
  }

  /** Raises or lowers each u_i to the largest value that v allows. One pass over the costs. */
  void fitRows(CostMatrix costs) {
    RowBlocks.run(
        costs.rows(),
        costs.columns(),
        (from, to) ->
            costs.visit(
                from, to, (row, values, offset) -> u[row] = leastReduced(values, offset, v)));
  }

  /**
   * Makes u_i + v_j <= c_ij true for every pair, also after rounding, by lowering u where needed.
   */
  void makeFeasible(CostMatrix costs) {
    double largest = 0;
    for (double value : v) {
      largest = Math.max(largest, Math.abs(value));
    }
    double size = largest;
    RowBlocks.run(
        costs.rows(),
        costs.columns(),
        (from, to) ->
            costs.visit(
                from,
                to,
                (row, values, offset) -> {
                  double least = leastReduced(values, offset, v);
                  // c - v and u + v round once each; four units in the last place cover both.
                  double highest = least - 4 * Math.ulp(size + Math.abs(least));
                  u[row] = Math.min(u[row], highest);
                }));
  }

  private static double[] filled(int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.POSITIVE_INFINITY);
    return values;
  }

  private static void lower(double[] least, double[] values, int offset, double base) {
    for (int j = 0; j < least.length; j++) {
      double reduced = values[offset + j] - base;
      if (reduced < least[j]) {
        least[j] = reduced;
      }
    }
  }

  static double leastReduced(double[] values, int offset, double[] v) {
    double first = Double.POSITIVE_INFINITY;
    double second = Double.POSITIVE_INFINITY;
    double third = Double.POSITIVE_INFINITY;
    double fourth = Double.POSITIVE_INFINITY;
    int j = 0;
    // Four minima break the chain of dependent comparisons.
    for (; j < v.length - 3; j += 4) {
      double a = values[offset + j] - v[j];
      double b = values[offset + j + 1] - v[j + 1];
      double c = values[offset + j + 2] - v[j + 2];
      double d = values[offset + j + 3] - v[j + 3];
      first = a < first ? a : first;
      second = b < second ? b : second;
      third = c < third ? c : third;
      fourth = d < fourth ? d : fourth;
    }
    for (; j < v.length; j++) {
      double a = values[offset + j] - v[j];
      first = a < first ? a : first;
    }
    return Math.min(Math.min(first, second), Math.min(third, fourth));
  }
}
