package dev.fgvc.benchmarks;

import java.util.List;

/**
 * {@code value = factor * size ^ exponent}, fitted by least squares on logarithms.
 *
 * @param factor the value at size 1
 * @param exponent 1 for work proportional to the size
 */
record PowerLaw(double factor, double exponent) {

  /** Refuses fewer than two different sizes, and values that have no logarithm. */
  static PowerLaw fit(List<Double> sizes, List<Double> values) {
    int count = sizes.size();
    if (count != values.size() || sizes.stream().distinct().count() < 2) {
      throw new IllegalArgumentException(
          "a power law needs a value for each of at least two different sizes, not "
              + sizes
              + " and "
              + values);
    }
    double meanX = 0;
    double meanY = 0;
    for (int k = 0; k < count; k++) {
      meanX += logarithm(sizes.get(k)) / count;
      meanY += logarithm(values.get(k)) / count;
    }
    double products = 0;
    double squares = 0;
    for (int k = 0; k < count; k++) {
      double x = logarithm(sizes.get(k)) - meanX;
      products += x * (logarithm(values.get(k)) - meanY);
      squares += x * x;
    }
    double exponent = products / squares;
    return new PowerLaw(Math.exp(meanY - exponent * meanX), exponent);
  }

  private static double logarithm(double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(value + " has no logarithm");
    }
    return Math.log(value);
  }

  double at(double size) {
    return factor * Math.pow(size, exponent);
  }
}
