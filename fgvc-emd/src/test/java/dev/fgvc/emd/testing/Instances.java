package dev.fgvc.emd.testing;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/** Random transportation problems. */
public final class Instances {

  private Instances() {}

  public static DMatrixRMaj uniformCosts(int rows, int columns, Random random) {
    DMatrixRMaj cost = new DMatrixRMaj(rows, columns);
    for (int k = 0; k < cost.getNumElements(); k++) {
      cost.data[k] = random.nextDouble();
    }
    return cost;
  }

  public static double[] counts(int size, int largest, Random random) {
    return random.ints(size, 1, largest + 1).asDoubleStream().toArray();
  }

  public static double[] weights(int size, Random random) {
    return random.doubles(size, 0.01, 1).toArray();
  }

  public static FMatrixRMaj gaussianPoints(int count, int dimension, Random random) {
    FMatrixRMaj points = new FMatrixRMaj(count, dimension);
    for (int k = 0; k < points.getNumElements(); k++) {
      points.data[k] = (float) random.nextGaussian();
    }
    return points;
  }
}
