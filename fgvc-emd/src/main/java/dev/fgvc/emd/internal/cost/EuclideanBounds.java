package dev.fgvc.emd.internal.cost;

import java.lang.ref.SoftReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

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

  /**
   * The bounds of the first rows, once they were computed, before scaling back. They may go when
   * memory runs short; computed again, they are the same to the last bit.
   */
  private final AtomicReferenceArray<SoftReference<float[]>> kept;

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
    kept = new AtomicReferenceArray<>(keptRows);
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
    PointSets.check(source, target);
    return checked(target, source, keptRows(target.count(), source.count()));
  }

  /**
   * The same with another limit of memory.
   *
   * @param keptRows how many rows of bounds to keep
   */
  static EuclideanBounds between(Points source, Points target, int keptRows) {
    PointSets.check(source, target);
    return checked(source, target, keptRows);
  }

  private static EuclideanBounds checked(Points source, Points target, int keptRows) {
    double largest = PointSets.largestCoordinate(source, target);
    double[] mean = PointSets.mean(source, target);
    return new EuclideanBounds(source, target, mean, largest, keptRows);
  }

  /** A number that no distance exceeds. */
  public double largestDistance() {
    return 2 * largest * Math.sqrt(mean.length);
  }

  /** Where all bounds are kept, whole rows are computed: they are wanted sooner or later. */
  @Override
  public CostMatrix withColumns(int[] columns) {
    if (kept.length() == rows()) {
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
    // What follows rounds once more, and so did the root.
    double back = (1 - 4 * (double) ROUNDING) / scale;
    double[] line = new double[columns()];
    FloatProducts.LineVisitor scaled =
        (row, roots) -> {
          for (int j = 0; j < line.length; j++) {
            line[j] = roots[j] * back;
          }
          visitor.accept(row, line, 0);
        };
    int start = from;
    while (start < to) {
      boolean keep = rows[start] < kept.length();
      int end = start + 1;
      while (end < to && rows[end] < kept.length() == keep && !(keep && end - start == GROUP)) {
        end++;
      }
      if (keep) {
        visitKept(rows, start, end, scaled);
      } else {
        products.visit(rows, start, end, this::toRoots, scaled);
      }
      start = end;
    }
  }

  /** Visits rows of which those that are not known, or no longer, are computed and kept. */
  private void visitKept(int[] rows, int from, int to, FloatProducts.LineVisitor visitor) {
    float[][] lines = new float[to - from][];
    int[] unknown = new int[to - from];
    int count = 0;
    for (int k = from; k < to; k++) {
      SoftReference<float[]> known = kept.getAcquire(rows[k]);
      lines[k - from] = known == null ? null : known.get();
      if (lines[k - from] == null) {
        unknown[count++] = k;
      }
    }
    int[] missing = new int[count];
    for (int k = 0; k < count; k++) {
      missing[k] = rows[unknown[k]];
    }
    int[] next = {0};
    products.visit(
        missing,
        0,
        count,
        this::toRoots,
        (row, roots) -> {
          float[] line = roots.clone();
          lines[unknown[next[0]++] - from] = line;
          kept.setRelease(row, new SoftReference<>(line));
        });
    for (int k = from; k < to; k++) {
      visitor.accept(rows[k], lines[k - from]);
    }
  }

  /** Overwrites products; in single precision and apart, so that the compiler makes vector code. */
  private void toRoots(int row, float square, float[] values, int start, int width) {
    float[] squares = products.targetSquares();
    float share = keptShare;
    float lost = underflow;
    for (int j = 0; j < width; j++) {
      float least = share * (square + squares[start + j]) - 2 * values[j] - lost;
      values[j] = (float) Math.sqrt(Math.max(0f, least));
    }
  }
}
