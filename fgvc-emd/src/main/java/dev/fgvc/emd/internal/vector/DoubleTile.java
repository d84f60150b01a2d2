package dev.fgvc.emd.internal.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of twelve points with a tile of targets, two vectors wide, in double precision. Their
 * sums stay in registers, where there are thirty-two as on AVX-512 and arm64. On AVX2, with
 * sixteen, loops are as fast.
 *
 * <p>Places in the arrays are computed from the number of the dimension. Where they are counted up
 * by themselves, the compiler of Java 17 leaves checks of them in the loop, in some runs and not in
 * others, and it takes up to twice the time.
 */
public final class DoubleTile {

  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  /** The number of points that are multiplied together. */
  public static final int POINTS = 12;

  /** The number of targets in a tile. */
  public static final int TARGETS = 2 * LANES;

  private DoubleTile() {}

  /** Whether this machine has the registers. */
  public static boolean isFasterThanLoops() {
    return SPECIES.vectorBitSize() != 256;
  }

  /**
   * Adds the products to each sum, in the order of the dimensions.
   *
   * @param points the {@link #POINTS} coordinates of the first dimension, those of the second, ...
   * @param point where in that array they begin
   * @param targets the {@link #TARGETS} coordinates of the first dimension, those of the second,
   *     ...
   * @param target where in that array they begin
   * @param depth the number of dimensions
   * @param sums one array for each point
   * @param row the first of the points
   * @param column the first of the targets
   */
  public static void addProducts(
      double[] points,
      int point,
      double[] targets,
      int target,
      int depth,
      double[][] sums,
      int row,
      int column) {
    int second = column + LANES;
    DoubleVector a0 = DoubleVector.fromArray(SPECIES, sums[row], column);
    DoubleVector b0 = DoubleVector.fromArray(SPECIES, sums[row], second);
    DoubleVector a1 = DoubleVector.fromArray(SPECIES, sums[row + 1], column);
    DoubleVector b1 = DoubleVector.fromArray(SPECIES, sums[row + 1], second);
    DoubleVector a2 = DoubleVector.fromArray(SPECIES, sums[row + 2], column);
    DoubleVector b2 = DoubleVector.fromArray(SPECIES, sums[row + 2], second);
    DoubleVector a3 = DoubleVector.fromArray(SPECIES, sums[row + 3], column);
    DoubleVector b3 = DoubleVector.fromArray(SPECIES, sums[row + 3], second);
    DoubleVector a4 = DoubleVector.fromArray(SPECIES, sums[row + 4], column);
    DoubleVector b4 = DoubleVector.fromArray(SPECIES, sums[row + 4], second);
    DoubleVector a5 = DoubleVector.fromArray(SPECIES, sums[row + 5], column);
    DoubleVector b5 = DoubleVector.fromArray(SPECIES, sums[row + 5], second);
    DoubleVector a6 = DoubleVector.fromArray(SPECIES, sums[row + 6], column);
    DoubleVector b6 = DoubleVector.fromArray(SPECIES, sums[row + 6], second);
    DoubleVector a7 = DoubleVector.fromArray(SPECIES, sums[row + 7], column);
    DoubleVector b7 = DoubleVector.fromArray(SPECIES, sums[row + 7], second);
    DoubleVector a8 = DoubleVector.fromArray(SPECIES, sums[row + 8], column);
    DoubleVector b8 = DoubleVector.fromArray(SPECIES, sums[row + 8], second);
    DoubleVector a9 = DoubleVector.fromArray(SPECIES, sums[row + 9], column);
    DoubleVector b9 = DoubleVector.fromArray(SPECIES, sums[row + 9], second);
    DoubleVector a10 = DoubleVector.fromArray(SPECIES, sums[row + 10], column);
    DoubleVector b10 = DoubleVector.fromArray(SPECIES, sums[row + 10], second);
    DoubleVector a11 = DoubleVector.fromArray(SPECIES, sums[row + 11], column);
    DoubleVector b11 = DoubleVector.fromArray(SPECIES, sums[row + 11], second);
    for (int k = 0; k < depth; k++) {
      int p = point + k * 12;
      int t = target + k * TARGETS;
      DoubleVector a = DoubleVector.fromArray(SPECIES, targets, t);
      DoubleVector b = DoubleVector.fromArray(SPECIES, targets, t + LANES);
      DoubleVector x = DoubleVector.broadcast(SPECIES, points[p]);
      a0 = x.fma(a, a0);
      b0 = x.fma(b, b0);
      x = DoubleVector.broadcast(SPECIES, points[p + 1]);
      a1 = x.fma(a, a1);
      b1 = x.fma(b, b1);
      x = DoubleVector.broadcast(SPECIES, points[p + 2]);
      a2 = x.fma(a, a2);
      b2 = x.fma(b, b2);
      x = DoubleVector.broadcast(SPECIES, points[p + 3]);
      a3 = x.fma(a, a3);
      b3 = x.fma(b, b3);
      x = DoubleVector.broadcast(SPECIES, points[p + 4]);
      a4 = x.fma(a, a4);
      b4 = x.fma(b, b4);
      x = DoubleVector.broadcast(SPECIES, points[p + 5]);
      a5 = x.fma(a, a5);
      b5 = x.fma(b, b5);
      x = DoubleVector.broadcast(SPECIES, points[p + 6]);
      a6 = x.fma(a, a6);
      b6 = x.fma(b, b6);
      x = DoubleVector.broadcast(SPECIES, points[p + 7]);
      a7 = x.fma(a, a7);
      b7 = x.fma(b, b7);
      x = DoubleVector.broadcast(SPECIES, points[p + 8]);
      a8 = x.fma(a, a8);
      b8 = x.fma(b, b8);
      x = DoubleVector.broadcast(SPECIES, points[p + 9]);
      a9 = x.fma(a, a9);
      b9 = x.fma(b, b9);
      x = DoubleVector.broadcast(SPECIES, points[p + 10]);
      a10 = x.fma(a, a10);
      b10 = x.fma(b, b10);
      x = DoubleVector.broadcast(SPECIES, points[p + 11]);
      a11 = x.fma(a, a11);
      b11 = x.fma(b, b11);
    }
    a0.intoArray(sums[row], column);
    b0.intoArray(sums[row], second);
    a1.intoArray(sums[row + 1], column);
    b1.intoArray(sums[row + 1], second);
    a2.intoArray(sums[row + 2], column);
    b2.intoArray(sums[row + 2], second);
    a3.intoArray(sums[row + 3], column);
    b3.intoArray(sums[row + 3], second);
    a4.intoArray(sums[row + 4], column);
    b4.intoArray(sums[row + 4], second);
    a5.intoArray(sums[row + 5], column);
    b5.intoArray(sums[row + 5], second);
    a6.intoArray(sums[row + 6], column);
    b6.intoArray(sums[row + 6], second);
    a7.intoArray(sums[row + 7], column);
    b7.intoArray(sums[row + 7], second);
    a8.intoArray(sums[row + 8], column);
    b8.intoArray(sums[row + 8], second);
    a9.intoArray(sums[row + 9], column);
    b9.intoArray(sums[row + 9], second);
    a10.intoArray(sums[row + 10], column);
    b10.intoArray(sums[row + 10], second);
    a11.intoArray(sums[row + 11], column);
    b11.intoArray(sums[row + 11], second);
  }
}
