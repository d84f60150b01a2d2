package dev.fgvc.emd.internal.cost;

import org.ejml.data.DMatrixRMaj;

/** A cost matrix in memory. */
public record DenseCosts(DMatrixRMaj matrix) implements CostMatrix {

  @Override
  public int rows() {
    return matrix.numRows;
  }

  @Override
  public int columns() {
    return matrix.numCols;
  }

  @Override
  public double get(int row, int column) {
    return matrix.data[row * matrix.numCols + column];
  }

  @Override
  public boolean visitsExactly() {
    return true;
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    for (int k = from; k < to; k++) {
      visitor.accept(rows[k], matrix.data, rows[k] * matrix.numCols);
    }
  }
}
