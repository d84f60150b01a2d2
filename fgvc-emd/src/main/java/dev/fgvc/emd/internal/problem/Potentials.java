package dev.fgvc.emd.internal.problem;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.RowBlocks;
import java.util.Arrays;

/**
 * A dual solution: u for each row, v for each column; feasible if u_i + v_j <= c_ij everywhere. In
 * twice double precision once there is a flow tree to take them from. Mutable, used by one solve.
 */
public final class Potentials {

  private final double[] u;
  private final double[] v;

  /** The rounding error of u. */
  private final double[] uLow;

  /** The rounding error of v. */
  private final double[] vLow;

  public Potentials(int rows, int columns) {
    u = new double[rows];
    v = new double[columns];
    uLow = new double[rows];
    vLow = new double[columns];
  }

  /** The potentials of the rows themselves, rounded; writing changes them. */
  public double[] u() {
    return u;
  }

  /** The potentials of the columns themselves, rounded; writing changes them. */
  public double[] v() {
    return v;
  }

  /** The rounded potential of a row. */
  public double u(int i) {
    return u[i];
  }

  /** The rounded potential of a column. */
  public double v(int j) {
    return v[j];
  }

  public DoubleDouble row(int i) {
    return new DoubleDouble(u[i], uLow[i]);
  }

  public DoubleDouble column(int j) {
    return new DoubleDouble(v[j], vLow[j]);
  }

  public void setRow(int i, DoubleDouble value) {
    u[i] = value.high();
    uLow[i] = value.low();
  }

  public void setColumn(int j, DoubleDouble value) {
    v[j] = value.high();
    vLow[j] = value.low();
  }

  /** The reduced cost of a pair in twice double precision, rounded at the end. */
  public double exactReduced(int row, int column, double cost) {
    double first = cost - u[row];
    double reduced = first - v[column];
    double lost =
        DoubleDouble.lost(cost, -u[row], first) + DoubleDouble.lost(first, -v[column], reduced);
    return reduced + (lost - uLow[row] - vLow[column]);
  }

  /** Sets each v_j to the largest value that some rows allow. */
  public void fitColumns(CostMatrix costs, int[] rows) {
    var minima =
        RowBlocks.run(
            rows.length,
            costs.columns(),
            () -> filled(v.length),
            (least, from, to) ->
                costs.visit(
                    rows, from, to, (row, values, offset) -> lower(least, values, offset, u[row])));
    Arrays.fill(v, Double.POSITIVE_INFINITY);
    for (double[] least : minima) {
      for (int j = 0; j < v.length; j++) {
        v[j] = Math.min(v[j], least[j]);
      }
    }
  }

  /**
   * Sets each u_i to the largest value that some arcs allow, then each v_j; nodes without arcs keep
   * what they have.
   */
  public void fit(ArcSet arcs) {
    double[] least = filled(u.length);
    for (int k = 0; k < arcs.size(); k++) {
      double reduced = arcs.cost(k) - v[arcs.column(k)];
      least[arcs.row(k)] = Math.min(least[arcs.row(k)], reduced);
    }
    takeFinite(least, u);
    least = filled(v.length);
    for (int k = 0; k < arcs.size(); k++) {
      double reduced = arcs.cost(k) - u[arcs.row(k)];
      least[arcs.column(k)] = Math.min(least[arcs.column(k)], reduced);
    }
    takeFinite(least, v);
  }

  private static void takeFinite(double[] from, double[] to) {
    for (int k = 0; k < to.length; k++) {
      to[k] = from[k] < Double.POSITIVE_INFINITY ? from[k] : to[k];
    }
  }

  /** The largest absolute value. */
  public double size() {
    double largest = 0;
    for (double value : u) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (double value : v) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
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

  public static double leastReduced(double[] values, int offset, double[] v) {
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
