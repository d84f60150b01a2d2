package dev.fgvc.emd.internal.cost;

import java.util.Arrays;

/**
 * Some rows of a cost matrix.
 *
 * @param costs the whole matrix
 * @param chosen which rows, in the order that they have here
 */
public record SelectedRows(CostMatrix costs, int[] chosen) implements CostMatrix {

  @Override
  public int rows() {
    return chosen.length;
  }

  @Override
  public int columns() {
    return costs.columns();
  }

  @Override
  public double get(int row, int column) {
    return costs.get(chosen[row], column);
  }

  @Override
  public boolean visitsExactly() {
    return costs.visitsExactly();
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    int[] within = chosen(rows, from, to);
    int[] next = {from};
    costs.visit(
        within,
        0,
        within.length,
        (row, values, offset) -> visitor.accept(rows[next[0]++], values, offset));
  }

  @Override
  public double boundUnit() {
    return costs.boundUnit();
  }

  @Override
  public void visitBounds(int[] rows, int from, int to, BoundVisitor visitor) {
    int[] within = chosen(rows, from, to);
    int[] next = {from};
    costs.visitBounds(
        within,
        0,
        within.length,
        (row, bounds, start) -> visitor.accept(rows[next[0]++], bounds, start));
  }

  private int[] chosen(int[] rows, int from, int to) {
    int[] within = new int[to - from];
    Arrays.setAll(within, k -> chosen[rows[from + k]]);
    return within;
  }

  @Override
  public CostMatrix withColumns(int[] columns) {
    return new SelectedRows(costs.withColumns(columns), chosen);
  }
}
