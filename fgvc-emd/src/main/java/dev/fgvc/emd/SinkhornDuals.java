package dev.fgvc.emd;

import java.util.Arrays;

/**
 * Approximate duals by entropic smoothing: a few sweeps of Sinkhorn's matrix scaling (Cuturi, NIPS
 * 2013) in single precision. They only decide which arcs are tried first, so their error costs time
 * and never correctness.
 */
final class SinkhornDuals {

  private static final int SWEEPS = 30;

  /** Smoothing as a share of the mean reduced cost. */
  private static final double SMOOTHING = 0.05;

  private SinkhornDuals() {}

  /**
   * Improves potentials.
   *
   * @param potentials feasible on entry; on return close to optimal, but not feasible
   */
  static void improve(CostMatrix costs, Potentials potentials, Masses masses) {
    int rows = costs.rows();
    int columns = costs.columns();
    double smoothing = SMOOTHING * meanReduced(costs, potentials);
    if (!(smoothing > 0)) {
      return;
    }
    float[][] kernel = kernel(costs, potentials, smoothing);
    float[] scaleU = new float[rows];
    float[] scaleV = new float[columns];
    float[] supply = floats(masses.supplyShare());
    float[] demand = floats(masses.demandShare());
    Arrays.fill(scaleV, 1f);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      var sums =
          RowBlocks.run(
              rows,
              () -> new float[columns],
              (sum, from, to) -> {
                for (int i = from; i < to; i++) {
                  scaleU[i] = clamp(supply[i] / dot(kernel[i], scaleV));
                  addScaled(sum, kernel[i], scaleU[i]);
                }
              });
      float[] total = new float[columns];
      for (float[] sum : sums) {
        addScaled(total, sum, 1f);
      }
      for (int j = 0; j < columns; j++) {
        scaleV[j] = clamp(demand[j] / total[j]);
      }
    }
    for (int i = 0; i < rows; i++) {
      potentials.u[i] += smoothing * Math.log(scaleU[i]);
    }
    for (int j = 0; j < columns; j++) {
      potentials.v[j] += smoothing * Math.log(scaleV[j]);
    }
  }

  private static double meanReduced(CostMatrix costs, Potentials potentials) {
    double[] sums = new double[costs.rows()];
    RowBlocks.run(
        costs.rows(),
        (from, to) ->
            costs.visit(
                from,
                to,
                (row, values, offset) -> {
                  double sum = 0;
                  for (int j = 0; j < potentials.v.length; j++) {
                    sum += values[offset + j] - potentials.v[j];
                  }
                  sums[row] = sum / potentials.v.length - potentials.u[row];
                }));
    return Arrays.stream(sums).sum() / sums.length;
  }

  private static float[][] kernel(CostMatrix costs, Potentials potentials, double smoothing) {
    float[][] kernel = new float[costs.rows()][costs.columns()];
    double rate = -1 / smoothing;
    RowBlocks.run(
        costs.rows(),
        (from, to) ->
            costs.visit(
                from,
                to,
                (row, values, offset) -> {
                  float[] line = kernel[row];
                  for (int j = 0; j < line.length; j++) {
                    double reduced = values[offset + j] - potentials.u[row] - potentials.v[j];
                    line[j] = (float) Math.exp(rate * reduced);
                  }
                }));
    return kernel;
  }

  private static float[] floats(double[] shares) {
    float[] values = new float[shares.length];
    for (int i = 0; i < values.length; i++) {
      // A node without mass gets the potential of one with almost none.
      values[i] = (float) Math.max(shares[i], 1e-3 / shares.length / shares.length);
    }
    return values;
  }

  private static float clamp(float scale) {
    return scale > 1e-30f ? Math.min(scale, 1e30f) : 1e-30f;
  }

  private static float dot(float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int j = 0;
    for (; j < a.length - 3; j += 4) {
      s0 += a[j] * b[j];
      s1 += a[j + 1] * b[j + 1];
      s2 += a[j + 2] * b[j + 2];
      s3 += a[j + 3] * b[j + 3];
    }
    for (; j < a.length; j++) {
      s0 += a[j] * b[j];
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static void addScaled(float[] sum, float[] line, float scale) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += scale * line[j];
    }
  }
}
