package dev.fgvc.loader;

import dev.fgvc.random.SplitMix64;

/** Draws from the beta distribution with two equal parameters. */
final class SymmetricBeta {

  private SymmetricBeta() {}

  /** Draws from Beta(alpha, alpha), as a part of the sum of two gamma numbers. */
  static double draw(double alpha, SplitMix64 random) {
    // The logarithms, for the numbers themselves are 0 for a small alpha.
    double difference = logGamma(alpha, random) - logGamma(alpha, random);
    return 1 / (1 + StrictMath.exp(-difference));
  }

  /**
   * The logarithm of a draw from Gamma(alpha, 1), by Marsaglia and Tsang's method (ACM Trans. Math.
   * Software 26, 2000), which an alpha below 1 reaches from alpha + 1.
   */
  private static double logGamma(double alpha, SplitMix64 random) {
    if (alpha < 1) {
      return logGamma(alpha + 1, random) - random.nextExponential() / alpha;
    }
    double d = alpha - 1 / 3.0;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double normal = random.nextGaussian();
      double root = 1 + c * normal;
      if (root > 0) {
        double cube = root * root * root;
        double logCube = 3 * StrictMath.log(root);
        if (-random.nextExponential() < normal * normal / 2 + d * (1 - cube + logCube)) {
          return StrictMath.log(d) + logCube;
        }
      }
    }
  }
}
