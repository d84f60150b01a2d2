package dev.fgvc.nets.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LastLayerTest {

  private static final int CLASSES = 4;
  private static final int[] COUNTS = {50, 30, 15, 5};

  private final NetworkGraph graph =
      Architecture.RESNET_V2_50.builder().classes(CLASSES).widthMultiplier(0.1).build();
  private final Weights weights = Weights.initialize(graph, 3);

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void findsTheLastLayerOfEveryArchitecture(Architecture architecture) {
    NetworkGraph any = architecture.builder().classes(CLASSES).widthMultiplier(0.1).build();
    Weights start = Weights.initialize(any, 1);
    String scope = LastLayer.scope(any);

    assertThat(start.tensor(scope + "/weights").shape()).endsWith(CLASSES);
    assertThat(start.tensor(scope + "/biases").shape()).containsExactly(CLASSES);
    LastLayer.tauNormalized(any, start, 1).requireFor(any);
  }

  @Test
  void logitAdjustmentTakesTheLogarithmOfTheShareFromEachScore() {
    FMatrixRMaj before = logits(weights);
    FMatrixRMaj after = logits(LastLayer.logitAdjusted(graph, weights, COUNTS, 1.5));

    for (int i = 0; i < before.numRows; i++) {
      for (int c = 0; c < CLASSES; c++) {
        double expected = before.get(i, c) - 1.5 * Math.log(COUNTS[c] / 100.0);
        assertThat((double) after.get(i, c)).isCloseTo(expected, within(1e-4));
      }
    }
  }

  @Test
  void tauNormalisationDividesByThePowerOfTheNorm() {
    FMatrixRMaj before = logits(weights);
    String name = LastLayer.scope(graph) + "/weights";
    float[] kernel = weights.tensor(name).toArray();

    for (double tau : new double[] {0, 0.5, 1}) {
      Weights normalized = LastLayer.tauNormalized(graph, weights, tau);
      FMatrixRMaj after = logits(normalized);
      for (int c = 0; c < CLASSES; c++) {
        double norm = norm(kernel, c);
        assertThat(norm(normalized.tensor(name).toArray(), c))
            .isCloseTo(Math.pow(norm, 1 - tau), within(1e-5));
        // Fresh biases are zero, so that only the norm makes the difference.
        assertThat((double) after.get(0, c))
            .isCloseTo(before.get(0, c) / Math.pow(norm, tau), within(1e-3));
      }
    }
  }

  @Test
  void nothingElseChanges() {
    Weights changed = LastLayer.tauNormalized(graph, weights, 1);
    String scope = LastLayer.scope(graph);

    assertThat(changed.names()).isEqualTo(weights.names());
    for (String name : weights.names()) {
      if (!name.startsWith(scope)) {
        assertThat(changed.tensor(name)).as(name).isSameAs(weights.tensor(name));
      }
    }
  }

  @Test
  void refusesCountsAndTausThatMeanNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LastLayer.logitAdjusted(graph, weights, new int[] {1, 2, 3}, 1))
        .withMessageContaining("4 classes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LastLayer.logitAdjusted(graph, weights, new int[] {1, 2, 3, 0}, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LastLayer.tauNormalized(graph, weights, -1))
        .withMessageContaining("-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LastLayer.tauNormalized(graph, weights, Double.NaN));
  }

  private static double norm(float[] kernel, int label) {
    double squares = 0;
    for (int i = label; i < kernel.length; i += CLASSES) {
      squares += (double) kernel[i] * kernel[i];
    }
    return Math.sqrt(squares);
  }

  private FMatrixRMaj logits(Weights of) {
    Resolution resolution = Resolution.square(32);
    float[] pixels = new float[2 * 3 * resolution.pixels()];
    Random random = new Random(9);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = 2 * random.nextFloat() - 1;
    }
    try (Network network = Engine.torch().compile(graph, of)) {
      return network.logits(new Images(FloatBuffer.wrap(pixels), 2, resolution));
    }
  }
}
