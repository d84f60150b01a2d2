package dev.fgvc.emd;

import org.ejml.data.DMatrixRMaj;

/** A cost matrix in memory. */
record DenseCosts(DMatrixRMaj matrix) implements CostMatrix {

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
  public void visit(int from, int to, RowVisitor visitor) {
    for (int row = from; row < to; row++) {
      visitor.accept(row, matrix.data, row * matrix.numCols);
    }
  }
}
