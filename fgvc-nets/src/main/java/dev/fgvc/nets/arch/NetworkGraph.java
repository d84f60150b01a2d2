package dev.fgvc.nets.arch;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.fgvc.image.Resolution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network as an immutable value: nodes in an order in which each can be computed, the variables
 * they read, and names for the places worth looking at. The same graph serves every resolution from
 * the network's minimum up, for the paper's nets are fully convolutional up to a global pooling
 * (section 3.1).
 */
public final class NetworkGraph {

  private static final MapShape NOT_NEEDED = new MapShape(0, 0, 0);

  private final String name;
  private final ImmutableList<Node> nodes;
  private final ImmutableList<Parameter> parameters;
  private final ImmutableMap<String, Node> endpoints;
  private final Node features;
  private final Node logits;
  private final Optional<Node> auxiliaryLogits;

  NetworkGraph(
      String name,
      List<Node> nodes,
      List<Parameter> parameters,
      Map<String, Node> endpoints,
      Node features,
      Node logits,
      Optional<Node> auxiliaryLogits) {
    this.name = name;
    this.nodes = ImmutableList.copyOf(nodes);
    this.parameters = ImmutableList.copyOf(parameters);
    this.endpoints = ImmutableMap.copyOf(endpoints);
    this.features = features;
    this.logits = logits;
    this.auxiliaryLogits = auxiliaryLogits;
  }

  /**
   * The network's name, which is also the first part of its variables' names.
   *
   * @return the name, such as {@code resnet_v2_50}
   */
  public String name() {
    return name;
  }

  /**
   * All steps.
   *
   * @return the nodes; each reads only nodes before it
   */
  public List<Node> nodes() {
    return nodes;
  }

  /**
   * All variables, trainable or not.
   *
   * @return the parameters in the order in which the graph uses them
   */
  public List<Parameter> parameters() {
    return parameters;
  }

  /**
   * The named intermediate results, under the names of the authors' end points.
   *
   * @return name to node, in graph order
   */
  public Map<String, Node> endpoints() {
    return endpoints;
  }

  /**
   * The penultimate layer, g(image) of the paper's section 4.1: a global pooling of the last
   * activation, which in the paper is the average.
   *
   * @return a node of 1x1 activations
   */
  public Node features() {
    return features;
  }

  /**
   * The class scores before the softmax.
   *
   * @return a node of 1x1 activations with one channel per class
   */
  public Node logits() {
    return logits;
  }

  /**
   * The class scores of the auxiliary head, which only training uses.
   *
   * @return the node, or empty for a network without such a head
   */
  public Optional<Node> auxiliaryLogits() {
    return auxiliaryLogits;
  }

  /**
   * The number of classes.
   *
   * @return depth of the logits
   */
  public int classes() {
    return logits.channels();
  }

  /**
   * The length of a feature vector.
   *
   * @return depth of the features
   */
  public int featureDimension() {
    return features.channels();
  }

  /**
   * The number of values that training changes.
   *
   * @return the summed size of the trainable parameters
   */
  public long trainableValues() {
    return parameters.stream().filter(Parameter::trainable).mapToLong(Parameter::size).sum();
  }

  /**
   * The activation that is pooled to the features.
   *
   * @param resolution of the images
   * @return its shape, such as 2048x8x8 for Inception-v3 at 299
   * @throws IllegalArgumentException if the images are too small for the network
   */
  public MapShape outputShape(Resolution resolution) {
    Node pooled = features;
    while (!(pooled.operation() instanceof Operation.GlobalPool)) {
      pooled = nodes.get(pooled.inputs().get(0));
    }
    return outputShape(nodes.get(pooled.inputs().get(0)), resolution);
  }

  /**
   * The shape of a named intermediate result.
   *
   * @param endpoint a key of {@link #endpoints()}
   * @param resolution of the images
   * @return its shape
   * @throws IllegalArgumentException if there is no such end point or the images are too small
   */
  public MapShape outputShape(String endpoint, Resolution resolution) {
    return outputShape(endpoint(endpoint), resolution);
  }

  /**
   * The shape of a node's output for one image. Only what the node depends on must fit the images:
   * features can be had at resolutions too small for the auxiliary head.
   *
   * @param node of this graph
   * @param resolution of the images
   * @return its shape
   * @throws IllegalArgumentException if the images are too small or the node is of another graph
   */
  public MapShape outputShape(Node node, Resolution resolution) {
    return shapes(resolution, List.of(node)).get(node.index());
  }

  /**
   * The shape of the output of some nodes and of all that they depend on, for one image.
   *
   * @param resolution of the images
   * @param wanted nodes of this graph
   * @return shapes by node index; what is not needed for the nodes has a shape without cells
   * @throws IllegalArgumentException if the images are too small or a node is of another graph
   */
  public List<MapShape> shapes(Resolution resolution, List<Node> wanted) {
    boolean[] needed = new boolean[nodes.size()];
    for (Node node : wanted) {
      if (node.index() >= nodes.size() || !nodes.get(node.index()).equals(node)) {
        throw new IllegalArgumentException(node + " is not a node of " + name);
      }
      boolean[] own = ancestors(node);
      for (int i = 0; i < needed.length; i++) {
        needed[i] |= own[i];
      }
    }
    return shapes(resolution, needed);
  }

