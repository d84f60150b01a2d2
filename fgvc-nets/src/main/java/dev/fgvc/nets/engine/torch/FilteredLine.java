package dev.fgvc.nets.engine.torch;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A line of cells cut into tiles of a {@link MinimalFilter}'s outputs. The matrices of all tiles of
 * a stretch make one matrix, which knows the zeros beyond the line's ends too.
 *
 * @param filter of each tile
 * @param length cells of the line
 * @param before zeros that the line begins with
 * @param outputs cells that come out; the last tile may make more, which are dropped
 */
record FilteredLine(MinimalFilter filter, int length, int before, int outputs) {

  /** Outputs of a stretch: its matrices are dense, so long ones would multiply by many zeros. */
  private static final int STRETCH = 18;

  /** Time of a product by transformed kernels; the unit is that of one in a plain convolution. */
  private static final double PRODUCT_COST = 1.15;

  /** Time of a product by a stretch's matrices. */
  private static final double TRANSFORM_COST = 2;

  /** Time of beginning with a stretch, at its input and at its output. */
  private static final double STRETCH_COST = 150_000;

  /** Time of fetching a value of a kernel, which all lines share. */
  private static final double KERNEL_COST = 25;

  /** More than this share of the plain convolution's cost is not worth the tiles' memory. */
  private static final double LARGEST_SHARE = 0.82;

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

    /** The same by tiles of so many outputs. */
    private double cost(int together) {
      int products = together + taps - 1;
      double rows = (double) divide(outputs, together, CEILING) * products;
      double kernel = (double) across * inputs * filters;
      double cells = Math.min(length, STRETCH + taps - 1);
      double stretches = Math.ceil((double) outputs / STRETCH);
      double transforms =
          TRANSFORM_COST * rows * cells * (inputs + filters) + STRETCH_COST * stretches;
      return kernel * (PRODUCT_COST * rows + KERNEL_COST / count * products) + transforms;
    }

    private FilteredLine line(int together) {
      return new FilteredLine(MinimalFilter.of(together, taps), length, before, outputs);
    }
  }

  /**
   * The tiles that make a convolution the cheapest, if any is clearly cheaper than products one by
   * one. The costs were fitted to the convolutions of the paper's networks on a processor with
   * AVX-512: where they promise less than {@link #LARGEST_SHARE}, nearly all were measured to win,
   * by less than promised with 3 taps on few cells.
   */
  static Optional<FilteredLine> cheapest(Task task) {
    double best = LARGEST_SHARE * task.plainCost();
    int cheapest = 1;
    for (int together = 2; together <= MinimalFilter.MOST_OUTPUTS; together++) {
      double cost = task.cost(together);
      if (cost < best) {
        best = cost;
        cheapest = together;
      }
    }
    return cheapest == 1 ? Optional.empty() : Optional.of(task.line(cheapest));
  }

  int tiles() {
    return divide(outputs, filter.outputs(), CEILING);
  }

  /** Rows of products: those of the tiles, one after another. */
  int rows() {
    return tiles() * filter.products();
  }

  /** The whole line, from its beginning. */
  List<Stretch> stretches() {
    int together = STRETCH / filter.outputs();
    return IntStream.range(0, divide(tiles(), together, CEILING))
        .mapToObj(i -> stretch(i * together, Math.min(tiles(), (i + 1) * together)))
        .toList();
  }

  private Stretch stretch(int firstTile, int endTile) {
    int firstOutput = firstTile * filter.outputs();
    int firstInput = Math.max(0, firstOutput - before);
    int endInput = Math.min(length, (endTile - 1) * filter.outputs() - before + filter.products());
    return new Stretch(
        firstTile * filter.products(),
        (endTile - firstTile) * filter.products(),
        firstInput,
        Math.max(0, endInput - firstInput),
        firstOutput,
        Math.min(outputs, endTile * filter.outputs()) - firstOutput);
  }

  /**
   * Some tiles in a row.
   *
   * @param firstRow of its products
   * @param rows of its products
   * @param firstInput cell that its tiles read
   * @param inputs cells that they read
   * @param firstOutput cell that they make
   * @param outputs cells that they make
   */
  record Stretch(
      int firstRow, int rows, int firstInput, int inputs, int firstOutput, int outputs) {}

  /** Takes a stretch's cells to its products' first factors: [rows, inputs], row-major. */
  float[] inputMatrix(Stretch stretch) {
    int products = filter.products();
    float[] matrix = new float[stretch.rows() * stretch.inputs()];
    for (int row = 0; row < stretch.rows(); row++) {
      int tile = (stretch.firstRow() + row) / products;
      int start = tile * filter.outputs() - before - stretch.firstInput();
      double[] ofTile = filter.input()[row % products];
      for (int k = 0; k < products; k++) {
        int cell = start + k;
        if (cell >= 0 && cell < stretch.inputs()) {
          matrix[row * stretch.inputs() + cell] = (float) ofTile[k];
        }
      }
    }
    return matrix;
  }

  /** Takes a stretch's products to its outputs: [outputs, rows], row-major. */
  float[] outputMatrix(Stretch stretch) {
    int products = filter.products();
    float[] matrix = new float[stretch.outputs() * stretch.rows()];
    for (int output = 0; output < stretch.outputs(); output++) {
      int tile = output / filter.outputs();
      double[] ofOutput = filter.output()[output % filter.outputs()];
      for (int product = 0; product < products; product++) {
        matrix[output * stretch.rows() + tile * products + product] = (float) ofOutput[product];
      }
    }
    return matrix;
  }
}
