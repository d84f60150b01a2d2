package dev.fgvc.emd.internal.cost;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

import dev.fgvc.emd.internal.vector.FloatTile;
import java.util.Arrays;

/**
 * Panels for the Vector API, in single precision: tiles of a few vectors of targets, in which the
 * coordinates of one dimension lie side by side. What is read together lies together: in memory,
 * tiles follow tiles for some dimensions, then for the next.
 */
final class VectorFloatPanels implements FloatPanels {

  /** Columns worked on together, at most: a stretch of them stays in a second-level cache. */
  private static final int WIDTH = 640;

  private final int dimension;
  private final ColumnBlocks blocks;
  // One array for each block and stretch of dimensions, filled up by zeros to whole tiles.
  private final float[][][] panels;

  VectorFloatPanels(int targets, int dimension) {
    this.dimension = dimension;
    blocks = ColumnBlocks.of(targets, WIDTH);
    int stretches = divide(dimension, STRETCH, CEILING);
    panels = new float[blocks.count()][stretches][];
    for (int block = 0; block < panels.length; block++) {
      for (int s = 0; s < stretches; s++) {
        panels[block][s] = new float[wholeTiles(blocks.width(block)) * depth(s)];
      }
    }
  }

  /** The number of columns, filled up to whole tiles. */
  private static int wholeTiles(int columns) {
    return divide(columns, FloatTile.TARGETS, CEILING) * FloatTile.TARGETS;
  }

  /** The dimensions in a stretch, filled up by one of zeros to an even number. */
  private int depth(int stretch) {
    int depth = Math.min(STRETCH, dimension - stretch * STRETCH);
    return depth + depth % 2;
  }

  @Override
  public ColumnBlocks blocks() {
    return blocks;
  }

  @Override
  public int rowsAtOnce(int rows) {
    return VectorApi.rowsAtOnce(rows, blocks.columns());
  }

  @Override
  public void set(int block, int column, float[] point) {
    for (int s = 0; s < panels[block].length; s++) {
      interleave(point, s, panels[block][s], column, FloatTile.TARGETS);
    }
  }

  /** Sets the coordinates of one of several points of which {@code together} lie side by side. */
  private void interleave(float[] point, int stretch, float[] all, int place, int together) {
    int depth = depth(stretch);
    int to = place / together * together * depth + place % together;
    int end = Math.min(dimension, (stretch + 1) * STRETCH);
    for (int k = stretch * STRETCH; k < end; k++, to += together) {
      all[to] = point[k];
    }
  }

  @Override
  public Rows rows(int most) {
    return new PackedRows(divide(most, FloatTile.POINTS, CEILING) * FloatTile.POINTS);
  }

  /** Rows in groups, in which the coordinates of one dimension lie side by side. */
  private final class PackedRows implements Rows {

    private final float[][] points;
    private final float[][] products;

    /** Those of one group over one stretch: what is written beside the products stays near. */
    private final float[][] sums;

    PackedRows(int rows) {
      points = new float[divide(dimension, STRETCH, CEILING)][];
      Arrays.setAll(points, s -> new float[rows * depth(s)]);
      products = new float[rows][wholeTiles(blocks.widest())];
      sums = new float[points.length > 1 ? FloatTile.POINTS : 0][wholeTiles(blocks.widest())];
    }

    @Override
    public void set(int row, float[] point) {
      for (int s = 0; s < points.length; s++) {
        interleave(point, s, points[s], row, FloatTile.POINTS);
      }
    }

    @Override
    public float[][] multiply(int block, int count) {
      for (int s = 0; s < points.length; s++) {
        for (int row = 0; row < count; row += FloatTile.POINTS) {
          if (s == 0) {
            sumProducts(s, block, row, products, row);
          } else {
            sumProducts(s, block, row, sums, 0);
            for (int r = 0; r < FloatTile.POINTS; r++) {
              add(products[row + r], sums[r], blocks.width(block));
            }
          }
        }
      }
      return products;
    }

    /**
     * Multiplies one group of rows. Places that fill up tiles and groups have sums, too, which
     * nobody reads.
     */
    private void sumProducts(int stretch, int block, int row, float[][] sums, int firstSum) {
      int depth = depth(stretch);
      float[] targets = panels[block][stretch];
      for (int column = 0; column < blocks.width(block); column += FloatTile.TARGETS) {
        FloatTile.sumProducts(
            points[stretch], row * depth, targets, column * depth, depth, sums, firstSum, column);
      }
    }
  }

  private static void add(float[] sum, float[] more, int width) {
    for (int j = 0; j < width; j++) {
      sum[j] += more[j];
    }
  }
}
