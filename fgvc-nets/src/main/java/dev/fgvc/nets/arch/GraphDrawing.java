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
      boolean joins = joins(node);
      boxes[index] = joins ? boxes[node.inputs().get(0)] : index;
      labels
          .computeIfAbsent(boxes[index], unused -> new StringBuilder())
          .append(joins ? "\\n" : "")
          .append(describe(node.operation(), resolution));
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

  /** Whether a node belongs to the box of its only input. */
  private boolean joins(Node node) {
    Operation operation = node.operation();
    boolean small =
        operation instanceof Operation.BatchNorm
            || operation instanceof Operation.Relu
            || operation instanceof Operation.Sigmoid
            || operation instanceof Operation.Multiply
            || operation instanceof Operation.Dropout;
    return small && readers[node.inputs().get(0)] == 1;
  }

  private static String describe(Operation operation, Resolution resolution) {
    if (operation instanceof Operation.Input) {
      return "images " + resolution;
    } else if (operation instanceof Operation.Convolution convolution) {
      return "convolution "
          + convolution.window()
          + ", "
          + convolution.outputChannels()
          + "\\n"
          + escaped(convolution.scope());
    } else if (operation instanceof Operation.MaxPool pool) {
      return "max pooling " + pool.window();
    } else if (operation instanceof Operation.AveragePool pool) {
      return "average pooling " + pool.window();
    } else if (operation instanceof Operation.FullyConnected layer) {
      return "fully connected, " + layer.outputs() + "\\n" + escaped(layer.scope());
    } else if (operation instanceof Operation.Subsample subsample) {
      return "every cell at stride " + subsample.stride();
    } else if (operation instanceof Operation.Add add) {
      return add.scale() == 1 ? "sum" : "sum, second part x " + add.scale();
    } else if (operation instanceof Operation.Multiply multiply) {
      return "x " + multiply.factor();
    }
    String name = operation.getClass().getSimpleName();
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
