package dev.fgvc.nets.arch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.image.Resolution;
import dev.fgvc.testing.InOtherLocales;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@InOtherLocales
class GraphDrawingTest {

  private static final Pattern BOX = Pattern.compile("(?m)^  (n\\d+) \\[label=\"(.*)\"];$");
  private static final Pattern ARROW =
      Pattern.compile("(?m)^  (n\\d+) -> (n\\d+) \\[label=\"\\d+x\\d+x\\d+\"];$");

  @ParameterizedTest
  @EnumSource
  void everyArrowLeadsFromBoxToBoxAndEveryLayerIsShown(Architecture architecture) {
    NetworkGraph graph = architecture.builder().classes(7).build();

    String dot = graph.dot(Resolution.square(299));

    Set<String> boxes = new HashSet<>();
    for (Matcher box = BOX.matcher(dot); box.find(); ) {
      assertThat(boxes.add(box.group(1))).isTrue();
    }
    Set<String> reached = new HashSet<>();
    for (Matcher arrow = ARROW.matcher(dot); arrow.find(); ) {
      assertThat(boxes).contains(arrow.group(1), arrow.group(2));
      reached.add(arrow.group(2));
    }
    assertThat(reached).hasSize(boxes.size() - 1); // all but the images
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.Convolution convolution) {
        assertThat(dot).contains("\\n" + convolution.scope());
      }
    }
    graph.endpoints().keySet().forEach(name -> assertThat(dot).contains("[" + name + "]"));
  }

  @Test
  void whatKeepsTheShapeSharesABoxAndSumsHaveTwoArrows() {
    NetworkGraph graph = residual();

    assertThat(graph.dot(Resolution.square(8)))
        .isEqualToNormalizingNewlines(
            """
            digraph "small" {
              rankdir=TB;
              node [shape=box, fontname="sans-serif"];
              n0 [label="images 8x8"];
              n1 [label="convolution 1x1/2 SAME, 4\\nsmall/first\\nrelu"];
              n3 [label="convolution 1x1/1 SAME, 4\\nsmall/second"];
              n4 [label="sum, second part x 0.5"];
              n5 [label="global average pool"];
              n6 [label="convolution 1x1/1 SAME, 2\\nsmall/logits"];
              n0 -> n1 [label="3x8x8"];
              n1 -> n3 [label="4x4x4"];
              n1 -> n4 [label="4x4x4"];
              n3 -> n4 [label="4x4x4"];
              n4 -> n5 [label="4x4x4"];
              n5 -> n6 [label="4x1x1"];
            }
            """);
  }

  @Test
  void activationMemoryCountsWhatIsKeptAndWhatIsAliveAtOnce() {
    ActivationMemory memory = residual().activationMemory(Resolution.square(8));

    // images 192 values, then four maps of 64 values, features 4, logits 2
    assertThat(memory.trainingBytes()).isEqualTo(4 * (192 + 4 * 64 + 4 + 2));
    // while the first layer runs: the images and its output
    assertThat(memory.inferenceBytes()).isEqualTo(4 * (192 + 64));
  }

  @Test
  void activationMemoryGrowsWithTheNumberOfPixels() {
    NetworkGraph graph = Architecture.INCEPTION_V3.builder().classes(7).build();

    long small = graph.activationMemory(Resolution.square(299)).trainingBytes();
    long large = graph.activationMemory(Resolution.square(598)).trainingBytes();

    assertThat((double) large / small).isBetween(3.9, 4.3);
    assertThat(graph.activationMemory(Resolution.square(299)).inferenceBytes()).isLessThan(small);
  }

  private static NetworkGraph residual() {
    GraphBuilder builder = GraphBuilder.named("small");
    Initializer zero = new Initializer.Constant(0);
    Node images = builder.input(3);
    Node first =
        builder.relu(
            builder.convolution(
                images, "small/first", 4, Window.square(1, 2, Padding.SAME), true, zero));
    Window point = Window.square(1, 1, Padding.SAME);
    Node second = builder.convolution(first, "small/second", 4, point, true, zero);
    Node features = builder.globalAveragePool(builder.add(first, second, 0.5));
    return builder.build(
        features, builder.convolution(features, "small/logits", 2, point, true, zero));
  }
}
