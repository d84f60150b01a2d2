package dev.fgvc.emd.internal.cost;

import java.util.Arrays;
import java.util.Optional;
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

  private final Points source;
  private final Points target;
  private final double[] mean;
  private final double largest;
  private final double scale;
  private final float keptShare;
  private final float underflow;
  private final FloatProducts products;

  /**
   * The bounds of rows that were computed already, before scaling back; absent where they would
   * take much memory.
   */
  private final Optional<AtomicReferenceArray<float[]>> kept;

  private EuclideanBounds(Points source, Points target, double[] mean, double largest) {
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
    kept =
        areKept(source, target)
            ? Optional.of(new AtomicReferenceArray<>(source.count()))
            : Optional.empty();
  }

  /** Whether all bounds take at most twice the memory of the points. */
  private static boolean areKept(Points source, Points target) {
    long pairs = (long) source.count() * target.count();
    long points = (long) source.count() + target.count();
    return source.areInMemory() && target.areInMemory() && pairs / 2 <= points * source.dimension();
  }

  /**
   * Prepares distances; takes 4 bytes for each value of the target, and later as much for each
   * distance where these are no more than two for each value of both.
   *
   * @throws IllegalArgumentException if a set is empty, dimensions differ, or a value is not finite
   */
  public static EuclideanBounds between(Points source, Points target) {
    PointSets.check(source, target);
    double largest = PointSets.largestCoordinate(source, target);
    return new EuclideanBounds(source, target, PointSets.mean(source, target), largest);
  }

  /** A number that no distance exceeds. */
  public double largestDistance() {
    return 2 * largest * Math.sqrt(mean.length);
  }

  /** Where bounds are kept, whole rows are computed: they are wanted sooner or later. */
  @Override
  public CostMatrix withColumns(int[] columns) {
    if (kept.isPresent()) {
      return new SelectedColumns(this, columns);
    }
    return new EuclideanBounds(source, Points.of(PointSets.rows(target, columns)), mean, largest);
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
    if (kept.isEmpty()) {
      products.visit(rows, from, to, this::toRoots, scaled);
      return;
    }
    AtomicReferenceArray<float[]> known = kept.get();
    int[] unknown =
        Arrays.stream(rows, from, to).filter(row -> known.getAcquire(row) == null).toArray();
    products.visit(
        unknown,
        0,
        unknown.length,
        this::toRoots,
        (row, roots) -> known.setRelease(row, roots.clone()));
    for (int k = from; k < to; k++) {
      scaled.accept(rows[k], known.getAcquire(rows[k]));
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
