package dev.fgvc.emd.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of some points with a tile of targets, two vectors wide, in single precision. Their sums
 * stay in registers: five points fit the sixteen registers of AVX2, twelve the thirty-two of
 * AVX-512 and of arm64.
 *
 * <p>With twelve points, places in the arrays are computed from the number of the dimension, and a
 * round of the loop takes two dimensions. Where places are counted up, the compiler of Java 17
 * leaves checks of them in the loop, and a loop of single dimensions it unrolls beyond what
 * registers hold, both in some runs and not in others; either takes up to twice the time.
 */
public final class FloatTile {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  /** Those of AVX2, as nearly all vectors of 256 bits are; some have more of them. */
  private static final boolean SIXTEEN_REGISTERS = SPECIES.vectorBitSize() == 256;

  /** The number of points that are multiplied together. */
  public static final int POINTS = SIXTEEN_REGISTERS ? 5 : 12;

  /** The number of targets in a tile. */
  public static final int TARGETS = 2 * LANES;

  private FloatTile() {}

  /**
   * Sets each sum to that of the products, in the order of the dimensions.
   *
   * @param points the {@link #POINTS} coordinates of the first dimension, those of the second, ...
   * @param point where in that array they begin
   * @param targets the {@link #TARGETS} coordinates of the first dimension, those of the second,
   *     ...
   * @param target where in that array they begin
   * @param depth the number of dimensions, which is even
   * @param sums one array for each point
   * @param row the first of the points
   * @param column the first of the targets
   */
  public static void sumProducts(
      float[] points,
      int point,
      float[] targets,
      int target,
      int depth,
      float[][] sums,
      int row,
      int column) {
    if (SIXTEEN_REGISTERS) {
      sumFive(points, point, targets, target, depth, sums, row, column);
    } else {
      sumTwelve(points, point, targets, target, depth, sums, row, column);
    }
  }

