package dev.fgvc.nets.arch;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.fgvc.image.Resolution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Draws a {@link NetworkGraph}, one step a call; each step takes the nodes it reads and returns the
 * node it makes. Wrong input, such as a depth that does not fit or a variable named twice, is
 * refused at the call that makes it.
 */
public final class GraphBuilder {

  private final String name;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Node> endpoints = new LinkedHashMap<>();
  private boolean biasesDecay;

  private GraphBuilder(String name) {
    this.name = name;
  }

  /**
   * Starts an empty drawing.
   *
   * @param name of the network; used in messages and files
   * @return the builder
   */
  public static GraphBuilder named(String name) {
    return new GraphBuilder(name);
  }

  /**
   * Puts the biases of all following layers under weight decay too, as the authors do in the
   * Inception-ResNets.
   *
   * @return this builder
   */
  public GraphBuilder decayBiases() {
    biasesDecay = true;
    return this;
  }

  /**
   * The images. To be called once, first.
   *
   * @param channels colour channels, 3 for RGB
   * @return the node
   */
  public Node input(int channels) {
    if (!nodes.isEmpty()) {
      throw new IllegalArgumentException(name + ": the input must be the first and only one");
    }
    return add(new Operation.Input(channels), channels);
  }

  /**
   * A convolution under weight decay on its weights.
   *
   * @param input what is convolved
   * @param scope prefix of the variable names
   * @param outputChannels depth of the result
   * @param window kernel, stride and padding
   * @param biases whether biases are added
   * @param initializer of the weights
   * @return the node
   */
  public Node convolution(
      Node input,
      String scope,
      int outputChannels,
      Window window,
      boolean biases,
      Initializer initializer) {
    List<Integer> shape =
        List.of(window.height(), window.width(), input.channels(), outputChannels);
    declare(new Parameter(scope + "/weights", shape, true, true, initializer));
    if (biases) {
      declareBiases(scope, outputChannels);
    }
    return add(
        new Operation.Convolution(scope, window, input.channels(), outputChannels, biases),
        outputChannels,
        input);
  }

  /**
   * A batch normalisation.
   *
   * @param input what is normalised
   * @param scope prefix of the variable names
   * @param scaled whether there is a gamma
   * @param epsilon added to the variance
   * @param decay of the moving statistics
   * @return the node
   */
  public Node batchNorm(Node input, String scope, boolean scaled, double epsilon, double decay) {
    int channels = input.channels();
    declareVector(scope + "/beta", channels, true, 0);
    if (scaled) {
      declareVector(scope + "/gamma", channels, true, 1);
    }
    declareVector(scope + "/moving_mean", channels, false, 0);
    declareVector(scope + "/moving_variance", channels, false, 1);
    return add(new Operation.BatchNorm(scope, channels, scaled, epsilon, decay), channels, input);
  }

  /**
   * max(x, 0).
   *
   * @param input the values
   * @return the node
   */
  public Node relu(Node input) {
    return add(new Operation.Relu(), input.channels(), input);
  }

  /**
   * The largest value under a window; padding never wins.
   *
   * @param input the activation
   * @param window size, stride and padding
   * @return the node
   */
  public Node maxPool(Node input, Window window) {
    return maxPool(input, window, false);
  }

  /**
   * The largest value under a window.
   *
   * @param input the activation
   * @param window size, stride and padding
   * @param countsPadding whether padded cells are zeros that can win
   * @return the node
   */
  public Node maxPool(Node input, Window window, boolean countsPadding) {
    return add(new Operation.MaxPool(window, countsPadding), input.channels(), input);
  }

  /**
   * The mean under a window, padding not counted.
   *
   * @param input the activation
   * @param window size, stride and padding
   * @return the node
   */
  public Node averagePool(Node input, Window window) {
    return averagePool(input, window, false);
  }

