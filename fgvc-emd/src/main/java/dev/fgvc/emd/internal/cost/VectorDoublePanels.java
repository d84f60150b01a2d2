package dev.fgvc.emd.internal.cost;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

import dev.fgvc.emd.internal.vector.DoubleTile;
import java.util.Arrays;

/**
 * Panels for the Vector API, in double precision: tiles of a few vectors of targets, in which the
 * coordinates of one dimension lie side by side. What is read together lies together: in memory,
 * tiles follow tiles for some dimensions, then for the next.
 */
final class VectorDoublePanels implements DoublePanels {

  /** Columns worked on together, at most: a stretch of them stays in a second-level cache. */
  private static final int WIDTH = 320;

  /** Dimensions worked on together: a tile of them stays in a first-level cache. */
  private static final int STRETCH = 160;

  private final int dimension;
  private final ColumnBlocks blocks;
  // One array for each block and stretch of dimensions, filled up by zeros to whole tiles.
  private final double[][][] panels;

  VectorDoublePanels(int targets, int dimension) {
    this.dimension = dimension;
    blocks = ColumnBlocks.of(targets, WIDTH);
    int stretches = divide(dimension, STRETCH, CEILING);
    panels = new double[blocks.count()][stretches][];
    for (int block = 0; block < panels.length; block++) {
      for (int s = 0; s < stretches; s++) {
        panels[block][s] = new double[wholeTiles(blocks.width(block)) * depth(s)];
      }
    }
  }

  /** Whether this machine has the registers for them. */
  static boolean areFasterThanLoops() {
    return DoubleTile.isFasterThanLoops();
  }

  /** The number of columns, filled up to whole tiles. */
  private static int wholeTiles(int columns) {
    return divide(columns, DoubleTile.TARGETS, CEILING) * DoubleTile.TARGETS;
  }

  /** The dimensions in a stretch. */
  private int depth(int stretch) {
    return Math.min(STRETCH, dimension - stretch * STRETCH);
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
  public void set(int block, int column, double[] point) {
    for (int s = 0; s < panels[block].length; s++) {
      interleave(point, s, panels[block][s], column, DoubleTile.TARGETS);
    }
  }

  /** Sets the coordinates of one of several points of which {@code together} lie side by side. */
  private void interleave(double[] point, int stretch, double[] all, int place, int together) {
    int depth = depth(stretch);
    int to = place / together * together * depth + place % together;
    for (int k = stretch * STRETCH; k < stretch * STRETCH + depth; k++, to += together) {
      all[to] = point[k];
    }
  }

  @Override
  public Rows rows(int most) {
    return new PackedRows(divide(most, DoubleTile.POINTS, CEILING) * DoubleTile.POINTS);
  }

  /** Rows in groups, in which the coordinates of one dimension lie side by side. */
  private final class PackedRows implements Rows {

    private final double[][] points;
    private final double[][] sums;

    PackedRows(int rows) {
      points = new double[divide(dimension, STRETCH, CEILING)][];
      Arrays.setAll(points, s -> new double[rows * depth(s)]);
      sums = new double[rows][wholeTiles(blocks.widest())];
    }

    @Override
    public void set(int row, double[] point) {
      for (int s = 0; s < points.length; s++) {
        interleave(point, s, points[s], row, DoubleTile.POINTS);
      }
    }

    @Override
    public double[][] multiply(int block, int count) {
      for (int r = 0; r < count; r++) {
        Arrays.fill(sums[r], 0, blocks.width(block), 0);
      }
      for (int s = 0; s < points.length; s++) {
        addProducts(s, block, count);
      }
      return sums;
    }

    /** Places that fill up tiles and groups have sums, too, which nobody reads. */
    private void addProducts(int stretch, int block, int count) {
      int depth = depth(stretch);
      double[] targets = panels[block][stretch];
      for (int column = 0; column < blocks.width(block); column += DoubleTile.TARGETS) {
        for (int row = 0; row < count; row += DoubleTile.POINTS) {
          DoubleTile.addProducts(
              points[stretch], row * depth, targets, column * depth, depth, sums, row, column);
        }
      }
    }
  }
}
