package dev.fgvc.emd.internal.picture;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Points in the plane of their two main components: principal component analysis of weighted
 * points.
 *
 * <p>A few directions are multiplied by the covariance again and again and kept orthogonal
 * (subspace iteration), which never forms the covariance: time is 200 x points x dimension x
 * {@value #DIRECTIONS} operations at most, memory 8 bytes for each coordinate.
 */
public final class PrincipalPlane {

  private static final int DIRECTIONS = 6;
  private static final int ITERATIONS = 100;
  private static final double SETTLED = 1e-9;

  private PrincipalPlane() {}

  /**
   * Projects points.
   *
   * @param points one a row
   * @param weights how much each counts for the components, not all zero
   * @return two coordinates for each point; the second is 0 where points have one dimension
   */
  public static double[][] coordinates(FMatrixRMaj points, double[] weights) {
    DMatrixRMaj centred = centred(points, weights);
    DMatrixRMaj weighted = centred.copy();
    for (int i = 0; i < points.numRows; i++) {
      CommonOps_DDRM.scaleRow(weights[i], weighted, i);
    }
    DMatrixRMaj directions = mainDirections(centred, weighted);
    DMatrixRMaj places = new DMatrixRMaj(points.numRows, directions.numCols);
    CommonOps_DDRM.mult(centred, directions, places);
    double[][] coordinates = new double[points.numRows][2];
    for (int i = 0; i < points.numRows; i++) {
      for (int k = 0; k < Math.min(2, directions.numCols); k++) {
        coordinates[i][k] = places.get(i, k);
      }
    }
    return coordinates;
  }

  private static DMatrixRMaj centred(FMatrixRMaj points, double[] weights) {
    double[] mean = new double[points.numCols];
    double total = 0;
    for (int i = 0; i < points.numRows; i++) {
      total += weights[i];
      for (int k = 0; k < mean.length; k++) {
        mean[k] += weights[i] * points.get(i, k);
      }
    }
    DMatrixRMaj centred = new DMatrixRMaj(points.numRows, points.numCols);
    for (int i = 0; i < points.numRows; i++) {
      for (int k = 0; k < mean.length; k++) {
        centred.set(i, k, points.get(i, k) - mean[k] / total);
      }
    }
    return centred;
  }

  private static DMatrixRMaj mainDirections(DMatrixRMaj centred, DMatrixRMaj weighted) {
    int dimension = centred.numCols;
    int count = Math.min(DIRECTIONS, dimension);
    Random random = new Random(1);
    DMatrixRMaj directions = new DMatrixRMaj(dimension, count);
    for (int k = 0; k < directions.getNumElements(); k++) {
      directions.data[k] = random.nextGaussian();
    }
    orthonormalise(directions);
    DMatrixRMaj places = new DMatrixRMaj(centred.numRows, count);
    double previous = -1;
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      CommonOps_DDRM.mult(centred, directions, places);
      CommonOps_DDRM.multTransA(weighted, places, directions);
      double length = orthonormalise(directions);
      if (Math.abs(length - previous) <= SETTLED * length) {
        break;
      }
      previous = length;
    }
    return ordered(centred, weighted, directions);
  }

  /** Gram-Schmidt, twice over for precision; returns the lengths of the first two before it. */
  private static double orthonormalise(DMatrixRMaj directions) {
    double main = 0;
    for (int column = 0; column < directions.numCols; column++) {
      double length = 0;
      for (int pass = 0; pass < 2; pass++) {
        for (int earlier = 0; earlier < column; earlier++) {
          addColumn(directions, column, earlier, -dot(directions, column, earlier));
        }
        double now = Math.sqrt(dot(directions, column, column));
        length = pass == 0 ? now : length;
        // A direction in which the points do not differ has no length left and stays empty.
        double factor = now > 0 ? 1 / now : 0;
        for (int i = 0; i < directions.numRows; i++) {
          directions.set(i, column, directions.get(i, column) * factor);
        }
      }
      main += column < 2 ? length : 0;
    }
    return main;
  }

  private static double dot(DMatrixRMaj matrix, int a, int b) {
    double sum = 0;
    for (int i = 0; i < matrix.numRows; i++) {
      sum += matrix.get(i, a) * matrix.get(i, b);
    }
    return sum;
  }

  private static void addColumn(DMatrixRMaj matrix, int to, int from, double factor) {
    for (int i = 0; i < matrix.numRows; i++) {
      matrix.set(i, to, matrix.get(i, to) + factor * matrix.get(i, from));
    }
  }

  /** Turns directions within their span so that the first has the largest variance, and so on. */
  private static DMatrixRMaj ordered(
      DMatrixRMaj centred, DMatrixRMaj weighted, DMatrixRMaj directions) {
    int count = directions.numCols;
    DMatrixRMaj places = new DMatrixRMaj(centred.numRows, count);
    DMatrixRMaj heavy = new DMatrixRMaj(centred.numRows, count);
    DMatrixRMaj variance = new DMatrixRMaj(count, count);
    CommonOps_DDRM.mult(centred, directions, places);
    CommonOps_DDRM.mult(weighted, directions, heavy);
    CommonOps_DDRM.multTransA(places, heavy, variance);
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(count, true, true);
    if (!eigen.decompose(variance)) {
      return directions;
    }
    Integer[] order = new Integer[count];
    for (int k = 0; k < count; k++) {
      order[k] = k;
    }
    Arrays.sort(
        order,
        (a, b) ->
            Double.compare(eigen.getEigenvalue(b).getReal(), eigen.getEigenvalue(a).getReal()));
    DMatrixRMaj main = new DMatrixRMaj(directions.numRows, Math.min(2, count));
    DMatrixRMaj turned = new DMatrixRMaj(directions.numRows, 1);
    for (int k = 0; k < main.numCols; k++) {
      CommonOps_DDRM.mult(directions, eigen.getEigenVector(order[k]), turned);
      CommonOps_DDRM.insert(turned, main, 0, k);
    }
    return main;
  }
}
