package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.function.IntToDoubleFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pooling that counts padded cells, for networks of libraries that do. */
class PoolingTest {

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void averagesCountPaddingOnBothSidesWhenAsked(String engine) {
    // 3x3 at stride 1 over 0..8 has one padded cell all around; the mean of all nine windows
    // weighs each cell by the number of windows it lies in
    Window window = Window.square(3, 1, Padding.SAME);

    float mean =
        pooled(engine, 3, i -> i, (graph, input) -> graph.averagePool(input, window, true));

    float weighed = 4 * (0 + 2 + 6 + 8) + 6 * (1 + 3 + 5 + 7) + 9 * 4;
    assertThat(mean).isCloseTo(weighed / 81, within());
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void averagesCountPaddingOnOneSideWhenAsked(String engine) {
    // over 4x4 at stride 2 nothing is padded before and one cell after
    Window window = Window.square(3, 2, Padding.SAME);

    float mean =
        pooled(engine, 4, i -> i, (graph, input) -> graph.averagePool(input, window, true));

    float sum = 45 + (2 + 3 + 6 + 7 + 10 + 11) + (8 + 9 + 10 + 12 + 13 + 14) + (10 + 11 + 14 + 15);
    assertThat(mean).isCloseTo(sum / 9 / 4, within());
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void paddedZerosWinMaximaOnlyWhenTheyCount(String engine) {
    // one cell on every side of 4x4: three of the four windows see padding
    Window window = Window.square(3, 2, Padding.FIXED);

    assertThat(pooled(engine, 4, i -> -1, (graph, input) -> graph.maxPool(input, window, true)))
        .isCloseTo(-0.25f, within());
    assertThat(pooled(engine, 4, i -> -1, (graph, input) -> graph.maxPool(input, window, false)))
        .isCloseTo(-1, within());
  }

  @Test
  void conventionsDifferInWhatTheyDocument() {
    assertThat(countingPools(Architecture.INCEPTION_V3, Convention.TF_SLIM)).isZero();
    assertThat(countingPools(Architecture.INCEPTION_V3, Convention.KERAS)).isZero();
    assertThat(countingPools(Architecture.INCEPTION_V3, Convention.PYTORCH)).isEqualTo(9);
    assertThat(countingPools(Architecture.INCEPTION_V4, Convention.PYTORCH)).isZero();
    assertThat(countingPools(Architecture.RESNET_V2_50, Convention.KERAS)).isEqualTo(1);
    assertThat(graph(Architecture.INCEPTION_V4, Convention.PYTORCH).parameters())
        .extracting(Parameter::name)
        .contains("InceptionV4/Conv2d_1a_3x3/BatchNorm/gamma");
  }

  private static long countingPools(Architecture architecture, Convention convention) {
    return graph(architecture, convention).nodes().stream()
        .filter(
            node ->
                node.operation() instanceof Operation.AveragePool pool && pool.countsPadding()
                    || node.operation() instanceof Operation.MaxPool max && max.countsPadding())
        .count();
  }

  private static NetworkGraph graph(Architecture architecture, Convention convention) {
    return architecture.builder().classes(2).convention(convention).build();
  }

  private static Offset<Float> within() {
    return Offset.offset(1e-5f);
  }

  /** The mean of a pooled map of one channel. */
  private static float pooled(String engine, int side, IntToDoubleFunction cells, Pooling pooling) {
    GraphBuilder builder = GraphBuilder.named("pool");
    Node features = builder.globalAveragePool(pooling.apply(builder, builder.input(3)));
    NetworkGraph graph =
        builder.build(
            features,
            builder.convolution(
                features,
                "pool/logits",
                1,
                Window.square(1, 1, Padding.SAME),
                true,
                new Initializer.Constant(1)));
    float[] pixels = new float[3 * side * side];
    for (int i = 0; i < side * side; i++) {
      pixels[i] = (float) cells.applyAsDouble(i);
    }
    Images images = new Images(FloatBuffer.wrap(pixels), 1, Resolution.square(side));
    try (Network network = Engine.named(engine).compile(graph, Weights.initialize(graph, 1))) {
      return network.features(images).data[0];
    }
  }

  @FunctionalInterface
  private interface Pooling {
    Node apply(GraphBuilder graph, Node input);
  }
}
