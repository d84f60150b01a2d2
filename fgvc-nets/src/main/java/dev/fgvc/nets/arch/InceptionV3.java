package dev.fgvc.nets.arch;

import static dev.fgvc.nets.arch.Padding.SAME;
import static dev.fgvc.nets.arch.Padding.VALID;

import java.util.List;
import java.util.Optional;

/**
 * Inception-v3 (Szegedy et al., "Rethinking the inception architecture for computer vision", CVPR
 * 2016), as the authors' {@code inception_v3.py} builds it, irregular variable names included.
 */
final class InceptionV3 {

  private static final double EPSILON = 1e-3;
  private static final double DECAY = 0.9997;
  private static final double KEEP_PROBABILITY = 0.8;
  private static final int MIN_CHANNELS = 16;
  private static final int AUXILIARY_KERNEL = 5;

  private final GraphBuilder graph;
  private final String name;
  private final NetworkOptions options;

  private InceptionV3(String name, NetworkOptions options) {
    this.graph = GraphBuilder.named(name);
    this.name = name;
    this.options = options;
  }

  static NetworkGraph build(String name, NetworkOptions options) {
    return new InceptionV3(name, options).network();
  }

  private NetworkGraph network() {
    Node net = graph.input(3);
    net = stem(net, conv("Conv2d_1a_3x3", 32, 3, 3, 2, VALID));
    net = stem(net, conv("Conv2d_2a_3x3", 32, 3, 3, 1, VALID));
    net = stem(net, conv("Conv2d_2b_3x3", 64, 3, 3));
    net = graph.endpoint("MaxPool_3a_3x3", reduce(net));
    net = stem(net, conv("Conv2d_3b_1x1", 80, 1, 1));
    net = stem(net, conv("Conv2d_4a_3x3", 192, 3, 3, 1, VALID));
    net = graph.endpoint("MaxPool_5a_3x3", reduce(net));

    net = mixed5(net, "Mixed_5b", "Conv2d_0a_1x1", "Conv2d_0b_5x5", 32);
    net = mixed5(net, "Mixed_5c", "Conv2d_0b_1x1", "Conv_1_0c_5x5", 64);
    net = mixed5(net, "Mixed_5d", "Conv2d_0a_1x1", "Conv2d_0b_5x5", 64);
    net = mixed6a(net);
    net = mixed6(net, "Mixed_6b", 128);
    net = mixed6(net, "Mixed_6c", 160);
    net = mixed6(net, "Mixed_6d", 160);
    net = mixed6(net, "Mixed_6e", 192);
    final Node auxiliaryInput = net;
    net = mixed7a(net);
    net = mixed7(net, "Mixed_7b", "Conv2d_0b_3x1");
    net = mixed7(net, "Mixed_7c", "Conv2d_0c_3x1");

    Node features = graph.endpoint("AvgPool_1a", graph.globalAveragePool(net));
    Node kept = graph.endpoint("PreLogits", graph.dropout(features, KEEP_PROBABILITY));
    Node logits =
        graph.convolution(
            kept,
            name + "/Logits/Conv2d_1c_1x1",
            options.classes(),
            Window.square(1, 1, SAME),
            true,
            Initializer.varianceScaling(kept.channels()));
    graph.endpoint("Logits", logits);
    return options.auxiliaryHead()
        ? graph.build(features, logits, Optional.of(auxiliaryHead(auxiliaryInput)))
        : graph.build(features, logits);
  }