  /**
   * Returns the node of a name.
   *
   * @param endpoint a key of {@link #endpoints()}
   * @return the node
   * @throws IllegalArgumentException if there is no such end point
   */
  public Node endpoint(String endpoint) {
    Node node = endpoints.get(endpoint);
    if (node == null) {
      throw new IllegalArgumentException(
          name + " has no end point '" + endpoint + "'; it has " + endpoints.keySet());
    }
    return node;
  }

  /**
   * The multiply-adds of one image's forward pass: those of convolutions, fully connected layers
   * and bilinear poolings, without the auxiliary head.
   *
   * @param resolution of the images
   * @return the number of multiply-adds
   * @throws IllegalArgumentException if the images are too small for the network
   */
  public long multiplyAdds(Resolution resolution) {
    boolean[] needed = ancestors(logits);
    List<MapShape> shapes = shapes(resolution, needed);
    long sum = 0;
    for (Node node : nodes) {
      if (needed[node.index()]) {
        if (node.operation() instanceof Operation.Layer layer) {
          sum += layer.multiplyAdds(shapes.get(node.index()));
        } else if (node.operation() instanceof Operation.GlobalPool pool) {
          sum += pool.multiplyAdds(shapes.get(node.inputs().get(0)));
        }
      }
    }
    return sum;
  }

  /**
   * The memory that intermediate results of one image take.
   *
   * @param resolution of the images
   * @return bytes for training and for inference
   * @throws IllegalArgumentException if the images are too small for the network
   */
  public ActivationMemory activationMemory(Resolution resolution) {
    return ActivationMemory.of(this, resolution);
  }

  /**
   * The graph as a drawing in the language DOT, with the shapes of all activations: {@code dot
   * -Tsvg} makes a picture of it.
   *
   * @param resolution of the images
   * @return one digraph
   * @throws IllegalArgumentException if the images are too small for the network
   */
  public String dot(Resolution resolution) {
    return GraphDrawing.dot(this, resolution);
  }

  /**
   * The layer that class scores come from: the nearest one with weights, back along first inputs.
   *
   * @param scores of this graph, such as {@link #logits()}
   * @return the scope of its variables, such as {@code resnet_v2_50/logits}
   * @throws IllegalArgumentException if there is no such layer
   */
  public String classScope(Node scores) {
    for (Node node = scores; ; node = nodes.get(node.inputs().get(0))) {
      if (node.operation() instanceof Operation.Layer layer
          && layer.variables().contains(layer.scope() + "/weights")) {
        return layer.scope();
      }
      if (node.inputs().isEmpty()) {
        throw new IllegalArgumentException(name + ": no layer gives the class scores");
      }
    }
  }

  /**
   * The layers that a new task starts anew: that of the class scores and, where the channels are
   * {@linkplain Head#reducedTo reduced} for a bilinear head, the reduction.
   *
   * @return scopes of their variables
   */
  public List<String> headScopes() {
    String reduction = Head.reductionScope(name);
    boolean reduced =
        parameters.stream().anyMatch(parameter -> parameter.name().startsWith(reduction + "/"));
    String last = classScope(logits);
    return reduced ? List.of(reduction, last) : List.of(last);
  }

  /**
   * Which nodes a result depends on.
   *
   * @param result the node of interest
   * @return for each node's index, whether the result needs it; the result itself included
   */
  public boolean[] ancestors(Node result) {
    boolean[] needed = new boolean[nodes.size()];
    needed[result.index()] = true;
    for (int i = result.index(); i >= 0; i--) {
      if (needed[i]) {
        nodes.get(i).inputs().forEach(input -> needed[input] = true);
      }
    }
    return needed;
  }

  /**
   * The shape of every node's output for one image.
   *
   * @param resolution of the images
   * @return shapes by node index
   * @throws IllegalArgumentException if the images are too small for the network
   */
  public List<MapShape> shapes(Resolution resolution) {
    boolean[] all = new boolean[nodes.size()];
    Arrays.fill(all, true);
    return shapes(resolution, all);
  }

  /** Shapes by node index; an empty one where it is not needed. */
  private List<MapShape> shapes(Resolution resolution, boolean[] needed) {
    List<MapShape> shapes = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      shapes.add(needed[node.index()] ? NodeShape.of(this, node, shapes, resolution) : NOT_NEEDED);
    }
    return shapes;
  }

  /** The name, the number of classes and of trainable values. */
  @Override
  public String toString() {
    return name + ", " + classes() + " classes, " + trainableValues() + " trainable values";
  }
}
