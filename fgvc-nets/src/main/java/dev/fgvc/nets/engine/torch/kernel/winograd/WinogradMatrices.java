package dev.fgvc.nets.engine.torch.kernel.winograd;

import java.util.Locale;

/**
 * Several outputs of a short filter for few products: F(m, r) of Winograd, m outputs of r taps for
 * m + r - 1 products in place of m r. Both input d and taps g are polynomials' coefficients; they
 * are evaluated at m + r - 2 points and at infinity, multiplied there, and what comes out follows
 * by interpolation. Transposed, that filters: y = A'[(G g) (B' d)], the product taken value by
 * value (Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, Fast Algorithms for
 * Convolutional Neural Networks, CVPR 2016).
 *
 * <p>Exact but for rounding, which grows with the number of products. In float32, on sums over some
 * hundred channels, F(4, 3) has 3 times the error of products one by one, F(6, 3) 4 times, F(6, 7)
 * 25 times: 5e-6 of the result's norm.
 *
 * @param input B', m + r - 1 rows for as many inputs
 * @param taps G, m + r - 1 rows for r taps
 * @param output A', m rows for m + r - 1 products
 */
record WinogradMatrices(double[][] input, double[][] taps, double[][] output) {

  /** The most outputs at once; with {@link #MOST_TAPS} the points below are used up. */
  static final int MOST_OUTPUTS = 6;

  static final int MOST_TAPS = 7;

  /**
   * Where polynomials are evaluated. Small fractions of powers of two, so that the first two
   * matrices are exact; in an order that has small errors for any number of them, pairs of a number
   * and its negative inverse first.
   */
  private static final double[] POINTS = {0, 1, -1, 2, -0.5, -2, 0.5, 0.75, -0.75, 1.5, -1.5};

  /**
   * The matrices of F(m, r).
   *
   * @param outputs m, 1 to {@link #MOST_OUTPUTS}
   * @param taps r, 1 to {@link #MOST_TAPS}
   */
  static WinogradMatrices of(int outputs, int taps) {
    if (outputs < 1 || outputs > MOST_OUTPUTS || taps < 1 || taps > MOST_TAPS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "F(%d, %d): outputs must be 1 to %d, taps 1 to %d",
              outputs,
              taps,
              MOST_OUTPUTS,
              MOST_TAPS));
    }
    int products = outputs + taps - 1;
    int points = products - 1;
    double[][] ofInput = new double[products][products];
    double[][] ofTaps = new double[products][taps];
    double[][] ofOutput = new double[outputs][products];
    for (int product = 0; product < points; product++) {
      double point = POINTS[product];
      double[] others = withoutRoot(points, product);
      System.arraycopy(others, 0, ofInput[product], 0, others.length);
      double atPoint = value(others, point);
      for (int tap = 0; tap < taps; tap++) {
        ofTaps[product][tap] = Math.pow(point, tap) / atPoint;
      }
      for (int i = 0; i < outputs; i++) {
        ofOutput[i][product] = Math.pow(point, i);
      }
    }
    ofInput[points] = withoutRoot(points, points); // at infinity the leading coefficients count
    ofTaps[points][taps - 1] = 1;
    ofOutput[outputs - 1][points] = 1;
    for (int product = 0; product < products; product++) {
      balance(ofInput[product], ofTaps[product]);
    }
    return new WinogradMatrices(ofInput, ofTaps, ofOutput);
  }

  /** The coefficients of the product of (x - point) over some points but one, constant first. */
  private static double[] withoutRoot(int points, int but) {
    double[] coefficients = {1};
    for (int i = 0; i < points; i++) {
      if (i != but) {
        double[] longer = new double[coefficients.length + 1];
        for (int k = 0; k < coefficients.length; k++) {
          longer[k] -= POINTS[i] * coefficients[k];
          longer[k + 1] += coefficients[k];
        }
        coefficients = longer;
      }
    }
    return coefficients;
  }

  private static double value(double[] coefficients, double point) {
    double value = 0;
    for (int k = coefficients.length - 1; k >= 0; k--) {
      value = value * point + coefficients[k];
    }
    return value;
  }

  /** Brings a row of B' to a norm near 1 by a power of two, which G takes. */
  private static void balance(double[] ofInput, double[] ofTaps) {
    double squares = 0;
    for (double value : ofInput) {
      squares += value * value;
    }
    int exponent = Math.getExponent(Math.sqrt(squares));
    scale(ofInput, -exponent);
    scale(ofTaps, exponent);
  }

  private static void scale(double[] values, int exponent) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.scalb(values[i], exponent);
    }
  }

  int outputs() {
    return output.length;
  }

  /** The product that adds to all outputs alike, that at the point 1: a bias can go in here. */
  int common() {
    if (products() < 3) {
      throw new IllegalStateException("products of one or two outputs or taps share no sum");
    }
    return 1;
  }

  int products() {
    return input.length;
  }
}
