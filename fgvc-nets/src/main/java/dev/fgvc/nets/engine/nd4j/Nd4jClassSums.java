package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.ClassSums;
import java.util.List;
import java.util.function.BiFunction;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Class sums in an array on ND4J's device; what overlaps there is left to ND4J. */
final class Nd4jClassSums implements ClassSums {

  private final Nd4jNetwork network;
  private final INDArray sums;

  Nd4jClassSums(Nd4jNetwork network, int classes) {
    this.network = network;
    this.sums = Nd4j.zeros(DataType.DOUBLE, classes, network.featureDimension());
  }

  @Override
  public void add(ByteImages images, int[] labels) {
    NetworkGraph graph = network.graph();
    List<MapShape> shapes = graph.shapes(images.resolution(), List.of(graph.features()));
    network.whileOpen(
        () -> {
          // Computed first and added then: should memory end at some image, nothing was added.
          try (INDArray batch = Nd4j.zeros(DataType.DOUBLE, labels.length, sums.columns())) {
            for (int image = 0; image < labels.length; image++) {
              network.addFeatures(images, image, shapes, batch.getRow(image, true));
            }
            for (int image = 0; image < labels.length; image++) {
              sums.getRow(labels[image], true).addi(batch.getRow(image, true));
            }
            return true;
          }
        });
  }

  @Override
  public FMatrixRMaj means(double[] counts) {
    FMatrixRMaj result = new FMatrixRMaj(counts.length, network.featureDimension());
    result.data =
        fromMeans(
            counts, (scope, means) -> ArrayScope.values(scope.own(means.castTo(DataType.FLOAT))));
    return result;
  }

  @Override
  public DMatrixRMaj distances(double[] counts, FMatrixRMaj targets) {
    return fromMeans(
        counts,
        (scope, rows) -> {
          INDArray floats = scope.of(targets.data, targets.numRows, targets.numCols);
          INDArray columns = scope.own(floats.castTo(DataType.DOUBLE));
          INDArray centre = scope.own(columns.mean(true, 0));
          rows.subiRowVector(centre);
          columns.subiRowVector(centre);
          INDArray squares = scope.own(rows.mmul(columns.transpose())).muli(-2);
          squares.addiColumnVector(squaredLengths(scope, rows));
          squares.addiRowVector(squaredLengths(scope, columns).reshape(1, targets.numRows));
          INDArray ordered = scope.own(squares.dup('c'));
          Transforms.sqrt(Transforms.max(ordered, 0, false), false);
          DMatrixRMaj result = new DMatrixRMaj(counts.length, targets.numRows);
          ordered.data().asNioDouble().get(result.data);
          return result;
        });
  }

  /** A column. */
  private static INDArray squaredLengths(ArrayScope scope, INDArray points) {
    return scope.own(scope.own(points.mul(points)).sum(true, 1));
  }

  /** Hands out a copy of the means, which ends with this call. */
  private <T> T fromMeans(double[] counts, BiFunction<ArrayScope, INDArray, T> reader) {
    return network.whileOpen(
        () -> {
          try (ArrayScope scope = new ArrayScope()) {
            long[] column = {counts.length, 1};
            INDArray divisors =
                scope.own(Nd4j.create(counts, column, new long[] {1, 1}, 'c', DataType.DOUBLE));
            INDArray means = scope.own(sums.dup('c'));
            return reader.apply(scope, means.diviColumnVector(divisors));
          }
        });
  }

  @Override
  public void close() {
    sums.close();
  }
}
