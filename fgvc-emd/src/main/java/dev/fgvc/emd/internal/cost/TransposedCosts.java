package dev.fgvc.emd.internal.cost;

import org.ejml.data.DMatrixRMaj;

/**
 * A cost matrix in memory with rows and columns exchanged. Rows are gathered some at a time, so
 * that what is read of a line of the matrix lies together.
 */
public record TransposedCosts(DMatrixRMaj matrix) implements CostMatrix {

  private static final int GROUP = 16;

  @Override
  public int rows() {
    return matrix.numCols;
  }

  @Override
  public int columns() {
    return matrix.numRows;
  }

  @Override
  public double get(int row, int column) {
    return matrix.data[column * matrix.numCols + row];
  }

  @Override
  public boolean visitsExactly() {
    return true;
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    double[][] lines = new double[Math.min(GROUP, to - from)][columns()];
    for (int start = from; start < to; start += GROUP) {
      int count = Math.min(GROUP, to - start);
      for (int i = 0; i < columns(); i++) {
        int line = i * matrix.numCols;
        for (int k = 0; k < count; k++) {
          lines[k][i] = matrix.data[line + rows[start + k]];
        }
      }
      for (int k = 0; k < count; k++) {
        visitor.accept(rows[start + k], lines[k], 0);
      }
    }
  }
}
