package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.CountSketch;
import dev.fgvc.nets.arch.Operation;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Bilinear pooling of one image's activation [1, channels, height, width], and what follows it in a
 * head, there and back. Products of matrices are ND4J's; the rest is computed on the host in double
 * precision. A Tensor Sketch is here what its definition says, a count sketch of all products of
 * two channels: ND4J 1.0.0-M2.1 has no Fourier transform.
 */
final class BilinearPooling {

  private BilinearPooling() {}

  /** The mean of x x^T over the cells x, [1, channels^2, 1, 1]. */
  static INDArray pool(ArrayScope scope, INDArray input) {
    long channels = input.size(1);
    INDArray cells = MapOperations.matrix(input, input);
    INDArray output = scope.empty(1, channels * channels, 1, 1);
    INDArray products = output.reshape(channels, channels);
    MapOperations.multiply(cells, false, cells, true, products, 0);
    output.divi(cells.size(1));
    return output;
  }

  /** (G + G^T) X over the number of cells. */
  static INDArray poolGradient(ArrayScope scope, INDArray gradient, INDArray input) {
    long channels = input.size(1);
    INDArray cells = MapOperations.matrix(input, input);
    INDArray products = gradient.reshape(channels, channels);
    INDArray output = scope.empty(input.shape());
    INDArray result = MapOperations.matrix(output, output);
    MapOperations.multiply(products, false, cells, false, result, 0);
    MapOperations.multiply(products, true, cells, false, result, 1);
    output.divi(cells.size(1));
    return output;
  }

  static INDArray sketch(ArrayScope scope, INDArray input, Operation.TensorSketchPool pool) {
    INDArray pooled = pool(scope, input);
    float[] products = ArrayScope.values(pooled);
    scope.release(pooled);
    double[] sums = new double[pool.dimension()];
    new Pairs(pool, input).forEach((pair, bucket, sign) -> sums[bucket] += sign * products[pair]);
    float[] values = new float[sums.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) sums[i];
    }
    return scope.of(values, 1, values.length, 1, 1);
  }

  static INDArray sketchGradient(
      ArrayScope scope, INDArray gradient, INDArray input, Operation.TensorSketchPool pool) {
    float[] arrived = ArrayScope.values(gradient);
    int channels = Math.toIntExact(input.size(1));
    float[] products = new float[Math.multiplyExact(channels, channels)];
    new Pairs(pool, input).forEach((pair, bucket, sign) -> products[pair] = sign * arrived[bucket]);
    INDArray ofProducts = scope.of(products, 1, products.length, 1, 1);
    INDArray result = poolGradient(scope, ofProducts, input);
    scope.release(ofProducts);
    return result;
  }

  /** All pairs of channels with the bucket and the sign of their product. */
  private record Pairs(List<CountSketch> sketches, int dimension) {

    Pairs(Operation.TensorSketchPool pool, INDArray input) {
      this(pool.sketches(Math.toIntExact(input.size(1))), pool.dimension());
    }

    @FunctionalInterface
    interface Visitor {
      void pair(int pair, int bucket, int sign);
    }

    void forEach(Visitor visitor) {
      CountSketch first = sketches.get(0);
      CountSketch second = sketches.get(1);
      int pair = 0;
      for (int i = 0; i < first.channels(); i++) {
        for (int j = 0; j < second.channels(); j++) {
          long bucket = ((long) first.bucket(i) + second.bucket(j)) % dimension;
          visitor.pair(pair++, (int) bucket, first.sign(i) * second.sign(j));
        }
      }
    }
  }

  static INDArray signedSquareRoot(
      ArrayScope scope, INDArray input, Operation.SignedSquareRoot operation) {
    double offset = Math.sqrt(operation.epsilon());
    float[] values = ArrayScope.values(input);
    for (int i = 0; i < values.length; i++) {
      double root = Math.sqrt(Math.abs(values[i]) + operation.epsilon());
      values[i] = (float) (values[i] / (root + offset));
    }
    return scope.of(values, input.shape());
  }

  static INDArray rootGradient(
      ArrayScope scope, INDArray gradient, INDArray input, Operation.SignedSquareRoot operation) {
    float[] result = ArrayScope.values(gradient);
    float[] values = ArrayScope.values(input);
    for (int i = 0; i < values.length; i++) {
      double root = Math.sqrt(Math.abs(values[i]) + operation.epsilon());
      result[i] = (float) (result[i] / (2 * root));
    }
    return scope.of(result, input.shape());
  }

  static INDArray l2Normalization(
      ArrayScope scope, INDArray input, Operation.L2Normalization operation) {
    float[] values = ArrayScope.values(input);
    int cells = cells(input);
    for (int cell = 0; cell < cells; cell++) {
      double norm = Math.sqrt(product(values, values, cell, cells) + operation.epsilon());
      for (int i = cell; i < values.length; i += cells) {
        values[i] = (float) (values[i] / norm);
      }
    }
    return scope.of(values, input.shape());
  }

  /** (g - x (g x) / r^2) / r, with the norm r. */
  static INDArray normGradient(
      ArrayScope scope, INDArray gradient, INDArray input, Operation.L2Normalization operation) {
    float[] result = ArrayScope.values(gradient);
    float[] values = ArrayScope.values(input);
    int cells = cells(input);
    for (int cell = 0; cell < cells; cell++) {
      double square = product(values, values, cell, cells) + operation.epsilon();
      double along = product(result, values, cell, cells) / square;
      for (int i = cell; i < values.length; i += cells) {
        result[i] = (float) ((result[i] - along * values[i]) / Math.sqrt(square));
      }
    }
    return scope.of(result, input.shape());
  }

  private static int cells(INDArray input) {
    return Math.toIntExact(input.size(2) * input.size(3));
  }

  /** The inner product of two activations' channels at one cell. */
  private static double product(float[] a, float[] b, int cell, int cells) {
    double sum = 0;
    for (int i = cell; i < a.length; i += cells) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
