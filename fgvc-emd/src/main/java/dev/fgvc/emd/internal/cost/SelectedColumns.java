package dev.fgvc.emd.internal.cost;

/** Some columns of a cost matrix. */
record SelectedColumns(CostMatrix costs, int[] chosen) implements CostMatrix {

  @Override
  public int rows() {
    return costs.rows();
  }

  @Override
  public int columns() {
    return chosen.length;
  }

  @Override
  public double get(int row, int column) {
    return costs.get(row, chosen[column]);
  }

  @Override
  public boolean visitsExactly() {
    return costs.visitsExactly();
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    double[] line = new double[chosen.length];
    costs.visit(
        rows,
        from,
        to,
        (row, values, offset) -> {
          for (int j = 0; j < line.length; j++) {
            line[j] = values[offset + chosen[j]];
          }
          visitor.accept(row, line, 0);
        });
  }

  @Override
  public double boundUnit() {
    return costs.boundUnit();
  }

  @Override
  public void visitBounds(int[] rows, int from, int to, BoundVisitor visitor) {
    if (visitsExactly()) {
      // Whole rows would be rounded for a few of their columns.
      CostMatrix.super.visitBounds(rows, from, to, visitor);
      return;
    }
    float[] line = new float[chosen.length];
    costs.visitBounds(
        rows,
        from,
        to,
        (row, bounds, start) -> {
          for (int j = 0; j < line.length; j++) {
            line[j] = bounds[start + chosen[j]];
          }
          visitor.accept(row, line, 0);
        });
  }
}
