package dev.fgvc.nets.eval;

import static org.assertj.core.api.Assertions.assertThat;

import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class RecordsOfMatricesTest {

  private static final int[] LABELS = {0, 1};

  @Test
  void imageFeaturesOfTheSameNumbersAreEqual() {
    ImageFeatures features = new ImageFeatures(matrix(2, 1, 2, 3, Float.NaN), LABELS);
    ImageFeatures same = new ImageFeatures(inLongerArray(2, 1, 2, 3, Float.NaN), LABELS.clone());

    assertThat(same).isEqualTo(features).hasSameHashCodeAs(features);
    assertThat(new ImageFeatures(features.features(), new int[] {1, 1})).isNotEqualTo(features);
    assertThat(new ImageFeatures(matrix(2, 1, 2, 3, 4), LABELS)).isNotEqualTo(features);
    assertThat(new ImageFeatures(matrix(2, 1, 2), LABELS)).isNotEqualTo(features);
  }

  @Test
  void predictionsOfTheSameNumbersAreEqual() {
    Predictions predictions = new Predictions(matrix(2, 1, 0, 0.25f, 0.75f), LABELS);
    Predictions same = new Predictions(inLongerArray(2, 1, 0, 0.25f, 0.75f), LABELS.clone());

    assertThat(same).isEqualTo(predictions).hasSameHashCodeAs(predictions);
    assertThat(new Predictions(same.probabilities(), new int[] {1, 1})).isNotEqualTo(predictions);
    assertThat(new Predictions(matrix(2, 1, 0, 0, 1), LABELS)).isNotEqualTo(predictions);
  }

  @Test
  void bothPrintTheirSizeAndNoMatrix() {
    assertThat(new ImageFeatures(matrix(2, 1, 2, 3, 4, 5, 6), LABELS))
        .hasToString("2 images, dimension 3");
    assertThat(new Predictions(matrix(2, 1, 0, 0.25f, 0.75f), LABELS))
        .hasToString("2 images, 2 classes");
  }

  private static FMatrixRMaj matrix(int rows, float... values) {
    return new FMatrixRMaj(rows, values.length / rows, true, values);
  }

  private static FMatrixRMaj inLongerArray(int rows, float... values) {
    FMatrixRMaj matrix = new FMatrixRMaj(rows, values.length);
    matrix.reshape(rows, values.length / rows);
    System.arraycopy(values, 0, matrix.data, 0, values.length);
    matrix.data[values.length] = 9;
    return matrix;
  }
}
