package dev.fgvc.nets.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.image.Resolution;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {

  private static final Window POINT = Window.square(1, 1, Padding.SAME);
  private static final Initializer ZEROS = new Initializer.Constant(0);

  @Test
  void countsParametersAndMultiplyAddsByHand() {
    GraphBuilder builder = GraphBuilder.named("small");
    Node input = builder.input(3);
    Window window = Window.square(3, 2, Padding.SAME);
    Node map = builder.convolution(input, "small/conv", 4, window, true, ZEROS);
    Node features = builder.globalAveragePool(builder.relu(map));
    NetworkGraph graph =
        builder.build(
            features, builder.convolution(features, "small/logits", 5, POINT, true, ZEROS));

    // 3*3*3*4 + 4 and 4*5 + 5 values; 4x4 outputs of 3*3*3*4 products, and 4*5 of the last layer
    assertThat(graph.trainableValues()).isEqualTo(112 + 25);
    assertThat(graph.multiplyAdds(new Resolution(7, 8))).isEqualTo(4 * 4 * 108 + 20);
    assertThat(graph.outputShape(new Resolution(7, 8))).isEqualTo(new MapShape(4, 4, 4));
    assertThat(graph.classes()).isEqualTo(5);
    assertThat(graph.featureDimension()).isEqualTo(4);
  }

  @Test
  void refusesTwoVariablesOfOneName() {
    GraphBuilder builder = GraphBuilder.named("twice");
    Node input = builder.input(3);
    builder.convolution(input, "twice/conv", 4, POINT, false, ZEROS);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.convolution(input, "twice/conv", 4, POINT, false, ZEROS))
        .withMessageContaining("twice/conv/weights");
  }

  @Test
  void refusesNodesOfAnotherGraph() {
    Node foreign = GraphBuilder.named("other").input(3);
    GraphBuilder builder = GraphBuilder.named("own");
    builder.input(3);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.relu(foreign))
        .withMessageContaining("another graph");
  }

  @Test
  void refusesSumsOfUnequalDepth() {
    GraphBuilder builder = GraphBuilder.named("sum");
    Node input = builder.input(3);
    Node wide = builder.convolution(input, "sum/conv", 8, POINT, false, ZEROS);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add(input, wide, 1))
        .withMessageContaining("3 and 8 channels");
  }

  @Test
  void refusesFeaturesThatAreNotPooled() {
    GraphBuilder builder = GraphBuilder.named("flat");
    Node input = builder.input(3);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.build(input, input))
        .withMessageContaining("global average");
  }

  @Test
  void samePaddingPutsTheOddCellAfter() {
    Window.Border even = Window.square(3, 2, Padding.SAME).border(8, 7);

    assertThat(even).isEqualTo(new Window.Border(0, 1, 1, 1));
    assertThat(even.isSymmetric()).isFalse();
  }

  @Test
  void fixedPaddingDoesNotDependOnTheSize() {
    Window window = Window.square(7, 2, Padding.FIXED);

    assertThat(window.border(8, 9)).isEqualTo(new Window.Border(3, 3, 3, 3));
    assertThat(window.outputHeight(299)).isEqualTo(150);
  }
}
