package dev.fgvc.emd.internal.cost;

import java.util.Arrays;

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
      split(
          rows,
          from,
          to,
          (start, end) -> costs.visit(rows, start, end, visitor),
          () -> visitor.accept(costs.rows(), line, 0));
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

  @Override
  public double boundUnit() {
    return costs.boundUnit();
  }

  @Override
  public void visitBounds(int[] rows, int from, int to, BoundVisitor visitor) {
    float[] line = new float[columns()];
    if (moreRows) {
      split(
          rows,
          from,
          to,
          (start, end) -> costs.visitBounds(rows, start, end, visitor),
          () -> visitor.accept(costs.rows(), line, 0));
      return;
    }
    costs.visitBounds(
        rows,
        from,
        to,
        (row, bounds, start) -> {
          System.arraycopy(bounds, start, line, 0, line.length - 1);
          visitor.accept(row, line, 0);
        });
  }

  /** Tells the row of zeros, which may stand anywhere in a list, from those of the costs within. */
  private void split(int[] rows, int from, int to, RowBlocks.Task within, Runnable zeros) {
    int start = from;
    for (int k = from; k <= to; k++) {
      if (k == to || rows[k] == costs.rows()) {
        if (k > start) {
          within.run(start, k);
        }
        if (k < to) {
          zeros.run();
        }
        start = k + 1;
      }
    }
  }

  /** A view that leaves the choice to the costs within, as they may compute a part sooner. */
  @Override
  public CostMatrix withColumns(int[] columns) {
    if (moreRows) {
      return new PaddedCosts(costs.withColumns(columns), true);
    }
    int place = 0;
    while (place < columns.length && columns[place] < costs.columns()) {
      place++;
    }
    if (place == columns.length) {
      return costs.withColumns(columns);
    }
    // Anywhere but at the end of a list, the column of zeros would need a view of another kind.
    return place > 0 && place == columns.length - 1
        ? new PaddedCosts(costs.withColumns(Arrays.copyOf(columns, place)), false)
        : new SelectedColumns(this, columns);
  }
}
