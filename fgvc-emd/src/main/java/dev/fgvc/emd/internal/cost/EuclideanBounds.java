package dev.fgvc.emd.internal.cost;

/**
 * Euclidean distances between two sets of points that are computed as they are needed: rows of
 * bounds, a little below the distances, in single precision; single distances in double.
 *
 * <p>Whoever looks for small reduced costs needs the few smallest exactly and of the others only
 * that they are not small. For that a bound does, at a third of the time and half the memory.
 */
public final class EuclideanBounds implements CostMatrix {

  private static final float ROUNDING = FloatProducts.ROUNDING;

  /** One over the share of the heap that bounds may take. */
  private static final int HEAP_SHARE = 4;

  /** One over the share of the columns that are few. */
  private static final int FEW = 10;

  /** Rows that are looked up together, so that those which are not known are computed together. */
  private static final int GROUP = 120;

  private final Points source;
  private final Points target;
  private final double[] mean;
  private final double largest;
  private final float scale;
  private final float keptShare;
  private final float underflow;
  private final FloatProducts products;

  /** The bounds of the first rows, once they were computed; the same to the last bit if again. */
  private final KeptLines kept;

  private EuclideanBounds(
      Points source, Points target, double[] mean, double largest, int keptRows) {
    this.source = source;
    this.target = target;
    this.mean = mean;
    this.largest = largest;
    scale = PointSets.scale(largest);
    int dimension = mean.length;
    // Rounding takes, of the squared lengths: what it takes of the product, four for the sums and
    // the difference, and a little for the coordinates; the rest is for terms of second order.
    keptShare = (float) (1 - (FloatProducts.roundings(dimension) + 13) * 1.01 * ROUNDING);
    underflow = dimension * 0x1p-140f;
    products = new FloatProducts(source, target, mean, scale);
    kept = new KeptLines(keptRows, target.count());
  }

  /** The number of rows that fit in a share of the heap. */
  private static int keptRows(int rows, int columns) {
    long bytes = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
    return (int) Math.min(rows, bytes / Math.max(1, (long) columns * Float.BYTES));
  }

  /**
   * Prepares distances; takes 4 bytes for each value of the target, and later as much for each
   * distance, up to a quarter of the heap and as long as nobody else wants that.
   *
   * @throws IllegalArgumentException if a set is empty, dimensions differ, or a value is not finite
   */
  public static EuclideanBounds between(Points source, Points target) {
    return between(source, target, keptRows(source.count(), target.count()));
  }

  /**
   * The same with rows and columns exchanged: a row for each target.
   *
   * @throws IllegalArgumentException as {@link #between}
   */
  public static EuclideanBounds transposed(Points source, Points target) {
    double largest = PointSets.check(source, target);
    return checked(target, source, largest, keptRows(target.count(), source.count()));
  }

  /**
   * The same with another limit of memory.
   *
   * @param keptRows how many rows of bounds to keep
   */
  static EuclideanBounds between(Points source, Points target, int keptRows) {
    return checked(source, target, PointSets.check(source, target), keptRows);
  }

  private static EuclideanBounds checked(
      Points source, Points target, double largest, int keptRows) {
    double[] mean = PointSets.mean(source, target);
    return new EuclideanBounds(source, target, mean, largest, keptRows);
  }

  /** A number that no distance exceeds. */
  public double largestDistance() {
    return 2 * largest * Math.sqrt(mean.length);
  }

  /**
   * Takes columns out of whole rows where all bounds are kept, as those are wanted sooner or later.
   * A few columns are computed anew, which costs less than reading whole rows.
   */
  @Override
  public CostMatrix withColumns(int[] columns) {
    if (kept.rows() == rows() && columns.length > columns() / FEW) {
      return new SelectedColumns(this, columns);
    }
    return new EuclideanBounds(
        source, Points.of(PointSets.rows(target, columns)), mean, largest, 0);
  }

  @Override
  public int rows() {
    return source.count();
  }

  @Override
  public int columns() {
    return target.count();
  }

  @Override
  public double get(int row, int column) {
    return PointSets.distance(source, row, target, column);
  }

  @Override
  public boolean visitsExactly() {
    return false;
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    double unit = boundUnit();
    double[] line = new double[columns()];
    visitBounds(
        rows,
        from,
        to,
        (row, bounds, start) -> {
          for (int j = 0; j < line.length; j++) {
            line[j] = bounds[start + j] * unit;
          }
          visitor.accept(row, line, 0);
        });
  }

  /** The scale back, and a little less: the product with it rounds, and so did the root. */
  @Override
  public double boundUnit() {
    return (1 - 4 * (double) ROUNDING) / scale;
  }

  @Override
  public void visitBounds(int[] rows, int from, int to, BoundVisitor visitor) {
    int start = from;
    while (start < to) {
      boolean keep = rows[start] < kept.rows();
      int end = start + 1;
      while (end < to && rows[end] < kept.rows() == keep && !(keep && end - start == GROUP)) {
        end++;
      }
      if (keep) {
        visitKept(rows, start, end, visitor);
      } else {
        products.visit(rows, start, end, this::toRoots, visitor::accept);
      }
      start = end;
    }
  }

  /** Visits rows of which those that are not known, or no longer, are computed and kept. */
  private void visitKept(int[] rows, int from, int to, BoundVisitor visitor) {
    KeptLines.Chunk[] chunks = new KeptLines.Chunk[to - from];
    Line[] lines = new Line[chunks.length];
    int[] missing = new int[chunks.length];
    Line[] places = new Line[chunks.length];
    int count = 0;
    for (int k = 0; k < chunks.length; k++) {
      int row = rows[from + k];
      chunks[k] = kept.chunk(row);
      lines[k] = kept.line(chunks[k], row);
      if (!kept.isKnown(chunks[k], row)) {
        missing[count] = row;
        places[count++] = lines[k];
      }
    }
    products.compute(missing, count, this::toRoots, places);
    for (int k = 0; k < chunks.length; k++) {
      kept.setKnown(chunks[k], rows[from + k]);
      visitor.accept(rows[from + k], lines[k].values(), lines[k].start());
    }
  }

  /** Overwrites products; in single precision and apart, so that the compiler makes vector code. */
  private void toRoots(
      int row, float square, float[] values, float[] squares, int start, int width) {
    float share = keptShare;
    float lost = underflow;
    for (int j = 0; j < width; j++) {
      float least = share * (square + squares[j]) - 2 * values[j] - lost;
      // The larger of that and 0, for which the compiler makes no vector code.
      values[j] = (float) Math.sqrt(0.5f * (least + Math.abs(least)));
    }
  }
}