  private static void sumFive(
      float[] points,
      int point,
      float[] targets,
      int target,
      int depth,
      float[][] sums,
      int row,
      int column) {
    int second = column + LANES;
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = a0;
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = a1;
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = a2;
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = a3;
    FloatVector a4 = FloatVector.zero(SPECIES);
    FloatVector b4 = a4;
    int p = point;
    int end = target + depth * TARGETS;
    for (int t = target; t < end; t += TARGETS) {
      FloatVector a = FloatVector.fromArray(SPECIES, targets, t);
      FloatVector b = FloatVector.fromArray(SPECIES, targets, t + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, points[p]);
      a0 = x.fma(a, a0);
      b0 = x.fma(b, b0);
      x = FloatVector.broadcast(SPECIES, points[p + 1]);
      a1 = x.fma(a, a1);
      b1 = x.fma(b, b1);
      x = FloatVector.broadcast(SPECIES, points[p + 2]);
      a2 = x.fma(a, a2);
      b2 = x.fma(b, b2);
      x = FloatVector.broadcast(SPECIES, points[p + 3]);
      a3 = x.fma(a, a3);
      b3 = x.fma(b, b3);
      x = FloatVector.broadcast(SPECIES, points[p + 4]);
      a4 = x.fma(a, a4);
      b4 = x.fma(b, b4);
      p += 5;
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
  }

  private static void sumTwelve(
      float[] points,
      int point,
      float[] targets,
      int target,
      int depth,
      float[][] sums,
      int row,
      int column) {
    int second = column + LANES;
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = a0;
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = a1;
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = a2;
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = a3;
    FloatVector a4 = FloatVector.zero(SPECIES);
    FloatVector b4 = a4;
    FloatVector a5 = FloatVector.zero(SPECIES);
    FloatVector b5 = a5;
    FloatVector a6 = FloatVector.zero(SPECIES);
    FloatVector b6 = a6;
    FloatVector a7 = FloatVector.zero(SPECIES);
    FloatVector b7 = a7;
    FloatVector a8 = FloatVector.zero(SPECIES);
    FloatVector b8 = a8;
    FloatVector a9 = FloatVector.zero(SPECIES);
    FloatVector b9 = a9;
    FloatVector a10 = FloatVector.zero(SPECIES);
    FloatVector b10 = a10;
    FloatVector a11 = FloatVector.zero(SPECIES);
    FloatVector b11 = a11;
    for (int k = 0; k < depth; k += 2) {
      int p = point + k * 12;
      int t = target + k * TARGETS;
      FloatVector a = FloatVector.fromArray(SPECIES, targets, t);
      FloatVector b = FloatVector.fromArray(SPECIES, targets, t + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, points[p]);
      a0 = x.fma(a, a0);
      b0 = x.fma(b, b0);
      x = FloatVector.broadcast(SPECIES, points[p + 1]);
      a1 = x.fma(a, a1);
      b1 = x.fma(b, b1);
      x = FloatVector.broadcast(SPECIES, points[p + 2]);
      a2 = x.fma(a, a2);
      b2 = x.fma(b, b2);
      x = FloatVector.broadcast(SPECIES, points[p + 3]);
      a3 = x.fma(a, a3);
      b3 = x.fma(b, b3);
      x = FloatVector.broadcast(SPECIES, points[p + 4]);
      a4 = x.fma(a, a4);
      b4 = x.fma(b, b4);
      x = FloatVector.broadcast(SPECIES, points[p + 5]);
      a5 = x.fma(a, a5);
      b5 = x.fma(b, b5);
      x = FloatVector.broadcast(SPECIES, points[p + 6]);
      a6 = x.fma(a, a6);
      b6 = x.fma(b, b6);
      x = FloatVector.broadcast(SPECIES, points[p + 7]);
      a7 = x.fma(a, a7);
      b7 = x.fma(b, b7);
      x = FloatVector.broadcast(SPECIES, points[p + 8]);
      a8 = x.fma(a, a8);
      b8 = x.fma(b, b8);
      x = FloatVector.broadcast(SPECIES, points[p + 9]);
      a9 = x.fma(a, a9);
      b9 = x.fma(b, b9);
      x = FloatVector.broadcast(SPECIES, points[p + 10]);
      a10 = x.fma(a, a10);
      b10 = x.fma(b, b10);
      x = FloatVector.broadcast(SPECIES, points[p + 11]);
      a11 = x.fma(a, a11);
      b11 = x.fma(b, b11);
      p = point + (k + 1) * 12;
      t = target + (k + 1) * TARGETS;
      a = FloatVector.fromArray(SPECIES, targets, t);
      b = FloatVector.fromArray(SPECIES, targets, t + LANES);
      x = FloatVector.broadcast(SPECIES, points[p]);
      a0 = x.fma(a, a0);
      b0 = x.fma(b, b0);
      x = FloatVector.broadcast(SPECIES, points[p + 1]);
      a1 = x.fma(a, a1);
      b1 = x.fma(b, b1);
      x = FloatVector.broadcast(SPECIES, points[p + 2]);
      a2 = x.fma(a, a2);
      b2 = x.fma(b, b2);
      x = FloatVector.broadcast(SPECIES, points[p + 3]);
      a3 = x.fma(a, a3);
      b3 = x.fma(b, b3);
      x = FloatVector.broadcast(SPECIES, points[p + 4]);
      a4 = x.fma(a, a4);
      b4 = x.fma(b, b4);
      x = FloatVector.broadcast(SPECIES, points[p + 5]);
      a5 = x.fma(a, a5);
      b5 = x.fma(b, b5);
      x = FloatVector.broadcast(SPECIES, points[p + 6]);
      a6 = x.fma(a, a6);
      b6 = x.fma(b, b6);
      x = FloatVector.broadcast(SPECIES, points[p + 7]);
      a7 = x.fma(a, a7);
      b7 = x.fma(b, b7);
      x = FloatVector.broadcast(SPECIES, points[p + 8]);
      a8 = x.fma(a, a8);
      b8 = x.fma(b, b8);
      x = FloatVector.broadcast(SPECIES, points[p + 9]);
      a9 = x.fma(a, a9);
      b9 = x.fma(b, b9);
      x = FloatVector.broadcast(SPECIES, points[p + 10]);
      a10 = x.fma(a, a10);
      b10 = x.fma(b, b10);
      x = FloatVector.broadcast(SPECIES, points[p + 11]);
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
