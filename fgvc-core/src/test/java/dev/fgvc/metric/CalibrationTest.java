package dev.fgvc.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CalibrationTest {

  private static final int IMAGES = 40;
  private static final int CLASSES = 5;

  private final double[] scores = new double[IMAGES * CLASSES];
  private final int[] labels = new int[IMAGES];

  CalibrationTest() {
    for (int i = 0; i < IMAGES; i++) {
      int best = 0;
      for (int c = 0; c < CLASSES; c++) {
        scores[i * CLASSES + c] = 6 * Math.sin(1.7 * i + 2.3 * c) + 2 * Math.cos(0.9 * i * c);
        best = scores[i * CLASSES + c] > scores[i * CLASSES + best] ? c : best;
      }
      labels[i] = i % 3 == 0 ? i * 7 % CLASSES : best;
    }
  }

  /**
   * By NumPy 2.4.6, SciPy 1.17.1 and scikit-learn 1.9.1 from the same scores: {@code log_loss(y,
   * softmax(z / t, axis=1))}, {@code minimize_scalar} of it over log t with xatol 1e-12, and the
   * calibration error from its definition with {@code np.linspace(0, 1, 16)}.
   */
  @Test
  void equalsSciPyAndScikitLearn() {
    Calibration plain = Calibration.of(scores, labels, CLASSES, 1);
    assertThat(plain.crossEntropy()).isCloseTo(1.9565601261719514, within(1e-13));
    assertThat(plain.error()).isCloseTo(0.223087914555537, within(1e-13));
    assertThat(plain.images()).isEqualTo(40);

    Calibration fitted = Calibration.fit(scores, labels, CLASSES);
    assertThat(fitted.temperature()).isCloseTo(3.641843550331542, within(1e-7));
    assertThat(fitted.crossEntropy()).isCloseTo(1.1319599798491218, within(1e-13));
    assertThat(fitted.error()).isCloseTo(0.2932992426685577, within(1e-7));
  }

  @Test
  void shiftedScoresGiveTheSame() {
    double[] shifted = scores.clone();
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] = 1 + shifted[i] + 1e4 * (i / CLASSES);
    }
    assertThat(Calibration.fit(shifted, labels, CLASSES).temperature())
        .isCloseTo(Calibration.fit(scores, labels, CLASSES).temperature(), within(1e-8));
  }

  @Test
  void findsTheTemperatureThatScoresWereDividedBy() {
    for (double factor : new double[] {1e-1, 0.3, 1, 2.5}) {
      double[] scaled = scores.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= factor;
      }
      assertThat(Calibration.fit(scaled, labels, CLASSES).temperature() / factor)
          .isCloseTo(3.6418435503, within(1e-8));
    }
  }

  @Test
  void temperaturesStayInTheirRange() {
    double[] right = {3, 0, 0, 3};
    assertThat(Calibration.fit(right, new int[] {0, 1}, 2).temperature())
        .isCloseTo(0.01, within(1e-9));
    assertThat(Calibration.fit(right, new int[] {1, 0}, 2).temperature())
        .isCloseTo(100, within(1e-6));
    double[] equal = {2, 2, 2, 2};
    assertThat(Calibration.fit(equal, new int[] {1, 0}, 2).crossEntropy())
        .isCloseTo(Math.log(2), within(1e-15));
  }

  @Test
  void certainProbabilitiesAreInTheLastBin() {
    double[] certain = {1000, 0, Double.NEGATIVE_INFINITY, 5};
    Calibration calibration = Calibration.of(certain, new int[] {0, 1}, 2, 1);
    assertThat(calibration.bins().get(Calibration.BINS - 1))
        .isEqualTo(new Calibration.Bin(2, 1, 1));
    assertThat(calibration.error()).isZero();
    assertThat(calibration.crossEntropy()).isZero();
    // A tie is an error at half the confidence.
    Calibration tie = Calibration.of(new double[] {1, 1}, new int[] {0}, 2, 1);
    assertThat(tie.error()).isEqualTo(0.5);
    assertThat(tie)
        .hasToString(
            "temperature 1.000: cross-entropy 0.6931, calibration error 50.00 % of 1 images");
  }

  @Test
  void refusesWhatGivesNoProbabilities() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.fit(new double[] {1, Double.NaN}, new int[] {0}, 2))
        .withMessageContaining("score NaN of class 1 for image 0");
    double inf = Double.POSITIVE_INFINITY;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.of(new double[] {1, inf}, new int[] {0}, 2, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.of(new double[] {-inf, 1}, new int[] {0}, 2, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.of(new double[] {0, 1}, new int[] {0}, 2, 0))
        .withMessageContaining("temperature 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.of(new double[0], new int[0], 2, 1))
        .withMessageContaining("no image");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.of(new double[3], new int[] {0}, 2, 1));
  }
}
