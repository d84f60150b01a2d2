package dev.fgvc.emd.internal.cost;

/**
 * A cost matrix in memory in single precision, for problems of which estimates suffice.
 *
 * @param lines the costs of each row; not empty
 */
public record FloatCosts(float[][] lines) implements CostMatrix {

  /** All costs of a matrix: itself if it is such a one, else a copy. */
  public static FloatCosts of(CostMatrix costs) {
    return costs instanceof FloatCosts same ? same : copyOf(costs, costs.allRows());
  }

  /**
   * Copies costs, or, where a matrix gives only these, their bounds; takes 4 bytes for each pair.
   *
   * @param rows which rows, in the order that they have here
   */
  public static FloatCosts copyOf(CostMatrix costs, int[] rows) {
    float[][] lines = new float[rows.length][costs.columns()];
    RowBlocks.run(
        rows.length,
        costs.columns(),
        (from, to) -> {
          int[] next = {from};
          costs.visit(
              rows, from, to, (row, values, offset) -> round(values, offset, lines[next[0]++]));
        });
    return new FloatCosts(lines);
  }

  private static void round(double[] values, int offset, float[] line) {
    for (int j = 0; j < line.length; j++) {
      line[j] = (float) values[offset + j];
    }
  }

  @Override
  public int rows() {
    return lines.length;
  }

  @Override
  public int columns() {
    return lines[0].length;
  }

  @Override
  public double get(int row, int column) {
    return lines[row][column];
  }

  @Override
  public boolean visitsExactly() {
    return true;
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    double[] values = new double[columns()];
    for (int k = from; k < to; k++) {
      float[] line = lines[rows[k]];
      for (int j = 0; j < values.length; j++) {
        values[j] = line[j];
      }
      visitor.accept(rows[k], values, 0);
    }
  }
}
