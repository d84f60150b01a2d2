package dev.fgvc.nets.arch;

import dev.fgvc.image.Resolution;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A graph in the language DOT, to be drawn by Graphviz. A box is a node together with what follows
 * it alone and keeps the shape, such as convolution, batch norm and ReLU; arrows carry the shapes
 * of the activations.
 */
final class GraphDrawing {

  private final NetworkGraph graph;
  private final List<MapShape> shapes;
  private final int[] readers;

  /** For each node the first one of its box. */
  private final int[] boxes;

  private GraphDrawing(NetworkGraph graph, Resolution resolution) {
    this.graph = graph;
    this.shapes = graph.shapes(resolution);
    this.readers = new int[shapes.size()];
    this.boxes = new int[shapes.size()];
    graph.nodes().forEach(node -> node.inputs().forEach(input -> readers[input]++));
  }

  static String dot(NetworkGraph graph, Resolution resolution) {
    return new GraphDrawing(graph, resolution).draw(resolution);
  }

  private String draw(Resolution resolution) {
    Map<Integer, StringBuilder> labels = new TreeMap<>();
    StringBuilder arrows = new StringBuilder();
    for (Node node : graph.nodes()) {
      int index = node.index();
      Label label = node.operation().accept(new Labels(resolution));
      boolean joins = label.joins() && readers[node.inputs().get(0)] == 1;
      boxes[index] = joins ? boxes[node.inputs().get(0)] : index;
      labels
          .computeIfAbsent(boxes[index], unused -> new StringBuilder())
          .append(joins ? "\\n" : "")
          .append(label.text());
      for (int input : joins ? List.<Integer>of() : node.inputs()) {
        arrows.append(
            String.format(
                Locale.ROOT,
                "  n%d -> n%d [label=\"%s\"];%n",
                boxes[input],
                index,
                shapes.get(input)));
      }
    }
    for (Map.Entry<String, Node> endpoint : graph.endpoints().entrySet()) {
      labels
          .get(boxes[endpoint.getValue().index()])
          .append("\\n[")
          .append(escaped(endpoint.getKey()))
          .append(']');
    }
    String nodes =
        labels.entrySet().stream()
            .map(
                box ->
                    String.format(
                        Locale.ROOT, "  n%d [label=\"%s\"];", box.getKey(), box.getValue()))
            .collect(Collectors.joining(System.lineSeparator()));
    return String.format(
        Locale.ROOT,
        "digraph \"%s\" {%n  rankdir=TB;%n  node [shape=box, fontname=\"sans-serif\"];%n%s%n%s}%n",
        escaped(graph.name()),
        nodes,
        arrows);
  }

  /**
   * The label of an operation in a drawing.
   *
   * @param text one or two lines
   * @param joins whether it stands in the box of its only input, if nothing else reads that
   */
  private record Label(String text, boolean joins) {

    static Label box(String text) {
      return new Label(text, false);
    }

    static Label line(String text) {
      return new Label(text, true);
    }
  }

  /** Describes operations. */
  private record Labels(Resolution resolution) implements Operation.Visitor<Label> {

    @Override
    public Label input(Operation.Input input) {
      return Label.box("images " + resolution);
    }

    @Override
    public Label convolution(Operation.Convolution convolution) {
      return Label.box(
          "convolution "
              + convolution.window()
              + ", "
              + convolution.outputChannels()
              + "\\n"
              + escaped(convolution.scope()));
    }

    @Override
    public Label fullyConnected(Operation.FullyConnected layer) {
      return Label.box("fully connected, " + layer.outputs() + "\\n" + escaped(layer.scope()));
    }

    @Override
    public Label batchNorm(Operation.BatchNorm norm) {
      return Label.line("batch norm");
    }

    @Override
    public Label relu(Operation.Relu relu) {
      return Label.line("relu");
    }

    @Override
    public Label sigmoid(Operation.Sigmoid sigmoid) {
      return Label.line("sigmoid");
    }

    @Override
    public Label maxPool(Operation.MaxPool pool) {
      return Label.box("max pooling " + pool.window());
    }

    @Override
    public Label averagePool(Operation.AveragePool pool) {
      return Label.box("average pooling " + pool.window());
    }

    @Override
    public Label subsample(Operation.Subsample subsample) {
      return Label.box("every cell at stride " + subsample.stride());
    }

    @Override
    public Label globalAveragePool(Operation.GlobalAveragePool pool) {
      return Label.box("global average pool");
    }

    @Override
    public Label bilinearPool(Operation.BilinearPool pool) {
      return Label.box("bilinear pool");
    }

    @Override
    public Label tensorSketchPool(Operation.TensorSketchPool pool) {
      return Label.box("compact bilinear pool, seed " + pool.seed());
    }

    @Override
    public Label signedSquareRoot(Operation.SignedSquareRoot root) {
      return Label.line("signed square root");
    }

    @Override
    public Label l2Normalization(Operation.L2Normalization norm) {
      return Label.line("l2 normalisation");
    }

    @Override
    public Label add(Operation.Add add) {
      return Label.box(add.scale() == 1 ? "sum" : "sum, second part x " + add.scale());
    }

    @Override
    public Label multiply(Operation.Multiply multiply) {
      return Label.line("x " + multiply.factor());
    }

    @Override
    public Label scaleChannels(Operation.ScaleChannels scale) {
      return Label.box("scale channels");
    }

    @Override
    public Label concatenate(Operation.Concatenate concatenate) {
      return Label.box("concatenate");
    }

    @Override
    public Label dropout(Operation.Dropout dropout) {
      return Label.line("dropout");
    }
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
