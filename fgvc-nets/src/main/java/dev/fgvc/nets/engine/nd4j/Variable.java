package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.weights.WeightTensor;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One variable in training: its value, and what the optimizer keeps beside it. Kernels lie as
 * matrices [out, in * height * width].
 */
final class Variable implements AutoCloseable {

  private final Parameter parameter;
  private final boolean trained;
  private final boolean changes;
  private final ArrayScope owned = new ArrayScope();
  private final INDArray value;
  private final Optional<Slots> slots;
  private final Optional<INDArray> average;

  /** The arrays of a trained variable beside its value. */
  private record Slots(INDArray gradient, INDArray meanSquare, INDArray momentum) {}

  /**
   * A variable with its start value.
   *
   * @param changes whether training changes it
   * @param averaged whether its moving average is kept
   */
  Variable(Parameter parameter, WeightTensor start, boolean changes, boolean averaged) {
    this.parameter = parameter;
    this.trained = changes && parameter.trainable();
    this.changes = changes;
    try {
      value = owned.of(isKernel() ? toMatrix(start.toArray()) : start.toArray(), nativeShape());
      slots = trained ? Optional.of(newSlots()) : Optional.empty();
      average = averaged ? Optional.of(owned.copy(value)) : Optional.empty();
    } catch (OutOfMemoryError e) {
      owned.close();
      throw e;
    }
  }

  private Slots newSlots() {
    INDArray meanSquare = owned.empty(nativeShape());
    meanSquare.assign(1); // as TensorFlow's RMSProp starts
    return new Slots(owned.zeros(nativeShape()), meanSquare, owned.zeros(nativeShape()));
  }

  Parameter parameter() {
    return parameter;
  }

  boolean isTrained() {
    return trained;
  }

  /** Whether training changes it, by gradients or as a moving statistic. */
  boolean changes() {
    return changes;
  }

  INDArray value() {
    return value;
  }

  /** The sum of the gradients since the last update; only for a trained variable. */
  INDArray gradient() {
    return slots.orElseThrow().gradient();
  }

  /** Half the sum of squares, without a factor. */
  double decayTerm() {
    double norm = value.norm2Number().doubleValue();
    return norm * norm / 2;
  }

  /**
   * Changes the value by the gradient and clears it.
   *
   * @param batches how many batches' gradients are summed in it
   */
  void update(Optimizer.RmsProp rule, double learningRate, double weightDecay, int batches) {
    if (slots.isEmpty()) {
      return;
    }
    INDArray gradient = slots.get().gradient();
    if (batches > 1) {
      gradient.muli(1.0 / batches);
    }
    INDArray meanSquare = slots.get().meanSquare();
    INDArray momentum = slots.get().momentum();
    if (parameter.weightDecay() && weightDecay > 0) {
      MapOperations.addScaled(gradient, weightDecay, value);
    }
    try (INDArray square = gradient.mul(gradient)) {
      meanSquare.muli(rule.decay());
      MapOperations.addScaled(meanSquare, 1 - rule.decay(), square);
    }
    try (INDArray root = meanSquare.add(rule.epsilon())) {
      MapOperations.squareRoot(root);
      gradient.divi(root);
    }
    momentum.muli(rule.momentum());
    MapOperations.addScaled(momentum, learningRate, gradient);
    MapOperations.addScaled(value, -1, momentum);
    gradient.assign(0);
  }

  /** Clears the gradient; does nothing for a frozen variable. */
  void clearGradient() {
    slots.ifPresent(present -> present.gradient().assign(0));
  }

  /** Moves the average towards the value; one that is there stays, bit by bit. */
  void moveAverage(double decay) {
    average.ifPresent(
        kept -> {
          try (INDArray way = value.sub(kept)) {
            MapOperations.addScaled(kept, 1 - decay, way);
          }
        });
  }

  WeightTensor tensor() {
    return tensor(value);
  }

  WeightTensor averageTensor() {
    return tensor(average.orElse(value));
  }

  WeightTensor gradientTensor() {
    return tensor(gradient());
  }

  WeightTensor meanSquareTensor() {
    return tensor(slots.orElseThrow().meanSquare());
  }

  WeightTensor momentumTensor() {
    return tensor(slots.orElseThrow().momentum());
  }

  void restoreValue(WeightTensor tensor) {
    set(value, tensor);
  }

  void restoreAverage(WeightTensor tensor) {
    set(average.orElseThrow(), tensor);
  }

  /** The optimizer's slots; drops the gradient. */
  void restoreSlots(WeightTensor meanSquare, WeightTensor momentum) {
    Slots kept = slots.orElseThrow();
    set(kept.meanSquare(), meanSquare);
    set(kept.momentum(), momentum);
    kept.gradient().assign(0);
  }

  private void set(INDArray array, WeightTensor tensor) {
    float[] values = tensor.toArray();
    try (ArrayScope scope = new ArrayScope()) {
      array.assign(scope.of(isKernel() ? toMatrix(values) : values, nativeShape()));
    }
  }

  private WeightTensor tensor(INDArray array) {
    float[] values = ArrayScope.values(array);
    return WeightTensor.of(parameter.shape(), isKernel() ? fromMatrix(values) : values);
  }

  private boolean isKernel() {
    return parameter.shape().size() >= 2;
  }

  private long[] nativeShape() {
    return isKernel()
        ? new long[] {outputs(), parameter.size() / outputs()}
        : new long[] {parameter.size()};
  }

  private float[] toMatrix(float[] values) {
    return KernelOrder.toMatrix(values, area(), parameter.size() / outputs() / area(), outputs());
  }

  private float[] fromMatrix(float[] values) {
    return KernelOrder.fromMatrix(values, area(), parameter.size() / outputs() / area(), outputs());
  }

  private int outputs() {
    List<Integer> shape = parameter.shape();
    return shape.get(shape.size() - 1);
  }

  private int area() {
    List<Integer> shape = parameter.shape();
    return shape.size() == 4 ? shape.get(0) * shape.get(1) : 1;
  }

  @Override
  public void close() {
    owned.close();
  }
}
