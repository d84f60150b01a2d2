package dev.fgvc.emd.internal.cost;

/** Costs times a power of two, which is exact: for costs beyond what single precision holds. */
public record ScaledCosts(CostMatrix costs, int exponent) implements CostMatrix {

  /** Costs up to 2^90 and a largest one of at least 2^-90 are left as they are. */
  private static final int PLAIN = 90;

  /** The exponent that brings the largest cost near 1, or 0 where that is not needed. */
  public static int exponentFor(double largest) {
    int exponent = largest == 0 ? 0 : Math.getExponent(largest);
    return Math.abs(exponent) <= PLAIN ? 0 : -exponent;
  }

  /** A value times 2^exponent, rounded down where that is subnormal. */
  public static double scaledDown(double value, int exponent) {
    double scaled = Math.scalb(value, exponent);
    return Math.scalb(scaled, -exponent) > value ? Math.nextDown(scaled) : scaled;
  }

  @Override
  public int rows() {
    return costs.rows();
  }

  @Override
  public int columns() {
    return costs.columns();
  }

  @Override
  public double get(int row, int column) {
    return scaledDown(costs.get(row, column), exponent);
  }

  @Override
  public boolean visitsExactly() {
    return costs.visitsExactly();
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    double[] scaled = new double[columns()];
    costs.visit(
        rows,
        from,
        to,
        (row, values, offset) -> {
          for (int j = 0; j < scaled.length; j++) {
            scaled[j] = scaledDown(values[offset + j], exponent);
          }
          visitor.accept(row, scaled, 0);
        });
  }

  @Override
  public CostMatrix withColumns(int[] columns) {
    return new ScaledCosts(costs.withColumns(columns), exponent);
  }
}
