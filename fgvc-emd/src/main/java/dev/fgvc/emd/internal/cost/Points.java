package dev.fgvc.emd.internal.cost;

import dev.fgvc.feature.FeatureRows;
import org.ejml.data.FMatrixRMaj;

/**
 * Points, one a row, in a matrix or wherever else they can be copied from. Safe for reading by
 * several threads at once.
 */
public interface Points {

  int count();

  int dimension();

  /** An array for {@link #array} to copy to, for one thread. */
  float[] spare();

  /** The array that holds a point, from {@link #offset} on; not to be written. */
  float[] array(int row, float[] spare);

  /** The place of a point's first coordinate in its array. */
  int offset(int row);

  /** The rows of a matrix. */
  static Points of(FMatrixRMaj matrix) {
    return new MatrixPoints(matrix);
  }

  /** Rows that are copied one by one. */
  static Points of(FeatureRows rows) {
    return new CopiedPoints(rows);
  }

  /** Points that lie in one array. */
  record MatrixPoints(FMatrixRMaj matrix) implements Points {

    private static final float[] NONE = {};

    @Override
    public int count() {
      return matrix.numRows;
    }

    @Override
    public int dimension() {
      return matrix.numCols;
    }

    @Override
    public float[] spare() {
      return NONE;
    }

    @Override
    public float[] array(int row, float[] spare) {
      return matrix.data;
    }

    @Override
    public int offset(int row) {
      return row * matrix.numCols;
    }
  }

  /** Points that are copied when they are asked for. */
  record CopiedPoints(FeatureRows rows) implements Points {

    @Override
    public int count() {
      return rows.count();
    }

    @Override
    public int dimension() {
      return rows.dimension();
    }

    @Override
    public float[] spare() {
      return new float[rows.dimension()];
    }

    @Override
    public float[] array(int row, float[] spare) {
      rows.copyRow(row, spare, 0);
      return spare;
    }

    @Override
    public int offset(int row) {
      return 0;
    }
  }
}