  /**
   * The mean under a window.
   *
   * @param input the activation
   * @param window size, stride and padding
   * @param countsPadding whether padded cells are zeros that count
   * @return the node
   */
  public Node averagePool(Node input, Window window, boolean countsPadding) {
    return add(new Operation.AveragePool(window, countsPadding), input.channels(), input);
  }

  /**
   * Every stride-th cell.
   *
   * @param input the activation
   * @param stride the step; 1 returns the input itself
   * @return the node
   */
  public Node subsample(Node input, int stride) {
    return stride == 1 ? input : add(new Operation.Subsample(stride), input.channels(), input);
  }

  /**
   * The mean of each channel.
   *
   * @param input the activation
   * @return the node, of 1x1 activations
   */
  public Node globalAveragePool(Node input) {
    return globalPool(input, new Operation.GlobalAveragePool());
  }

  /**
   * Pools all cells of an activation to a single one.
   *
   * @param input the activation
   * @param pool how
   * @return the node, of 1x1 activations
   * @throws IllegalArgumentException if it cannot pool that many channels
   */
  public Node globalPool(Node input, Operation.GlobalPool pool) {
    return add(pool, pool.outputs(input.channels()), input);
  }

  /**
   * The features that a head makes of an activation. A reduction's variables are named {@code
   * NAME/reduction/weights} by the name of the network.
   *
   * @param activation the last one with more than one cell
   * @param head pooling, and what belongs to it
   * @return the node, of 1x1 activations
   * @throws IllegalArgumentException if there are too many channels for the head
   */
  public Node features(Node activation, Head head) {
    return head.features(this, name, activation);
  }

  /**
   * The square root with the sign of its argument.
   *
   * @param input the values
   * @param epsilon that makes it smooth at 0, above 0
   * @return the node
   */
  public Node signedSquareRoot(Node input, double epsilon) {
    return add(new Operation.SignedSquareRoot(epsilon), input.channels(), input);
  }

  /**
   * The channels of each cell over their Euclidean norm.
   *
   * @param input the values
   * @param epsilon added to the square of the norm, above 0
   * @return the node
   */
  public Node l2Normalization(Node input, double epsilon) {
    return add(new Operation.L2Normalization(epsilon), input.channels(), input);
  }

  /**
   * first + scale * second.
   *
   * @param first an activation
   * @param second an activation of the same depth
   * @param scale factor of the second
   * @return the node
   */
  public Node add(Node first, Node second, double scale) {
    checkArgument(
        first.channels() == second.channels(),
        "%s: cannot add maps of %s and %s channels",
        name,
        first.channels(),
        second.channels());
    return add(new Operation.Add(scale), first.channels(), first, second);
  }

  /**
   * An activation times a number.
   *
   * @param input the activation
   * @param factor the number
   * @return the node
   */
  public Node multiply(Node input, double factor) {
    return add(new Operation.Multiply(factor), input.channels(), input);
  }

  /**
   * 1 / (1 + exp(-x)).
   *
   * @param input the values
   * @return the node
   */
  public Node sigmoid(Node input) {
    return add(new Operation.Sigmoid(), input.channels(), input);
  }

  /**
   * An activation times one factor per channel.
   *
   * @param map the activation
   * @param factors an activation of 1x1 and the same depth
   * @return the node
   */
  public Node scaleChannels(Node map, Node factors) {
    checkArgument(
        map.channels() == factors.channels(),
        "%s: %s factors for %s channels",
        name,
        factors.channels(),
        map.channels());
    return add(new Operation.ScaleChannels(), map.channels(), map, factors);
  }

  /**
   * A fully connected layer with biases.
   *
   * @param input values of 1x1 activations
   * @param scope prefix of the variable names
   * @param outputs length of the result
   * @return the node
   */
  public Node fullyConnected(Node input, String scope, int outputs) {
    int inputs = input.channels();
    declare(
        new Parameter(
            scope + "/weights",
            List.of(inputs, outputs),
            true,
            true,
            Initializer.xavier(inputs, outputs)));
    declareBiases(scope, outputs);
    return add(new Operation.FullyConnected(scope, inputs, outputs), outputs, input);
  }

