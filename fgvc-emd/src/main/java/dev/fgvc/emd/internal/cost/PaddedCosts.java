package dev.fgvc.emd.internal.cost;

/**
 * Costs with one more row or column of zeros, which takes the mass that a partial matching leaves
 * where it is.
 *
 * @param costs the costs to pad
 * @param moreRows whether there is one more row; else there is one more column
 */
public record PaddedCosts(CostMatrix costs, boolean moreRows) implements CostMatrix {

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
  public boolean visitsExactly() {
    return costs.visitsExactly();
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    double[] line = new double[columns()];
    if (moreRows) {
      // The row of zeros, which may stand anywhere in the list, is not known to the costs within.
      int start = from;
      for (int k = from; k <= to; k++) {
        if (k == to || rows[k] == costs.rows()) {
          if (k > start) {
            costs.visit(rows, start, k, visitor);
          }
          if (k < to) {
            visitor.accept(rows[k], line, 0);
          }
          start = k + 1;
        }
      }
      return;
    }
    costs.visit(
        rows,
        from,
        to,
        (row, values, offset) -> {
          System.arraycopy(values, offset, line, 0, line.length - 1);
          visitor.accept(row, line, 0);
        });
  }
}
