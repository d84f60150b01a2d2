package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.Operation;
import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A batch norm in training, from primitive operations over all images of a batch: forward keeps the
 * normalised activations, backward uses them up.
 */
final class BatchStatistics {

  private final INDArray[] normalised;
  private final double[] scale;

  /**
   * Factor of the gradients' sums in the inputs' gradients: one over their number, or 0 if frozen.
   */
  private final double meanShare;

  private BatchStatistics(INDArray[] normalised, double[] scale, double meanShare) {
    this.normalised = normalised;
    this.scale = scale;
    this.meanShare = meanShare;
  }

  /** The variables of one batch norm. */
  record Variables(
      Optional<Variable> gamma, Variable beta, Variable movingMean, Variable movingVariance) {

    /** Whether the moving statistics keep their values. */
    boolean areFrozen() {
      return !movingMean.changes();
    }
  }

  /** Normalises copies of the activations by the moving statistics, which stay. */
  static BatchStatistics frozen(
      ArrayScope scope, INDArray[] maps, Operation.BatchNorm norm, Variables variables) {
    double[] mean = values(variables.movingMean());
    double[] scale = scale(values(variables.movingVariance()), norm);
    INDArray[] normalised = new INDArray[maps.length];
    for (int i = 0; i < maps.length; i++) {
      normalised[i] = scope.copy(maps[i]);
      addPerChannel(scope, normalised[i], scaled(mean, -1));
      multiplyPerChannel(scope, normalised[i], scale);
    }
    return new BatchStatistics(normalised, scale, 0);
  }

  private static double[] values(Variable variable) {
    float[] narrow = ArrayScope.values(variable.value());
    double[] values = new double[narrow.length];
    for (int c = 0; c < values.length; c++) {
      values[c] = narrow[c];
    }
    return values;
  }

  private static double[] scale(double[] variance, Operation.BatchNorm norm) {
    return Arrays.stream(variance).map(value -> 1 / Math.sqrt(value + norm.epsilon())).toArray();
  }

  /**
   * Normalises copies of the activations by the batch's statistics and moves the moving ones.
   *
   * @param decay of the moving statistics
   */
  static BatchStatistics of(
      ArrayScope scope,
      INDArray[] maps,
      Operation.BatchNorm norm,
      Variables variables,
      double decay) {
    int channels = norm.channels();
    double count = (double) maps.length * maps[0].size(2) * maps[0].size(3);
    double[] mean = new double[channels];
    for (INDArray map : maps) {
      addTo(mean, MapOperations.channelSums(map), 1 / count);
    }
    INDArray[] centred = new INDArray[maps.length];
    double[] variance = new double[channels];
    for (int i = 0; i < maps.length; i++) {
      centred[i] = scope.copy(maps[i]);
      addPerChannel(scope, centred[i], scaled(mean, -1));
      try (INDArray squares = centred[i].mul(centred[i])) {
        addTo(variance, MapOperations.channelSums(squares), 1 / count);
      }
    }
    double[] scale = scale(variance, norm);
    for (INDArray map : centred) {
      multiplyPerChannel(scope, map, scale);
    }
    move(scope, variables.movingMean(), mean, decay);
    double unbiased = count / Math.max(1, count - 1);
    move(scope, variables.movingVariance(), scaled(variance, unbiased), decay);
    return new BatchStatistics(centred, scale, 1 / count);
  }

  /** The layer's output for one image. */
  INDArray output(ArrayScope scope, int image, Variables variables) {
    INDArray output = scope.copy(normalised[image]);
    variables
        .gamma()
        .ifPresent(gamma -> MapOperations.multiplyPerChannel(output, gamma.value(), output));
    MapOperations.addPerChannel(output, variables.beta().value());
    return output;
  }

  /**
   * Adds to the variables' gradients and gives those of the inputs, which take the place of the
   * normalised activations.
   */
  INDArray[] backward(ArrayScope scope, INDArray[] gradients, Variables variables) {
    double[] beta = new double[scale.length];
    double[] gamma = new double[scale.length];
    for (int i = 0; i < gradients.length; i++) {
      addTo(beta, MapOperations.channelSums(gradients[i]), 1);
      try (INDArray product = gradients[i].mul(normalised[i])) {
        addTo(gamma, MapOperations.channelSums(product), 1);
      }
    }
    addGradient(scope, variables.beta(), beta);
    variables.gamma().ifPresent(variable -> addGradient(scope, variable, gamma));
    double[] factor = scale.clone();
    variables
        .gamma()
        .ifPresent(
            variable -> {
              float[] values = ArrayScope.values(variable.value());
              for (int c = 0; c < factor.length; c++) {
                factor[c] *= values[c];
              }
            });
    for (int i = 0; i < gradients.length; i++) {
      INDArray result = normalised[i];
      multiplyPerChannel(scope, result, scaled(gamma, -meanShare));
      MapOperations.addScaled(result, 1, gradients[i]);
      addPerChannel(scope, result, scaled(beta, -meanShare));
      multiplyPerChannel(scope, result, factor);
    }
    return normalised;
  }

  private static void addGradient(ArrayScope scope, Variable variable, double[] gradient) {
    if (variable.isTrained()) {
      INDArray array = array(scope, gradient);
      MapOperations.addScaled(variable.gradient(), 1, array);
      scope.release(array);
    }
  }

  private static void move(ArrayScope scope, Variable moving, double[] batch, double decay) {
    INDArray array = array(scope, batch);
    moving.value().muli(decay);
    MapOperations.addScaled(moving.value(), 1 - decay, array);
    scope.release(array);
  }

  private static void addPerChannel(ArrayScope scope, INDArray map, double[] values) {
    INDArray array = array(scope, values);
    MapOperations.addPerChannel(map, array);
    scope.release(array);
  }

  private static void multiplyPerChannel(ArrayScope scope, INDArray map, double[] values) {
    INDArray array = array(scope, values);
    MapOperations.multiplyPerChannel(map, array, map);
    scope.release(array);
  }

  private static INDArray array(ArrayScope scope, double[] values) {
    float[] narrow = new float[values.length];
    for (int c = 0; c < narrow.length; c++) {
      narrow[c] = (float) values[c];
    }
    return scope.of(narrow, narrow.length);
  }

  private static void addTo(double[] sum, double[] term, double factor) {
    for (int c = 0; c < sum.length; c++) {
      sum[c] += factor * term[c];
    }
  }

  private static double[] scaled(double[] values, double factor) {
    double[] result = values.clone();
    for (int c = 0; c < result.length; c++) {
      result[c] *= factor;
    }
    return result;
  }
}
