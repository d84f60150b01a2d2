package dev.fgvc.emd.internal.cost;

import static dev.fgvc.emd.internal.cost.ProductTiles.DIMENSIONS;
import static dev.fgvc.emd.internal.cost.ProductTiles.POINTS;
import static dev.fgvc.emd.internal.cost.ProductTiles.ROWS;

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

  /** Columns worked on together, at most: six such arrays fit a first-level cache. */
  private static final int WIDTH = 512;

  /** Dimensions worked on together: their lanes stay in a second-level cache. */
  private static final int DEPTH = 21 * DIMENSIONS;

  /** Half a unit in the last place of 1. */
  private static final float ROUNDING = 0x1p-24f;

  private final Points source;
  private final Points target;
  private final double[] mean;
  private final double largest;
  private final double scale;
  private final float keptShare;
  private final float underflow;
  private final ProductTiles tiles;
  // Target coordinates minus the mean, scaled, one array for each block of columns and dimension,
  // filled up by zeros.
  private final float[][][] panels;
  private final float[] targetSquares;

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
    scale = largest == 0 ? 1 : Math.scalb(1.0, -Math.getExponent(largest));
    int dimension = mean.length;
    // Rounding takes, of the squared lengths: one unit for each product, four for the coordinates,
    // four for the sums and the difference; the rest is for terms of second order.
    keptShare = (float) (1 - (dimension + 16) * 1.01 * ROUNDING);
    underflow = dimension * 0x1p-140f;
    tiles = ProductTiles.of(target.count(), WIDTH);
    panels = new float[tiles.count()][ProductTiles.padded(dimension)][];
    targetSquares = new float[target.count()];
    kept =
        areKept(source, target)
            ? Optional.of(new AtomicReferenceArray<>(source.count()))
            : Optional.empty();
    RowBlocks.run(
        tiles.count(),
        (long) WIDTH * dimension,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            pack(block);
          }
        });
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

  private void pack(int block) {
    int start = tiles.start(block);
    int width = tiles.width(block);
    int dimension = mean.length;
    float[][] lanes = panels[block];
    for (int k = 0; k < dimension; k++) {
      lanes[k] = new float[width];
    }
    Arrays.fill(lanes, dimension, lanes.length, new float[width]);
    float[] point = new float[dimension];
    float[] spare = target.spare();
    for (int j = 0; j < width; j++) {
      targetSquares[start + j] = centre(target, start + j, spare, point);
      for (int k = 0; k < dimension; k++) {
        lanes[k][j] = point[k];
      }
    }
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

  /** Takes the bounds of one row, on the points' scale; they are valid during the call only. */
  @FunctionalInterface
  private interface RootsVisitor {
    void accept(int row, float[] roots);
  }

  @Override
  public void visit(int[] rows, int from, int to, RowVisitor visitor) {
    // What follows rounds once more, and so did the root.
    double back = (1 - 4 * (double) ROUNDING) / scale;
    double[] line = new double[columns()];
    RootsVisitor scaled =
        (row, roots) -> {
          for (int j = 0; j < line.length; j++) {
            line[j] = roots[j] * back;
          }
          visitor.accept(row, line, 0);
        };
    if (kept.isEmpty()) {
      compute(rows, from, to, scaled);
      return;
    }
    AtomicReferenceArray<float[]> known = kept.get();
    int[] unknown =
        Arrays.stream(rows, from, to).filter(row -> known.getAcquire(row) == null).toArray();
    compute(unknown, 0, unknown.length, (row, roots) -> known.setRelease(row, roots.clone()));
    for (int k = from; k < to; k++) {
      scaled.accept(rows[k], known.getAcquire(rows[k]));
    }
  }

  private void compute(int[] rows, int from, int to, RootsVisitor visitor) {
    int most = ProductTiles.rowsAtOnce(to - from);
    float[][] points = new float[most][panels[0].length];
    float[] squares = new float[most];
    float[][] products = new float[most][tiles.widest()];
    float[][] lines = new float[most][columns()];
    float[] spare = source.spare();
    for (int first = from; first < to; first += ROWS) {
      int count = Math.min(ROWS, to - first);
      for (int r = 0; r < count; r++) {
        squares[r] = centre(source, rows[first + r], spare, points[r]);
      }
      for (int block = 0; block < panels.length; block++) {
        int start = tiles.start(block);
        int width = tiles.width(block);
        multiply(points, count, panels[block], products);
        for (int r = 0; r < count; r++) {
          toRoots(products[r], squares[r], start, width);
          System.arraycopy(products[r], 0, lines[r], start, width);
        }
      }
      for (int r = 0; r < count; r++) {
        visitor.accept(rows[first + r], lines[r]);
      }
    }
  }

  /** Sets a point minus the mean, scaled; returns its squared length. */
  private float centre(Points points, int row, float[] spare, float[] point) {
    float[] values = points.array(row, spare);
    int start = points.offset(row);
    double square = 0;
    for (int k = 0; k < mean.length; k++) {
      point[k] = (float) ((values[start + k] - mean[k]) * scale);
      square += (double) point[k] * point[k];
    }
    return (float) square;
  }

  private static void multiply(float[][] points, int count, float[][] lanes, float[][] products) {
    int width = lanes[0].length;
    for (int r = 0; r < count; r++) {
      Arrays.fill(products[r], 0, width, 0);
    }
    for (int k = 0; k < lanes.length; k += DEPTH) {
      int end = Math.min(lanes.length, k + DEPTH);
      addProducts(points, count, lanes, k, end, products, width);
    }
  }

  /**
   * Adds the products of some points with all points of a block, over some of the dimensions. Sums
   * of {@code products} after the points' own may change.
   */
  private static void addProducts(
      float[][] points,
      int count,
      float[][] lanes,
      int from,
      int to,
      float[][] products,
      int width) {
    for (int row = 0; row < count; row += POINTS) {
      // The last group is padded by computing its final rows twice, into spare sums.
      float[] second = points[Math.min(row + 1, count - 1)];
      float[] third = points[Math.min(row + 2, count - 1)];
      for (int k = from; k < to; k += DIMENSIONS) {
        addSix(
            points[row],
            second,
            third,
            k,
            lanes,
            products[row],
            products[row + 1],
            products[row + 2],
            width);
      }
    }
  }

  /**
   * The hot loops: three points over three dimensions, then over three more. Their form is what the
   * compiler makes vector code of: one array for each operand, all read before any is written, each
   * sum in one expression; and together too long to become part of the caller, where it often makes
   * none. It takes half the time of two points over four dimensions.
   */
  private static void addSix(
      float[] a,
      float[] b,
      float[] c,
      int k,
      float[][] lanes,
      float[] first,
      float[] second,
      float[] third,
      int width) {
    float[] l0 = lanes[k];
    float[] l1 = lanes[k + 1];
    float[] l2 = lanes[k + 2];
    float a0 = a[k];
    float a1 = a[k + 1];
    float a2 = a[k + 2];
    float b0 = b[k];
    float b1 = b[k + 1];
    float b2 = b[k + 2];
    float c0 = c[k];
    float c1 = c[k + 1];
    float c2 = c[k + 2];
    for (int j = 0; j < width; j++) {
      float p0 = l0[j];
      float p1 = l1[j];
      float p2 = l2[j];
      float x =
          FusedMultiplyAdd.of(
              a2, p2, FusedMultiplyAdd.of(a1, p1, FusedMultiplyAdd.of(a0, p0, first[j])));
      float y =
          FusedMultiplyAdd.of(
              b2, p2, FusedMultiplyAdd.of(b1, p1, FusedMultiplyAdd.of(b0, p0, second[j])));
      float z =
          FusedMultiplyAdd.of(
              c2, p2, FusedMultiplyAdd.of(c1, p1, FusedMultiplyAdd.of(c0, p0, third[j])));
      first[j] = x;
      second[j] = y;
      third[j] = z;
    }
    float[] l3 = lanes[k + 3];
    float[] l4 = lanes[k + 4];
    float[] l5 = lanes[k + 5];
    float a3 = a[k + 3];
    float a4 = a[k + 4];
    float a5 = a[k + 5];
    float b3 = b[k + 3];
    float b4 = b[k + 4];
    float b5 = b[k + 5];
    float c3 = c[k + 3];
    float c4 = c[k + 4];
    float c5 = c[k + 5];
    for (int j = 0; j < width; j++) {
      float p3 = l3[j];
      float p4 = l4[j];
      float p5 = l5[j];
      float x =
          FusedMultiplyAdd.of(
              a5, p5, FusedMultiplyAdd.of(a4, p4, FusedMultiplyAdd.of(a3, p3, first[j])));
      float y =
          FusedMultiplyAdd.of(
              b5, p5, FusedMultiplyAdd.of(b4, p4, FusedMultiplyAdd.of(b3, p3, second[j])));
      float z =
          FusedMultiplyAdd.of(
              c5, p5, FusedMultiplyAdd.of(c4, p4, FusedMultiplyAdd.of(c3, p3, third[j])));
      first[j] = x;
      second[j] = y;
      third[j] = z;
    }
  }

  /** Overwrites products; in single precision and apart, so that the compiler makes vector code. */
  private void toRoots(float[] products, float square, int start, int width) {
    float[] squares = targetSquares;
    float share = keptShare;
    float lost = underflow;
    for (int j = 0; j < width; j++) {
      float least = share * (square + squares[start + j]) - 2 * products[j] - lost;
      products[j] = (float) Math.sqrt(Math.max(0f, least));
    }
  }
}
