package dev.fgvc.emd.internal.cost;

import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeLibrary;
import java.util.function.BiFunction;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Euclidean distances whose products of centred points ND4J multiplies in double precision, a block
 * of source points at a time; what precision needs beyond that is as in {@link EuclideanCosts}.
 */
public final class Nd4jEuclidean {

  /** Values in a block of source points and their products: 64 MB of doubles. */
  private static final int BLOCK_VALUES = 1 << 23;

  /** The only way to ND4J. */
  private final NativeLibrary nd4j;

  /**
   * Describes the way to ND4J, which is not loaded yet.
   *
   * @param exception makes what is thrown where ND4J fails, of a message and a cause
   */
  public Nd4jEuclidean(BiFunction<String, Throwable, ? extends RuntimeException> exception) {
    nd4j =
        NativeLibrary.builder(
                "ND4J", NativeArtifact.ND4J_NATIVE, NativeArtifact.OPENBLAS, NativeArtifact.JAVACPP)
            .exception(exception)
            .advice(
                "raise org.bytedeco.javacpp.maxBytes and org.bytedeco.javacpp.maxPhysicalBytes, or"
                    + " use GroundDistances.ejml()",
                "use GroundDistances.ejml()")
            .build(() -> start());
  }

  private static void start() {
    Nd4j.getExecutioner(); // fails without a backend, here and not at the first product
  }

  /** Starts ND4J, unless that was done; throws the exception of the constructor if it cannot. */
  public void load() {
    nd4j.load();
  }

  /** All distances in memory. */
  public DMatrixRMaj between(FMatrixRMaj source, FMatrixRMaj target) {
    PointSets.requireMatrix(source.numRows, target.numRows, Double.BYTES);
    PointSets.check(source, target);
    return nd4j.call(
        "distances of "
            + source.numRows
            + "x"
            + source.numCols
            + " points to "
            + target.numRows
            + "x"
            + target.numCols,
        () -> distances(source, target));
  }

  private static DMatrixRMaj distances(FMatrixRMaj source, FMatrixRMaj target) {
    double[] mean = PointSets.mean(Points.of(source), Points.of(target));
    int columns = target.numRows;
    DMatrixRMaj distances = new DMatrixRMaj(source.numRows, columns);
    double[] targetSquares = new double[columns];
    int block = Math.max(1, BLOCK_VALUES / (mean.length + columns));
    try (INDArray targets = centred(target, 0, columns, mean, targetSquares)) {
      for (int start = 0; start < source.numRows; start += block) {
        int first = start;
        int rows = Math.min(block, source.numRows - start);
        double[] squares = new double[rows];
        try (INDArray points = centred(source, start, rows, mean, squares)) {
          products(points, targets, distances.data, start * columns);
        }
        RowBlocks.run(
            rows,
            columns,
            (from, to) -> {
              for (int i = from; i < to; i++) {
                int line = (first + i) * columns;
                for (int j = 0; j < columns; j++) {
                  distances.data[line + j] =
                      EuclideanCosts.distance(
                          source,
                          first + i,
                          target,
                          j,
                          squares[i] + targetSquares[j],
                          distances.data[line + j]);
                }
              }
            });
      }
    }
    return distances;
  }

  /** Some points minus the mean, one a row, and their squared lengths. */
  private static INDArray centred(
      FMatrixRMaj points, int start, int rows, double[] mean, double[] squares) {
    int dimension = mean.length;
    double[] values = new double[rows * dimension];
    RowBlocks.run(
        rows,
        dimension,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            double square = 0;
            for (int k = 0; k < dimension; k++) {
              double value = points.data[(start + i) * dimension + k] - mean[k];
              values[i * dimension + k] = value;
              square += value * value;
            }
            squares[i] = square;
          }
        });
    return Nd4j.create(
        values, new long[] {rows, dimension}, new long[] {dimension, 1}, 'c', DataType.DOUBLE);
  }

  /** Writes the product of every point with every target, row by row. */
  private static void products(INDArray points, INDArray targets, double[] result, int offset) {
    long[] shape = {targets.rows(), points.rows()};
    // BLAS writes by columns: targets x points by columns is points x targets by rows.
    try (INDArray product = Nd4j.createUninitialized(DataType.DOUBLE, shape, 'f')) {
      Nd4j.getBlasWrapper()
          .level3()
          .gemm(targets.transpose(), points.transpose(), product, true, false, 1, 0);
      product.data().asNioDouble().get(result, offset, (int) product.length());
    }
  }
}
