package dev.fgvc.nets.arch;

import static dev.fgvc.nets.arch.Padding.SAME;
import static dev.fgvc.nets.arch.Padding.VALID;

import java.util.List;
import java.util.Optional;

/**
 * The layers that the Inception networks share: convolutions followed by a batch norm (without
 * gamma, but in PyTorch's convention) and a ReLU, blocks of parallel branches,
 * squeeze-and-excitation, and the auxiliary head's shape.
 */
final class InceptionLayers {

  static final double KEEP_PROBABILITY = 0.8;

  private static final double EPSILON = 1e-3;
  private static final int MIN_CHANNELS = 16;
  private static final int EXCITATION_REDUCTION = 16;
  private static final Window POINT = Window.square(1, 1, SAME);

  /** How the weights of a convolution start, from its fan-in and fan-out. */
  @FunctionalInterface
  interface ConvolutionInitializer {
    Initializer of(int fanIn, int fanOut);
  }

  /** One convolution of a figure: its name in the checkpoint, its literal depth and its window. */
  record Conv(String name, int depth, Window window) {}

  private final GraphBuilder graph;
  private final String name;
  private final NetworkOptions options;
  private final ConvolutionInitializer initializer;

  InceptionLayers(
      GraphBuilder graph, String name, NetworkOptions options, ConvolutionInitializer initializer) {
    this.graph = graph;
    this.name = name;
    this.options = options;
    this.initializer = initializer;
  }

  /** A convolution at stride 1 that keeps the activation's size. */
  static Conv conv(String name, int depth, int height, int width) {
    return new Conv(name, depth, new Window(height, width, 1, SAME));
  }

  /** A convolution without padding, square. */
  static Conv valid(String name, int depth, int side, int stride) {
    return new Conv(name, depth, Window.square(side, stride, VALID));
  }

  /** A convolution of the stem, named as an end point too. */
  Node stem(Node input, Conv conv) {
    return graph.endpoint(conv.name(), convNormRelu(input, name, conv));
  }

  /** Convolutions one after another, in the scope of a block's branch. */
  Node branch(Node input, String block, int branch, Conv... convolutions) {
    Node net = input;
    for (Conv conv : convolutions) {
      net = convNormRelu(net, name + "/" + block + "/Branch_" + branch, conv);
    }
    return net;
  }

  Node convNormRelu(Node input, String scope, Conv conv) {
    return convNormRelu(input, scope, conv, startOf(input, conv.window(), conv.depth()));
  }

  Node convNormRelu(Node input, String scope, Conv conv, Initializer start) {
    String layer = scope + "/" + conv.name();
    Node net = graph.convolution(input, layer, width(conv.depth()), conv.window(), false, start);
    double decay = options.batchNormDecay().orElse(Architecture.INCEPTION_BATCH_NORM_DECAY);
    boolean scaled = options.convention() == Convention.PYTORCH;
    return graph.relu(graph.batchNorm(net, layer + "/BatchNorm", scaled, EPSILON, decay));
  }

  /** A 1x1 convolution with biases and nothing after it, to a depth that is not multiplied. */
  Node linear(Node input, String scope, int channels) {
    return linear(input, scope, channels, startOf(input, POINT, channels));
  }

  Node linear(Node input, String scope, int channels, Initializer start) {
    return graph.convolution(input, scope, channels, POINT, true, start);
  }

  Node concatenate(Node... branches) {
    return graph.concatenate(List.of(branches));
  }

  /**
   * Channels weighted by what the whole activation shows (Hu et al., "Squeeze-and-excitation
   * networks").
   */
  Node squeezeAndExcite(Node input, String scope) {
    int channels = input.channels();
    Node net = graph.globalAveragePool(input);
    net =
        graph.relu(
            linear(net, scope + "/SE_block/Conv", Math.max(1, channels / EXCITATION_REDUCTION)));
    net = graph.sigmoid(linear(net, scope + "/SE_block/Conv_1", channels));
    return graph.scaleChannels(input, net);
  }

  Node reduce(Node input) {
    return graph.maxPool(input, Window.square(3, 2, VALID));
  }

  Node smooth(Node input) {
    return smooth(input, false);
  }

  Node smooth(Node input, boolean countsPadding) {
    return graph.averagePool(input, Window.square(3, 1, SAME), countsPadding);
  }

  /**
   * Both heads with fully connected last layers, and the graph that ends in them. The auxiliary
   * kernel covers the whole activation of the training resolution, so its shape follows that,
   * whatever its name says.
   */
  NetworkGraph fullyConnectedHeads(
      Node lastMap, Node auxiliaryInput, String auxiliaryKernel, String auxiliaryLayer) {
    Node features =
        graph.endpoint(
            options.head().endpoint("global_pool"), graph.features(lastMap, options.head()));
    Node kept = graph.endpoint("PreLogitsFlatten", graph.dropout(features, KEEP_PROBABILITY));
    Node logits = graph.fullyConnected(kept, name + "/Logits/Logits", options.classes());
    graph.endpoint("Logits", logits);
    if (!options.auxiliaryHead()) {
      return graph.build(features, logits);
    }
    Node trunk =
        auxiliaryTrunk(auxiliaryInput, auxiliaryKernel, false, Integer.MAX_VALUE, Optional.empty());
    Node auxiliaryLogits =
        graph.fullyConnected(trunk, name + "/AuxLogits/" + auxiliaryLayer, options.classes());
    return graph.build(features, logits, Optional.of(graph.endpoint("AuxLogits", auxiliaryLogits)));
  }

  /**
   * The auxiliary head up to its last layer: pool, 1x1, and a convolution over the activation that
   * is left. An activation larger than the kernel gives several positions, which are averaged.
   *
   * @param largestKernel bound on the kernel's sides; the activation's own size below it
   * @param lastName name of the last convolution
   * @param sizeInName whether the kernel's size is added to that name
   * @param start of the last convolution's weights, where it is not the network's usual one
   */
  Node auxiliaryTrunk(
      Node input,
      String lastName,
      boolean sizeInName,
      int largestKernel,
      Optional<Initializer> start) {
    String scope = name + "/AuxLogits";
    Node net = graph.averagePool(input, Window.square(5, 3, VALID));
    MapShape map = graph.shapeOf(net, options.resolution());
    int height = Math.min(largestKernel, map.height());
    int width = Math.min(largestKernel, map.width());
    net = convNormRelu(net, scope, conv("Conv2d_1b_1x1", 128, 1, 1));
    String last = sizeInName ? lastName + "_" + height + "x" + width : lastName;
    Conv cover = new Conv(last, 768, new Window(height, width, 1, VALID));
    Initializer weights = start.orElse(startOf(net, cover.window(), cover.depth()));
    return graph.globalAveragePool(convNormRelu(net, scope, cover, weights));
  }

  private Initializer startOf(Node input, Window window, int outputChannels) {
    int cells = window.height() * window.width();
    return initializer.of(cells * input.channels(), cells * outputChannels);
  }

  private int width(int channels) {
    return options.widthMultiplier() == 1
        ? channels
        : Math.max(MIN_CHANNELS, (int) (channels * options.widthMultiplier()));
  }
}
