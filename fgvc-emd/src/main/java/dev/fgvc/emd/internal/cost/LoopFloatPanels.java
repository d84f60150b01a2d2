package dev.fgvc.emd.internal.cost;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

import java.util.Arrays;

/**
 * Panels for loops, in single precision, that the compiler of the virtual machine makes vector code
 * of: one array for each block of columns and dimension.
 */
final class LoopFloatPanels implements FloatPanels {

  /** Points that one loop works on. */
  private static final int POINTS = 3;

  /** Dimensions that two loops work on. */
  private static final int DIMENSIONS = 6;

  /** Rows worked on together: each piece of a block is fetched once for all of them. */
  private static final int ROWS = 12 * POINTS;

  /** Columns worked on together, at most: six such arrays fit a first-level cache. */
  private static final int WIDTH = 640;

  private final ColumnBlocks blocks;
  // One array for each block of columns and dimension, filled up by zeros to whole loops.
  private final float[][][] panels;

  LoopFloatPanels(int targets, int dimension) {
    blocks = ColumnBlocks.of(targets, WIDTH);
    panels = new float[blocks.count()][DIMENSIONS * divide(dimension, DIMENSIONS, CEILING)][];
    for (int block = 0; block < panels.length; block++) {
      int width = blocks.width(block);
      for (int k = 0; k < dimension; k++) {
        panels[block][k] = new float[width];
      }
      Arrays.fill(panels[block], dimension, panels[block].length, new float[width]);
    }
  }

  @Override
  public ColumnBlocks blocks() {
    return blocks;
  }

  @Override
  public int rowsAtOnce(int rows) {
    return Math.min(ROWS, rows);
  }

  @Override
  public void set(int block, int column, float[] point) {
    float[][] lanes = panels[block];
    for (int k = 0; k < point.length; k++) {
      lanes[k][column] = point[k];
    }
  }

  @Override
  public Rows rows(int most) {
    return new LooseRows(POINTS * divide(most, POINTS, CEILING));
  }

  /** Rows, one an array. */
  private final class LooseRows implements Rows {

    private final float[][] points;
    private final float[][] products;
    private final float[][] sums;

    LooseRows(int padded) {
      points = new float[padded][panels[0].length];
      products = new float[padded][blocks.widest()];
      sums = new float[panels[0].length > STRETCH ? padded : 0][blocks.widest()];
    }

    @Override
    public void set(int row, float[] point) {
      System.arraycopy(point, 0, points[row], 0, point.length);
    }

    @Override
    public float[][] multiply(int block, int count) {
      float[][] lanes = panels[block];
      int width = blocks.width(block);
      clear(products, count, width);
      addProducts(points, count, lanes, 0, Math.min(lanes.length, STRETCH), products, width);
      for (int k = STRETCH; k < lanes.length; k += STRETCH) {
        clear(sums, count, width);
        addProducts(points, count, lanes, k, Math.min(lanes.length, k + STRETCH), sums, width);
        for (int r = 0; r < count; r++) {
          add(products[r], sums[r], width);
        }
      }
      return products;
    }
  }

  private static void clear(float[][] sums, int count, int width) {
    for (int r = 0; r < count; r++) {
      Arrays.fill(sums[r], 0, width, 0);
    }
  }

  private static void add(float[] sum, float[] more, int width) {
    for (int j = 0; j < width; j++) {
      sum[j] += more[j];
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
}
