package dev.fgvc.emd.internal.problem;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.Lines;

/**
 * A row of costs, or of their bounds, beside the potentials v of the columns: finds the few whose
 * c_ij - v_j is small.
 */
public interface CostLine {

  /** Takes one line, which is valid during the call only. */
  @FunctionalInterface
  interface Visitor {
    void accept(int row, CostLine line);
  }

  /** The cost of a column or its bound. */
  double cost(int column);

  /**
   * The next column, from one on, whose c_ij - v_j is below a limit; the number of columns if none
   * is.
   */
  int nextBelow(double limit, int from);

  /** Visits rows as {@link CostMatrix#visit} does. */
  static void visit(CostMatrix costs, double[] v, int[] rows, int from, int to, Visitor visitor) {
    if (costs.visitsExactly()) {
      Costs line = new Costs(v);
      costs.visit(
          rows, from, to, (row, values, offset) -> visitor.accept(row, line.of(values, offset)));
    } else {
      Bounds line = new Bounds(v, costs.boundUnit());
      costs.visitBounds(
          rows, from, to, (row, bounds, start) -> visitor.accept(row, line.of(bounds, start)));
    }
  }

  /** Costs in double precision. */
  final class Costs implements CostLine {

    private final double[] v;
    private double[] values = {};
    private int offset;

    Costs(double[] v) {
      this.v = v;
    }

    /** This line with the costs of another row, as long as these are valid. */
    Costs of(double[] newValues, int newOffset) {
      values = newValues;
      offset = newOffset;
      return this;
    }

    @Override
    public double cost(int column) {
      return values[offset + column];
    }

    @Override
    public int nextBelow(double limit, int from) {
      return Lines.nextBelow(limit, values, offset, v, from);
    }
  }

  /** Bounds in single precision, in which most columns are passed by. */
  final class Bounds implements CostLine {

    /** The rounding of c_ij - v_j, relative to v_j and to itself: two halves, doubled. */
    private static final double ROUNDING = 0x1p-22;

    private final double[] v;
    private final double unit;
    private final float[] roundedV;
    private final double largestV;
    private float[] bounds = {};
    private int start;

    Bounds(double[] v, double unit) {
      this.v = v;
      this.unit = unit;
      roundedV = new float[v.length];
      double largest = 0;
      for (int j = 0; j < v.length; j++) {
        roundedV[j] = (float) (v[j] / unit);
        largest = Math.max(largest, Math.abs(roundedV[j]));
      }
      largestV = largest;
    }

    /** This line with the bounds of another row, as long as these are valid. */
    Bounds of(float[] newBounds, int newStart) {
      bounds = newBounds;
      start = newStart;
      return this;
    }

    @Override
    public double cost(int column) {
      return bounds[start + column] * unit;
    }

    @Override
    public int nextBelow(double limit, int from) {
      double scaled = limit / unit;
      float roundedUp = Math.nextUp((float) (scaled + ROUNDING * (Math.abs(scaled) + largestV)));
      int j = Lines.nextBelow(roundedUp, bounds, start, roundedV, from);
      while (j < v.length && !(cost(j) - v[j] < limit)) {
        j = Lines.nextBelow(roundedUp, bounds, start, roundedV, j + 1);
      }
      return j;
    }
  }
}
