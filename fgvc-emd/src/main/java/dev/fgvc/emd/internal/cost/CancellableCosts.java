package dev.fgvc.emd.internal.cost;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Costs that stop giving rows once the work is cancelled, and tell how many they have given. */
public record CancellableCosts(CostMatrix costs, BooleanSupplier cancelled, PassProgress pass)
    implements CostMatrix {

  /** Rows between two looks; a look costs nothing beside a row. */
  private static final int STEP = 256;

  public void check() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("the Earth Mover's Distance was cancelled");
    }
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
    return costs.get(row, column);
  }

  @Override
  public boolean visitsExactly() {
    return costs.visitsExactly();
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    for (int start = from; start < to; start += STEP) {
      check();
      int end = Math.min(to, start + STEP);
      costs.visit(rows, start, end, visitor);
      pass.add(end - start);
    }
  }

  @Override
  public CostMatrix withColumns(int[] columns) {
    return new CancellableCosts(costs.withColumns(columns), cancelled, pass);
  }
}
