package dev.fgvc.emd.internal.problem;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.Lines;
import dev.fgvc.emd.internal.cost.RowBlocks;
import java.util.Arrays;
import java.util.Collection;

/**
 * The arcs of least reduced cost c_ij - u_i - v_j, a given number for each row and for each column,
 * among those offered to it. Among equals the lower index wins, so that the result does not depend
 * on who offered what first. Used by one thread; several are merged.
 */
public final class BestArcs {

  /** Multiple of the arcs to find for a column that it has room for. */
  private static final int SPARE = 2;

  private final int[] perRow;
  private final int columns;
  private final double below;
  private final LongList rowKeys = new LongList();
  private final double[] rowCosts;
  private final int[] rowArcs;
  private final int[] perColumn;
  // For each column, from its start on, its best so far and later ones that may be: once there is
  // no more room, all but the best go. A heap would keep the best alone, but where a column has
  // hundreds, it takes several times as long.
  private final int[] columnStart;
  private final int[] columnSize;
  private final double[] columnCosts;
  private final int[] columnRows;
  private final double[] columnToBeat;
  // The same over the unit of bounds, rounded up.
  private final float[] columnLimits;
  private final double unit;
  private double rowToBeat;
  private int rowSize;

  /**
   * Starts with no arcs.
   *
   * @param perRow how many arcs to find for each row, at least 1
   * @param perColumn how many for each column, at least 1
   * @param below only arcs of reduced cost less than this count
   */
  public BestArcs(int[] perRow, int[] perColumn, double below) {
    this(perRow, perColumn, below, 1);
  }

  /**
   * The same for bounds.
   *
   * @param unit what a bound of 1 stands for
   */
  private BestArcs(int[] perRow, int[] perColumn, double below, double unit) {
    this.perRow = perRow;
    this.unit = unit;
    this.below = below;
    columns = perColumn.length;
    int most = Math.min(columns, Arrays.stream(perRow).max().orElse(0));
    rowCosts = new double[most];
    rowArcs = new int[most];
    this.perColumn = perColumn;
    columnStart = new int[columns + 1];
    for (int j = 0; j < columns; j++) {
      long room = Math.min((long) SPARE * perColumn[j], perRow.length);
      columnStart[j + 1] = Math.addExact(columnStart[j], (int) room);
    }
    columnSize = new int[columns];
    columnCosts = new double[columnStart[columns]];
    columnRows = new int[columnStart[columns]];
    columnToBeat = new double[columns];
    Arrays.fill(columnToBeat, below);
    columnLimits = new float[columns];
    Arrays.fill(columnLimits, limit(below));
  }

  /**
   * Finds the best of all arcs, as far as {@link CostMatrix#visit} tells, in one pass; on the way
   * sets each u_i to the largest value that the v allow. Where costs are only bounded, single
   * precision does for both.
   *
   * @param below only arcs of reduced cost less than this count
   * @param also takes each row, too, once its u is set; called by several threads
   */
  public static long[] ofAll(
      CostMatrix costs,
      Potentials potentials,
      int[] perRow,
      int[] perColumn,
      double below,
      CostLine.Visitor also) {
    int[] rows = costs.allRows();
    return keys(
        RowBlocks.run(
            rows.length,
            potentials.v().length,
            () -> new BestArcs(perRow, perColumn, below, costs.boundUnit()),
            costs.visitsExactly()
                ? (best, from, to) -> best.takeCosts(costs, rows, from, to, potentials, also)
                : (best, from, to) -> best.takeBounds(costs, rows, from, to, potentials, also)));
  }

  private void takeCosts(
      CostMatrix costs,
      int[] rows,
      int from,
      int to,
      Potentials potentials,
      CostLine.Visitor also) {
    double[] u = potentials.u();
    double[] v = potentials.v();
    CostLine.Costs line = new CostLine.Costs(v);
    costs.visit(
        rows,
        from,
        to,
        (row, values, offset) -> {
          u[row] = Potentials.leastReduced(values, offset, v);
          takeRow(row, values, offset, u[row], v);
          also.accept(row, line.of(values, offset));
        });
  }

  private void takeBounds(
      CostMatrix costs,
      int[] rows,
      int from,
      int to,
      Potentials potentials,
      CostLine.Visitor also) {
    CostLine.Bounds line = new CostLine.Bounds(potentials.v(), unit);
    float[] v = new float[columns];
    for (int j = 0; j < columns; j++) {
      v[j] = (float) (potentials.v(j) / unit);
    }
    float[] reduced = new float[columns];
    costs.visitBounds(
        rows,
        from,
        to,
        (row, bounds, start) -> {
          // From the first place of an array on, the compiler makes vector code of the loop.
          System.arraycopy(bounds, start, reduced, 0, columns);
          subtract(reduced, v);
          float least = Lines.least(reduced);
          potentials.u()[row] = least * unit;
          subtract(reduced, least);
          takeRow(row, reduced);
          also.accept(row, line.of(bounds, start));
        });
  }

  private static void subtract(float[] values, float[] less) {
    for (int j = 0; j < values.length; j++) {
      values[j] -= less[j];
    }
  }

  private static void subtract(float[] values, float less) {
    for (int j = 0; j < values.length; j++) {
      values[j] -= less;
    }
  }

