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
    Watch watch = new Watch();
    costs.visit(
        rows,
        from,
        to,
        (row, values, offset) -> {
          watch.next();
          visitor.accept(row, values, offset);
        });
    watch.end();
  }

  @Override
  public double boundUnit() {
    return costs.boundUnit();
  }

  @Override
  public void visitBounds(int[] rows, int from, int to, BoundVisitor visitor) {
    Watch watch = new Watch();
    costs.visitBounds(
        rows,
        from,
        to,
        (row, bounds, start) -> {
          watch.next();
          visitor.accept(row, bounds, start);
        });
    watch.end();
  }

  /** Looks and tells now and then while one thread reads rows. */
  private final class Watch {

    private int untold;

    Watch() {
      check();
    }

    void next() {
      if (untold == STEP) {
        check();
        end();
      }
      untold++;
    }

    void end() {
      if (untold > 0) {
        pass.add(untold);
        untold = 0;
      }
    }
  }

  @Override
  public CostMatrix withColumns(int[] columns) {
    return new CancellableCosts(costs.withColumns(columns), cancelled, pass);
  }
}
