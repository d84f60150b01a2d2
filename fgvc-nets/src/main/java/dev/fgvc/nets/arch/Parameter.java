package dev.fgvc.nets.arch;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;

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

  /**
   * Copies the shape.
   *
   * @throws IllegalArgumentException if it has 2^31 values or more, as those of class scores of
   *     hundreds of classes from millions of bilinear features do
   */
  public Parameter {
    shape = List.copyOf(shape);
    BigInteger values =
        shape.stream()
            .map(each -> BigInteger.valueOf(each))
            .reduce(BigInteger.ONE, BigInteger::multiply);
    if (values.bitLength() >= Integer.SIZE) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s of shape %s has %s values, 2^31 or more: take fewer channels, or for a bilinear"
                  + " head Head.reducedTo or Head.compactBilinear",
              name,
              shape,
              values));
    }
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
