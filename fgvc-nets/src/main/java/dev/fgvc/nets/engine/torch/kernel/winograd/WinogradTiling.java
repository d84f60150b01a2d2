package dev.fgvc.nets.engine.torch.kernel.winograd;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A line of cells cut into tiles of a {@link WinogradMatrices}'s outputs.
 *
 * @param matrices of each tile
 * @param length cells of the line
 * @param before zeros that the line begins with
 * @param outputs cells that come out; the last tile may be cut short
 */
public record WinogradTiling(WinogradMatrices matrices, int length, int before, int outputs) {

  // Costs in units of one multiply-add of a direct convolution.

  /** One multiply-add by transformed kernels. */
  private static final double PRODUCT_COST = 1.2;

  /** One multiply-add by a tile's matrices. */
  private static final double TRANSFORM_COST = 2.4;

  /** Setting up a tile, at its input and at its output. */
  private static final double TILE_COST = 14_000;

  /** Setting up a line of tiles where taps remain across it, in multiply-adds of a tile. */
  private static final double LINE_COST = 1;

  /** Fetching a value of a kernel, which all lines share. */
  private static final double KERNEL_COST = 7;

  /** More than this share of the plain convolution's cost is not worth the kernels' memory. */
  private static final double LARGEST_SHARE = 0.8;

  /** The most that all tiles' factors and products may take, about as much as an activation. */
  private static final long MOST_BYTES = 32 << 20;

  /**
   * Lines to be convolved.
   *
   * @param count of them, in all images
   * @param length cells of a line
   * @param before zeros before it
   * @param outputs cells that come out
   * @param taps of the kernel along the line
   * @param across taps across the line, which are multiplied one by one
   * @param inputs channels
   * @param filters output channels
   */
  record Task(
      long count,
      int length,
      int before,
      int outputs,
      int taps,
      int across,
      long inputs,
      long filters) {

    /** The time of a plain convolution, for each line. */
    private double plainCost() {
      return (double) taps * across * inputs * filters * (outputs + KERNEL_COST / count);
    }

    /** The same by tiles of a number of outputs. */
    private double cost(int together) {
      double tiles = tiles(outputs, together);
      double products = together + taps - 1;
      double begun = PRODUCT_COST * tiles + (across > 1 ? LINE_COST : 0) + KERNEL_COST / count;
      double transforms = TRANSFORM_COST * products * (products * inputs + together * filters);
      return across * inputs * filters * products * begun + tiles * (transforms + TILE_COST);
    }

    private long bytes(int together) {
      long rows = tiles(outputs, together) * (together + taps - 1L);
      return Float.BYTES * count * rows * (inputs + filters);
    }

    private WinogradTiling tiling(int together) {
      return new WinogradTiling(WinogradMatrices.of(together, taps), length, before, outputs);
    }
  }

  /**
   * The tiles that make a convolution the cheapest, if any is clearly cheaper than products one by
   * one. The costs were fitted to convolutions of the paper's networks on two cores with AVX-512,
   * on one to four images each: of 435 measured, none that they promise to take less than {@link
   * #LARGEST_SHARE} took more than 0.95.
   */
  static Optional<WinogradTiling> cheapest(Task task) {
    double best = LARGEST_SHARE * task.plainCost();
    int cheapest = 1;
    for (int together = 2; together <= WinogradMatrices.MOST_OUTPUTS; together++) {
      double cost = task.cost(together);
      if (cost < best && task.bytes(together) <= MOST_BYTES) {
        best = cost;
        cheapest = together;
      }
    }
    return cheapest == 1 ? Optional.empty() : Optional.of(task.tiling(cheapest));
  }

  /** Rows of products: those of the tiles, one after another. */
  int rows() {
    return count() * matrices.products();
  }

  private int count() {
    return tiles(outputs, matrices.outputs());
  }

  /** The number of tiles that make all outputs; the last one may be cut short. */
  private static int tiles(int outputs, int together) {
    return divide(outputs, together, CEILING);
  }

  /** From the line's cells to its tiles' first factors. Beyond its ends, tiles read zeros. */
  List<Tile> factorTiles() {
    int products = matrices.products();
    return IntStream.range(0, count())
        .mapToObj(
            index -> {
              int start = index * matrices.outputs() - before;
              int from = Math.max(0, start);
              int read = Math.max(0, Math.min(length, start + products) - from);
              return new Tile(from, read, from - start, index * products, products);
            })
        .toList();
  }

  /** From its tiles' products to the line's outputs. */
  List<Tile> resultTiles() {
    int products = matrices.products();
    return IntStream.range(0, count())
        .mapToObj(
            index -> {
              int to = index * matrices.outputs();
              int made = Math.min(matrices.outputs(), outputs - to);
              return new Tile(index * products, products, 0, to, made);
            })
        .toList();
  }

  /**
   * The cells that a matrix reads and makes for a tile.
   *
   * @param from first cell that it reads
   * @param read how many, for as many columns of the matrix
   * @param skipped columns before these, for which there are no cells
   * @param to first cell that it makes
   * @param made how many, by as many rows of the matrix
   */
  record Tile(int from, int read, int skipped, int to, int made) {}
}
