package dev.fgvc.nets.weights;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.FloatBuffer;
import java.util.List;

/** An immutable array of floats with a shape, in row-major order. */
public final class WeightTensor {

  private final List<Integer> shape;
  private final float[] values;

  private WeightTensor(List<Integer> shape, float[] values) {
    this.shape = shape;
    this.values = values;
  }

  /**
   * A tensor of given values.
   *
   * @param shape sizes, none negative
   * @param values as many as the shape says, row-major; copied
   * @return the tensor
   */
  public static WeightTensor of(List<Integer> shape, float[] values) {
    return wrap(shape, values.clone());
  }

  /** Takes the array over without a copy; for callers that do not keep it. */
  static WeightTensor wrap(List<Integer> shape, float[] values) {
    long size = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    checkArgument(
        size == values.length, "shape %s holds %s values, not %s", shape, size, values.length);
    return new WeightTensor(List.copyOf(shape), values);
  }

  /**
   * The sizes of the axes.
   *
   * @return the shape, empty for a scalar
   */
  public List<Integer> shape() {
    return shape;
  }

  /**
   * The number of values.
   *
   * @return the product of the shape
   */
  public int size() {
    return values.length;
  }

  /**
   * The values.
   *
   * @return a read-only view, row-major
   */
  public FloatBuffer values() {
    return FloatBuffer.wrap(values).asReadOnlyBuffer();
  }

  /**
   * A copy of the values.
   *
   * @return a new array, row-major
   */
  public float[] toArray() {
    return values.clone();
  }

  /** Whether no value is NaN or infinite. */
  boolean isFinite() {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