  private Node mixed5(Node net, String block, String squeeze, String spread, int poolDepth) {
    return concatenate(
        block,
        branch(net, block, 0, conv("Conv2d_0a_1x1", 64, 1, 1)),
        branch(net, block, 1, conv(squeeze, 48, 1, 1), conv(spread, 64, 5, 5)),
        branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", 64, 1, 1),
            conv("Conv2d_0b_3x3", 96, 3, 3),
            conv("Conv2d_0c_3x3", 96, 3, 3)),
        branch(smooth(net), block, 3, conv("Conv2d_0b_1x1", poolDepth, 1, 1)));
  }

  private Node mixed6a(Node net) {
    String block = "Mixed_6a";
    return concatenate(
        block,
        branch(net, block, 0, conv("Conv2d_1a_1x1", 384, 3, 3, 2, VALID)),
        branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 64, 1, 1),
            conv("Conv2d_0b_3x3", 96, 3, 3),
            conv("Conv2d_1a_1x1", 96, 3, 3, 2, VALID)),
        reduce(net));
  }

  private Node mixed6(Node net, String block, int depth) {
    return concatenate(
        block,
        branch(net, block, 0, conv("Conv2d_0a_1x1", 192, 1, 1)),
        branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", depth, 1, 1),
            conv("Conv2d_0b_1x7", depth, 1, 7),
            conv("Conv2d_0c_7x1", 192, 7, 1)),
        branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", depth, 1, 1),
            conv("Conv2d_0b_7x1", depth, 7, 1),
            conv("Conv2d_0c_1x7", depth, 1, 7),
            conv("Conv2d_0d_7x1", depth, 7, 1),
            conv("Conv2d_0e_1x7", 192, 1, 7)),
        branch(smooth(net), block, 3, conv("Conv2d_0b_1x1", 192, 1, 1)));
  }

  private Node mixed7a(Node net) {
    String block = "Mixed_7a";
    return concatenate(
        block,
        branch(
            net,
            block,
            0,
            conv("Conv2d_0a_1x1", 192, 1, 1),
            conv("Conv2d_1a_3x3", 320, 3, 3, 2, VALID)),
        branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 192, 1, 1),
            conv("Conv2d_0b_1x7", 192, 1, 7),
            conv("Conv2d_0c_7x1", 192, 7, 1),
            conv("Conv2d_1a_3x3", 192, 3, 3, 2, VALID)),
        reduce(net));
  }

  private Node mixed7(Node net, String block, String tallOfBranch1) {
    Node branch1 = branch(net, block, 1, conv("Conv2d_0a_1x1", 384, 1, 1));
    Node branch2 =
        branch(net, block, 2, conv("Conv2d_0a_1x1", 448, 1, 1), conv("Conv2d_0b_3x3", 384, 3, 3));
    return concatenate(
        block,
        branch(net, block, 0, conv("Conv2d_0a_1x1", 320, 1, 1)),
        branch(branch1, block, 1, conv("Conv2d_0b_1x3", 384, 1, 3)),
        branch(branch1, block, 1, conv(tallOfBranch1, 384, 3, 1)),
        branch(branch2, block, 2, conv("Conv2d_0c_1x3", 384, 1, 3)),
        branch(branch2, block, 2, conv("Conv2d_0d_3x1", 384, 3, 1)),
        branch(smooth(net), block, 3, conv("Conv2d_0b_1x1", 192, 1, 1)));
  }

  /**
   * The kernel covers the map of the training resolution, but at most 5x5. Where the map is larger,
   * from 347 on, the authors' code fails at a reshape; here the positions' scores are averaged.
   */
  private Node auxiliaryHead(Node mixed6e) {
    Window pool = Window.square(5, 3, VALID);
    int mapHeight = pool.outputHeight(mixed6eSide(options.resolution().height()));
    int mapWidth = pool.outputWidth(mixed6eSide(options.resolution().width()));
    if (mapHeight < 1 || mapWidth < 1) {
      throw new IllegalArgumentException(
          name
              + ": images of "
              + options.resolution()
              + " are too small for the auxiliary head; leave it out or use at least 139x139");
    }
    int height = Math.min(AUXILIARY_KERNEL, mapHeight);
    int width = Math.min(AUXILIARY_KERNEL, mapWidth);
    String scope = name + "/AuxLogits/";
    Node net = graph.averagePool(mixed6e, pool);
    net = convNormRelu(net, scope, conv("Conv2d_1b_1x1", 128, 1, 1), varianceScaling(net, 1));
    net =
        convNormRelu(
            net,
            scope,
            conv("Conv2d_2a_" + height + "x" + width, 768, height, width, 1, VALID),
            new Initializer.TruncatedNormal(0.01));
    net = graph.globalAveragePool(net);
    return graph.endpoint(
        "AuxLogits",
        graph.convolution(
            net,
            scope + "Conv2d_2b_1x1",
            options.classes(),
            Window.square(1, 1, SAME),
            true,
            new Initializer.TruncatedNormal(0.001)));
  }

  /** The side of the map that five reductions before Mixed_6e leave of an image's side. */
  private static int mixed6eSide(int imageSide) {
    Window reduction = Window.square(3, 2, VALID);
    Window narrowing = Window.square(3, 1, VALID);
    int side = reduction.outputHeight(imageSide);
    side = reduction.outputHeight(narrowing.outputHeight(side));
    side = reduction.outputHeight(narrowing.outputHeight(side));
    return reduction.outputHeight(side);
  }

  /** One convolution of a figure: its name in the checkpoint and its literal depth. */
  private record Conv(String name, int depth, Window window) {}

  private static Conv conv(String name, int depth, int height, int width) {
    return conv(name, depth, height, width, 1, SAME);
  }

  private static Conv conv(
      String name, int depth, int height, int width, int stride, Padding padding) {
    return new Conv(name, depth, new Window(height, width, stride, padding));
  }

  private Node stem(Node input, Conv conv) {
    return graph.endpoint(
        conv.name(), convNormRelu(input, name + "/", conv, varianceScaling(input, conv)));
  }

  private Node branch(Node input, String block, int branch, Conv... convolutions) {
    Node net = input;
    for (Conv conv : convolutions) {
      String scope = name + "/" + block + "/Branch_" + branch + "/";
      net = convNormRelu(net, scope, conv, varianceScaling(net, conv));
    }
    return net;
  }

  private Node convNormRelu(Node input, String scope, Conv conv, Initializer initializer) {
    int channels = Math.max(MIN_CHANNELS, (int) (conv.depth() * options.widthMultiplier()));
    String layer = scope + conv.name();
    Node net = graph.convolution(input, layer, channels, conv.window(), false, initializer);
    double decay = options.batchNormDecay().orElse(DECAY);
    return graph.relu(graph.batchNorm(net, layer + "/BatchNorm", false, EPSILON, decay));
  }

  private static Initializer varianceScaling(Node input, Conv conv) {
    return varianceScaling(input, conv.window().height() * conv.window().width());
  }

  private static Initializer varianceScaling(Node input, int cells) {
    return Initializer.varianceScaling(cells * input.channels());
  }

  private Node concatenate(String block, Node... branches) {
    return graph.endpoint(block, graph.concatenate(List.of(branches)));
  }

  private Node reduce(Node input) {
    return graph.maxPool(input, Window.square(3, 2, VALID));
  }

  private Node smooth(Node input) {
    return graph.averagePool(input, Window.square(3, 1, SAME));
  }
}
