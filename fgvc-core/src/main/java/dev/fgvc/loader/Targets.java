package dev.fgvc.loader;

import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The classes that a batch's images stand for in a loss. An image has one class, or two where it
 * was mixed with another, and a weight for each: its loss is {@code labelWeight * loss(label) +
 * otherWeight * loss(other)}. Cross entropy is linear in its targets, so for it this is the cross
 * entropy against the weighted sum of both one-hot vectors, label smoothing included. Immutable.
 */
public final class Targets {

  private final int[] labels;
  private final int[] others;
  private final double[] labelWeights;
  private final double[] otherWeights;

  private Targets(int[] labels, int[] others, double[] labelWeights, double[] otherWeights) {
    this.labels = labels;
    this.others = others;
    this.labelWeights = labelWeights;
    this.otherWeights = otherWeights;
  }

  /**
   * One class for each image.
   *
   * @param labels the classes
   * @return targets whose label weights are 1 and whose other weights are 0
   */
  public static Targets of(int[] labels) {
    double[] ones = IntStream.range(0, labels.length).mapToDouble(i -> 1).toArray();
    return new Targets(labels.clone(), labels.clone(), ones, new double[labels.length]);
  }

  /**
   * Two classes for each image.
   *
   * @param labels the images' own classes
   * @param others the classes of the images that they were mixed with
   * @param shares how much of each image is its own, from 0 to 1
   * @return targets with label weights {@code share} and other weights {@code 1 - share}
   * @throws IllegalArgumentException if the lengths differ or a share is out of range
   */
  public static Targets mixed(int[] labels, int[] others, double[] shares) {
    if (others.length != labels.length || shares.length != labels.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d labels, %d others and %d shares: all must be as many",
              labels.length,
              others.length,
              shares.length));
    }
    double[] rest = new double[shares.length];
    for (int i = 0; i < shares.length; i++) {
      if (!(shares[i] >= 0 && shares[i] <= 1)) {
        throw new IllegalArgumentException(
            "share " + shares[i] + " of image " + i + " must be from 0 to 1");
      }
      rest[i] = 1 - shares[i];
    }
    return new Targets(labels.clone(), others.clone(), shares.clone(), rest);
  }

  /**
   * The same with each weight multiplied by the factor of its class.
   *
   * @param factors one a class, finite and at least 0
   * @return new targets
   * @throws IllegalArgumentException if a factor is negative or not finite
   * @throws IndexOutOfBoundsException if a class has no factor
   */
  public Targets weighted(double[] factors) {
    for (double factor : factors) {
      if (!(factor >= 0 && factor <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException("factor " + factor + " must be finite and at least 0");
      }
    }
    double[] own = labelWeights.clone();
    double[] rest = otherWeights.clone();
    for (int i = 0; i < own.length; i++) {
      own[i] *= factors[Objects.checkIndex(labels[i], factors.length)];
      rest[i] *= factors[Objects.checkIndex(others[i], factors.length)];
    }
    return new Targets(labels, others, own, rest);
  }

  /**
   * The number of images.
   *
   * @return at least 0
   */
  public int size() {
    return labels.length;
  }

  /**
   * The images' own classes.
   *
   * @return a new array
   */
  public int[] labels() {
    return labels.clone();
  }

  /**
   * The classes of the images that they were mixed with; their own where they were not.
   *
   * @return a new array
   */
  public int[] others() {
    return others.clone();
  }

  /**
   * The weights of the images' own classes.
   *
   * @return a new array
   */
  public double[] labelWeights() {
    return labelWeights.clone();
  }

  /**
   * The weights of the others' classes.
   *
   * @return a new array
   */
  public double[] otherWeights() {
    return otherWeights.clone();
  }

  /**
   * Whether each image has its own class alone, with weight 1.
   *
   * @return false if any was mixed or weighted
   */
  public boolean isPlain() {
    return IntStream.range(0, labels.length)
        .allMatch(i -> labelWeights[i] == 1 && otherWeights[i] == 0);
  }
}
