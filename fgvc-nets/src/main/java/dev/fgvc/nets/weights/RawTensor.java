package dev.fgvc.nets.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * A tensor exactly as a file holds it, of any type; {@link #toWeights} makes values that a network
 * can use.
 */
public final class RawTensor {

  private final ElementType type;
  private final List<Integer> shape;
  private final ByteBuffer bytes;

  /** Takes the bytes over without a copy; their number must be what type and shape say. */
  RawTensor(ElementType type, List<Integer> shape, ByteBuffer bytes) {
    this.type = type;
    this.shape = List.copyOf(shape);
    this.bytes = bytes;
  }

  /**
   * Returns the type of the elements.
   *
   * @return the type of one value
   */
  public ElementType type() {
    return type;
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
   * The values.
   *
   * @return a read-only view of the bytes, row-major and little-endian
   */
  public ByteBuffer bytes() {
    return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The values as float32.
   *
   * @return a new tensor; float64 is rounded
   * @throws IllegalArgumentException if this holds whole numbers or booleans
   */
  public WeightTensor toWeights() {
    return WeightTensor.wrap(shape, type.toFloats(bytes()));
  }

  /** The values as float32, or a message with the place where they hold no weights. */
  WeightTensor toWeights(Path file, String name) {
    if (!type.isFloating()) {
      throw new WeightsFormatException(
          file, "'" + name + "' is of type " + this + ", which holds no weights");
    }
    return toWeights();
  }

  /** Such as {@code float32 [3, 3, 8, 16]}. */
  @Override
  public String toString() {
    return type + " " + shape;
  }
}
