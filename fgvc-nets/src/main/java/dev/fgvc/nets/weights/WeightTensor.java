package dev.fgvc.nets.weights;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * An immutable array of floats with a shape, in row-major order.
 *
 * <p>Those of a file that was read may stay in it until they are needed, see {@link Weights#read}.
 * Then each call that gives values reads them again.
 */
public final class WeightTensor {

  private final List<Integer> shape;
  private final TensorValues values;

  private WeightTensor(List<Integer> shape, TensorValues values) {
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
    return of(shape, new HeapValues(values));
  }

  static WeightTensor of(List<Integer> shape, TensorValues values) {
    checkArgument(
        shape.stream().allMatch(side -> side >= 0), "shape %s has a negative size", shape);
    long size = shape.stream().mapToLong(Integer::longValue).reduce(1, LongMath::saturatedMultiply);
    checkArgument(
        size == values.size(), "shape %s holds %s values, not %s", shape, size, values.size());
    return new WeightTensor(List.copyOf(shape), values);
  }

  /** The same values in another shape. */
  WeightTensor shaped(List<Integer> other) {
    return of(other, values);
  }

  /** The same values in memory. */
  WeightTensor inMemory() {
    return values instanceof HeapValues ? this : wrap(shape, toArray());
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
    return values.size();
  }

  /**
   * The values.
   *
   * @return a read-only view, row-major
   * @throws WeightsFormatException if they lie in a file that was changed since it was read
   */
  public FloatBuffer values() {
    return values.view();
  }

  /**
   * A copy of the values.
   *
   * @return a new array, row-major
   * @throws WeightsFormatException if they lie in a file that was changed since it was read
   */
  public float[] toArray() {
    float[] copy = new float[size()];
    values.copyTo(FloatBuffer.wrap(copy));
    return copy;
  }

  /**
   * Copies the values to a buffer, such as memory of an engine: in pieces where they lie in a file,
   * so that no copy of all is made on the Java heap.
   *
   * @param target takes them from its position on, row-major, and ends after them
   * @throws IllegalArgumentException if it has no room for {@link #size} values
   * @throws WeightsFormatException if they lie in a file that was changed since it was read
   */
  public void copyTo(FloatBuffer target) {
    requireRoom(target);
    values.copyTo(target);
  }

  /**
   * Copies the values likewise, with the last axis first: of a kernel [height, width, in, out] as
   * [out, height, width, in], of a matrix [in, out] as [out, in]. Files of PyTorch are nearly in
   * this order.
   *
   * @param target takes them from its position on, and ends after them
   * @throws IllegalArgumentException if it has no room for {@link #size} values, or this is a
   *     scalar
   * @throws WeightsFormatException if they lie in a file that was changed since it was read
   */
  public void copyLastAxisFirst(FloatBuffer target) {
    checkArgument(!shape.isEmpty(), "a scalar has no last axis");
    requireRoom(target);
    values.copyLastAxisFirst(shape.get(shape.size() - 1), target);
  }

  private void requireRoom(FloatBuffer target) {
    checkArgument(
        target.remaining() >= size(), "%s values for room of %s", size(), target.remaining());
  }

  /** Whether no value is NaN or infinite. */
  boolean isFinite() {
    FloatBuffer all = values();
    while (all.hasRemaining()) {
      if (!Float.isFinite(all.get())) {
        return false;
      }
    }
    return true;
  }
}