  /**
   * Activations side by side along the channels.
   *
   * @param inputs at least two activations of the same height and width
   * @return the node
   */
  public Node concatenate(List<Node> inputs) {
    int channels = inputs.stream().mapToInt(Node::channels).sum();
    return add(new Operation.Concatenate(), channels, inputs.toArray(Node[]::new));
  }

  /**
   * Dropout, active in training only.
   *
   * @param input the values
   * @param keepProbability above 0, at most 1
   * @return the node
   */
  public Node dropout(Node input, double keepProbability) {
    return add(new Operation.Dropout(keepProbability), input.channels(), input);
  }

  /**
   * Names a node.
   *
   * @param endpoint a name not used before
   * @param node what it names
   * @return the same node
   */
  public Node endpoint(String endpoint, Node node) {
    if (endpoints.putIfAbsent(endpoint, node) != null) {
      throw new IllegalArgumentException(name + ": end point '" + endpoint + "' is named twice");
    }
    return node;
  }

  /**
   * The finished graph of a network without an auxiliary head.
   *
   * @param features the penultimate layer, after a global pooling
   * @param logits the class scores
   * @return the graph
   */
  public NetworkGraph build(Node features, Node logits) {
    return build(features, logits, Optional.empty());
  }

  /**
   * The finished graph.
   *
   * @param features the penultimate layer, after a global pooling
   * @param logits the class scores
   * @param auxiliaryLogits the class scores of the auxiliary head, if there is one
   * @return the graph
   */
  public NetworkGraph build(Node features, Node logits, Optional<Node> auxiliaryLogits) {
    boolean pooled = pooledAncestor(features).operation() instanceof Operation.GlobalPool;
    if (!pooled) {
      throw new IllegalArgumentException(
          name + ": the features must follow a global average or another pooling of all cells");
    }
    return new NetworkGraph(
        name,
        nodes,
        ImmutableList.copyOf(parameters.values()),
        endpoints,
        features,
        logits,
        auxiliaryLogits);
  }

  /** The shape of a node's output, as far as the graph is drawn. */
  MapShape shapeOf(Node node, Resolution resolution) {
    NetworkGraph soFar =
        new NetworkGraph(name, nodes, List.of(), Map.of(), node, node, Optional.empty());
    return soFar.shapes(resolution).get(node.index());
  }

  private Node pooledAncestor(Node node) {
    Node current = node;
    while (!(current.operation() instanceof Operation.GlobalPool) && !current.inputs().isEmpty()) {
      current = nodes.get(current.inputs().get(0));
    }
    return current;
  }

  private void declareBiases(String scope, int size) {
    declare(
        new Parameter(
            scope + "/biases", List.of(size), true, biasesDecay, new Initializer.Constant(0)));
  }

  private void declareVector(String parameter, int size, boolean trainable, double value) {
    declare(
        new Parameter(parameter, List.of(size), trainable, false, new Initializer.Constant(value)));
  }

  private void declare(Parameter parameter) {
    if (parameters.putIfAbsent(parameter.name(), parameter) != null) {
      throw new IllegalArgumentException(
          name + ": variable '" + parameter.name() + "' is declared twice");
    }
  }

  private Node add(Operation operation, int channels, Node... inputs) {
    for (Node input : inputs) {
      if (input.index() >= nodes.size() || nodes.get(input.index()) != input) {
        throw new IllegalArgumentException(
            name + ": " + operation + " reads a node of another graph");
      }
    }
    List<Integer> indices = Arrays.stream(inputs).map(Node::index).toList();
    Node node = new Node(nodes.size(), operation, indices, channels);
    nodes.add(node);
    return node;
  }
}
