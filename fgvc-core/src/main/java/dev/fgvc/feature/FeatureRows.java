package dev.fgvc.feature;

import java.util.Objects;
import org.ejml.data.FMatrixRMaj;

/**
 * Feature vectors, one image a row, wherever they lie: in memory, or in files ({@link
 * MappedFeatures}). Several threads may read at once.
 */
public interface FeatureRows {

  /**
   * The number of images.
   *
   * @return at least 0
   */
  int count();

  /**
   * The length of each feature vector.
   *
   * @return at least 1
   */
  int dimension();

  /**
   * Copies one feature vector.
   *
   * @param row which image, from 0 to {@code count() - 1}
   * @param into receives {@link #dimension} values
   * @param offset where the first of them goes
   * @throws IndexOutOfBoundsException if there is no such row, or no room for it
   */
  void copyRow(int row, float[] into, int offset);

  /**
   * The rows of a matrix.
   *
   * @param matrix images x dimension; it is not copied
   * @return its rows
   */
  static FeatureRows of(FMatrixRMaj matrix) {
    return new FeatureRows() {
      @Override
      public int count() {
        return matrix.numRows;
      }

      @Override
      public int dimension() {
        return matrix.numCols;
      }

      @Override
      public void copyRow(int row, float[] into, int offset) {
        // A matrix may have a longer array than it has rows.
        Objects.checkIndex(row, matrix.numRows);
        System.arraycopy(matrix.data, row * matrix.numCols, into, offset, matrix.numCols);
      }
    };
  }
}
