package dev.fgvc.nets.weights;

import java.nio.FloatBuffer;

/** Values in an array, which nobody else keeps. */
record HeapValues(float[] values) implements TensorValues {

  /** Rows that are transposed together: each is a run of 64 bytes where it is written. */
  private static final int ROWS = 16;

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public FloatBuffer view() {
    return FloatBuffer.wrap(values).asReadOnlyBuffer();
  }

  @Override
  public void copyTo(FloatBuffer target) {
    target.put(values);
  }

  @Override
  public void copyLastAxisFirst(int length, FloatBuffer target) {
    int rows = length == 0 ? 0 : values.length / length;
    FloatBuffer whole = target.slice();
    for (int first = 0; first < rows; first += ROWS) {
      putColumns(values, first * length, Math.min(ROWS, rows - first), length, whole, first, rows);
    }
    target.position(target.position() + values.length);
  }

  /**
   * Writes some rows of a matrix as columns of its transpose.
   *
   * @param from where the first row begins in the array
   * @param first which of the matrix's rows it is
   * @param allRows of the matrix
   */
  static void putColumns(
      float[] values, int from, int rows, int length, FloatBuffer target, int first, int allRows) {
    float[] run = new float[rows];
    for (int column = 0; column < length; column++) {
      for (int row = 0; row < rows; row++) {
        run[row] = values[from + row * length + column];
      }
      target.put(column * allRows + first, run, 0, rows);
    }
  }
}
