package dev.fgvc.nets.arch;

import java.util.List;

/**
 * A variable of a network, as a TF-slim checkpoint names and shapes it.
 *
 * @param name full name, such as {@code resnet_v2_50/conv1/weights}
 * @param shape in TensorFlow's order: convolutions [height, width, in, out]
 * @param trainable false for moving statistics
 * @param weightDecay whether L2 regularisation applies
 * @param initializer how it starts
 */
public record Parameter(
    String name,
    List<Integer> shape,
    boolean trainable,
    boolean weightDecay,
    Initializer initializer) {

  /** Copies the shape. */
  public Parameter {
    shape = List.copyOf(shape);
  }

  /**
   * The number of values.
   *
   * @return the product of the shape
   */
  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }
}
