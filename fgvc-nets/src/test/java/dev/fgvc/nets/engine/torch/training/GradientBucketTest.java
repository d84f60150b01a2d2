package dev.fgvc.nets.engine.torch.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.training.FlatRanges.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradientBucketTest {

  private static final NetworkGraph GRAPH = graph();

  /** Kernels of 12, 16 and 8 values, which lie in front of the biases of 4, 4 and 2. */
  private static final List<Parameter> TRAINED =
      GRAPH.parameters().stream()
          .sorted(Comparator.comparing((Parameter parameter) -> !parameter.weightDecay()))
          .toList();

  private static NetworkGraph graph() {
    GraphBuilder builder = GraphBuilder.named("net");
    Node first = convolution(builder, builder.input(3), "first", 4);
    Node second = convolution(builder, first, "second", 4);
    Node features = builder.globalAveragePool(second);
    return builder.build(features, convolution(builder, features, "logits", 2));
  }

  private static Node convolution(GraphBuilder builder, Node input, String scope, int channels) {
    return builder.convolution(
        input,
        scope,
        channels,
        Window.square(1, 1, Padding.SAME),
        true,
        new Initializer.TruncatedNormal(1));
  }

  private static int index(String scope) {
    return GRAPH.nodes().stream()
        .filter(node -> node.operation().toString().contains(scope))
        .findFirst()
        .orElseThrow()
        .index();
  }

  private static List<GradientBucket> buckets(int values) {
    return GradientBucket.of(GRAPH.nodes(), TRAINED, (long) Float.BYTES * values);
  }

  @Test
  void areCompleteInTheOrderOfTheWayBack() {
    assertThat(buckets(10))
        .containsExactly(
            new GradientBucket(
                index("logits"),
                List.of("logits/weights", "logits/biases"),
                new FlatRanges(List.of(new Range(28, 8), new Range(44, 2)))),
            new GradientBucket(
                index("second"),
                List.of("second/weights"),
                new FlatRanges(List.of(new Range(12, 10)))),
            new GradientBucket(
                index("second"),
                List.of("second/weights", "second/biases"),
                new FlatRanges(List.of(new Range(22, 6), new Range(40, 4)))),
            new GradientBucket(
                index("first"),
                List.of("first/weights"),
                new FlatRanges(List.of(new Range(0, 10)))),
            new GradientBucket(
                index("first"),
                List.of("first/weights", "first/biases"),
                new FlatRanges(List.of(new Range(10, 2), new Range(36, 4)))));
  }

  @Test
  void waitForTheLastOfTheirGradients() {
    assertThat(buckets(12).get(0))
        .isEqualTo(
            new GradientBucket(
                index("second"),
                List.of("logits/weights", "logits/biases", "second/weights"),
                new FlatRanges(List.of(new Range(12, 2), new Range(28, 8), new Range(44, 2)))));
  }

  @Test
  void holdEachValueOnce() {
    for (int values = 1; values <= 50; values++) {
      List<Range> ranges = new ArrayList<>();
      buckets(values).forEach(bucket -> ranges.addAll(bucket.positions().ranges()));
      ranges.sort(Comparator.comparing(Range::from));
      long end = 0;
      for (Range range : ranges) {
        assertThat(range.from()).isEqualTo(end);
        end += range.length();
      }
      assertThat(end).isEqualTo(46);
    }
  }

  @Test
  void waitForTheFirstNodeOfThoseThatShareAVariable() {
    List<Node> nodes = new ArrayList<>(GRAPH.nodes());
    Node last = nodes.get(nodes.size() - 1);
    Node second = nodes.get(index("second"));
    nodes.set(last.index(), new Node(last.index(), second.operation(), last.inputs(), 4));
    List<Parameter> shared =
        TRAINED.stream().filter(parameter -> parameter.name().startsWith("second")).toList();

    assertThat(GradientBucket.of(nodes, shared, 1))
        .hasSize(20)
        .allSatisfy(bucket -> assertThat(bucket.node()).isEqualTo(second.index()));
  }

  @Test
  void areOneIfTheyMayBeLarge() {
    assertThat(GradientBucket.of(GRAPH.nodes(), TRAINED, Long.MAX_VALUE))
        .singleElement()
        .satisfies(
            bucket -> assertThat(bucket.positions().ranges()).containsExactly(new Range(0, 46)));
  }

  @Test
  void partsOfRangesAreRanges() {
    FlatRanges ranges = new FlatRanges(List.of(new Range(10, 3), new Range(20, 4)));

    assertThat(ranges.count()).isEqualTo(7);
    assertThat(ranges.part(0, 2).ranges()).containsExactly(new Range(10, 2));
    assertThat(ranges.part(1, 4).ranges()).containsExactly(new Range(11, 2), new Range(20, 2));
    assertThat(ranges.part(3, 1).ranges()).containsExactly(new Range(20, 1));
    assertThat(ranges.part(5, 2).ranges()).containsExactly(new Range(22, 2));
    assertThat(ranges.part(7, 0).ranges()).isEmpty();
  }
}
