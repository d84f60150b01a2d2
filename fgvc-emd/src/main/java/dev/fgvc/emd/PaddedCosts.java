package dev.fgvc.emd;

/**
 * Costs with one more row or column of zeros, which takes the mass that a partial matching leaves
 * where it is.
 *
 * @param costs the costs to pad
 * @param moreRows whether there is one more row; else there is one more column
 */
record PaddedCosts(CostMatrix costs, boolean moreRows) implements CostMatrix {

  @Override
  public int rows() {
    return costs.rows() + (moreRows ? 1 : 0);
  }

  @Override
  public int columns() {
    return costs.columns() + (moreRows ? 0 : 1);
  }

  @Override
  public double get(int row, int column) {
    return row < costs.rows() && column < costs.columns() ? costs.get(row, column) : 0;
  }

  @Override
  public void visit(int from, int to, RowVisitor visitor) {
    int plain = Math.min(to, costs.rows());
    if (moreRows) {
      if (from < plain) {
        costs.visit(from, plain, visitor);
      }
      if (to > plain) {
        visitor.accept(plain, new double[columns()], 0);
      }
      return;
    }
    double[] line = new double[columns()];
    costs.visit(
        from,
        to,
        (row, values, offset) -> {
          System.arraycopy(values, offset, line, 0, line.length - 1);
          visitor.accept(row, line, 0);
        });
  }
}