  private void takeRow(int row, float[] reduced) {
    startRow(row);
    int j = -1;
    while ((j = Lines.nextBelowEither(limit(rowToBeat), reduced, columnLimits, j + 1)) < columns) {
      offer(row, j, reduced[j] * unit);
    }
    endRow(row);
  }

  /** A bound that all bounds are below which stand for no more than a cost. */
  private float limit(double cost) {
    return Math.nextUp((float) (cost / unit));
  }

  /** Finds the best among some arcs. */
  public static long[] among(ArcSet arcs, Potentials potentials, int[] perRow, int[] perColumn) {
    BestArcs best = new BestArcs(perRow, perColumn, Double.POSITIVE_INFINITY);
    int k = 0;
    while (k < arcs.size()) {
      int row = arcs.row(k);
      best.startRow(row);
      for (; k < arcs.size() && arcs.row(k) == row; k++) {
        int column = arcs.column(k);
        best.offer(row, column, arcs.cost(k) - potentials.u(row) - potentials.v(column));
      }
      best.endRow(row);
    }
    return best.keys();
  }

  private void takeRow(int row, double[] values, int offset, double u, double[] v) {
    startRow(row);
    for (int j = 0; j < columns; j++) {
      double reduced = values[offset + j] - u - v[j];
      if (reduced < rowToBeat || reduced <= columnToBeat[j]) {
        offer(row, j, reduced);
      }
    }
    endRow(row);
  }

  /** Begins a row; each row is offered as a whole by one thread. */
  public void startRow(int row) {
    rowSize = Math.min(perRow[row], columns);
    Arrays.fill(rowCosts, 0, rowSize, below);
    Arrays.fill(rowArcs, 0, rowSize, -1);
    rowToBeat = below;
  }

  /** Offers an arc of the present row. */
  public void offer(int row, int column, double reduced) {
    if (reduced < rowToBeat) {
      replaceLargest(rowCosts, rowArcs, 0, rowSize, reduced, column);
      rowToBeat = rowCosts[0];
    }
    if (reduced <= columnToBeat[column]) {
      offerToColumn(column, reduced, row);
    }
  }

  private void offerToColumn(int column, double reduced, int row) {
    if (!(reduced < below)) {
      return;
    }
    int place = columnStart[column] + columnSize[column]++;
    columnCosts[place] = reduced;
    columnRows[place] = row;
    if (place + 1 == columnStart[column + 1]) {
      keepBest(column);
    }
  }

  /** Leaves a column no more arcs than it is to have; the largest of them is to be beaten. */
  private void keepBest(int column) {
    int count = perColumn[column];
    if (columnSize[column] < count) {
      return;
    }
    int start = columnStart[column];
    int last = start + count - 1;
    LeastFirst.order(columnCosts, columnRows, start, start + columnSize[column], last);
    columnSize[column] = count;
    columnToBeat[column] = columnCosts[last];
    columnLimits[column] = limit(columnCosts[last]);
  }

  /** Ends a row. */
  public void endRow(int row) {
    for (int k = 0; k < rowSize; k++) {
      if (rowArcs[k] >= 0) {
        rowKeys.add((long) row * columns + rowArcs[k]);
      }
    }
  }

  /**
   * The keys (row x columns + column) of the best arcs of all, not sorted; an arc that is among the
   * best of its row and of its column appears twice.
   */
  public static long[] keys(Collection<BestArcs> parts) {
    BestArcs all = null;
    for (BestArcs part : parts) {
      if (all == null) {
        all = part;
      } else {
        all.merge(part);
      }
    }
    return all == null ? new long[0] : all.keys();
  }

  private void merge(BestArcs other) {
    rowKeys.addAll(other.rowKeys);
    for (int j = 0; j < columns; j++) {
      int start = other.columnStart[j];
      for (int k = start; k < start + other.columnSize[j]; k++) {
        if (other.columnCosts[k] <= columnToBeat[j]) {
          offerToColumn(j, other.columnCosts[k], other.columnRows[k]);
        }
      }
    }
  }

  private long[] keys() {
    LongList keys = new LongList();
    keys.addAll(rowKeys);
    for (int j = 0; j < columns; j++) {
      keepBest(j);
      for (int k = columnStart[j]; k < columnStart[j] + columnSize[j]; k++) {
        keys.add((long) columnRows[k] * columns + j);
      }
    }
    return keys.toArray();
  }

  /** Puts an arc in the place of the largest, the first of a heap, and mends the heap. */
  private static void replaceLargest(
      double[] costs, int[] ids, int start, int size, double cost, int id) {
    int place = 0;
    int child = 1;
    while (child < size) {
      int larger = start + child;
      if (child + 1 < size && isLarger(costs, ids, larger + 1, costs[larger], ids[larger])) {
        child++;
        larger++;
      }
      if (!isLarger(costs, ids, larger, cost, id)) {
        break;
      }
      costs[start + place] = costs[start + child];
      ids[start + place] = ids[start + child];
      place = child;
      child = 2 * place + 1;
    }
    costs[start + place] = cost;
    ids[start + place] = id;
  }

  private static boolean isLarger(double[] costs, int[] ids, int k, double cost, int id) {
    return costs[k] > cost || (costs[k] == cost && ids[k] > id);
  }
}
