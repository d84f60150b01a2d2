package dev.fgvc.benchmarks;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;

/** Features and image counts that look like a real domain's; the same seed gives the same ones. */
final class SyntheticDomains {

  /** Classes gather around few families, as birds, plants and insects do. */
  private static final int FAMILIES = 40;

  private SyntheticDomains() {}

  /** Sources, targets and dimension of a size such as {@code 6089x555x2048}. */
  static int[] size(String text) {
    int[] parts = Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
    if (parts.length != 3) {
      throw new IllegalArgumentException("'" + text + "' is not sources x targets x dimension");
    }
    return parts;
  }

  /** Non-negative, clustered class means, as pooled activations are: classes x dimension. */
  static FMatrixRMaj classMeans(int classes, int dimension, long seed) {
    // Families are shared by all seeds: domains of different seeds overlap.
    Random families = new Random(0);
    FMatrixRMaj centres = new FMatrixRMaj(FAMILIES, dimension);
    for (int k = 0; k < centres.getNumElements(); k++) {
      centres.data[k] = (float) Math.abs(families.nextGaussian());
    }
    Random random = new Random(seed);
    FMatrixRMaj means = new FMatrixRMaj(classes, dimension);
    for (int c = 0; c < classes; c++) {
      int family = random.nextInt(FAMILIES);
      for (int k = 0; k < dimension; k++) {
        double value = centres.get(family, k) + 0.5 * random.nextGaussian();
        means.set(c, k, (float) Math.max(0, value));
      }
    }
    return means;
  }

  /** Long-tailed image counts: the r-th largest class has about 1000 / r^0.6 images. */
  static double[] imageCounts(int classes, long seed) {
    Random random = new Random(seed);
    double[] counts = new double[classes];
    for (int c = 0; c < classes; c++) {
      int rank = 1 + random.nextInt(classes);
      counts[c] = Math.ceil(1000 / Math.pow(rank, 0.6)) + random.nextInt(20);
    }
    return counts;
  }
}
