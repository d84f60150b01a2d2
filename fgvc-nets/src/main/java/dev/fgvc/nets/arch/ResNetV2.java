package dev.fgvc.nets.arch;

import java.util.List;

/**
 * ResNet-v2 with pre-activation bottleneck units (He et al., "Identity mappings in deep residual
 * networks", ECCV 2016), as the authors' {@code resnet_v2.py} builds it: the stride of a block sits
 * in its last unit.
 */
final class ResNetV2 {

  private static final double EPSILON = 1e-5;
  private static final double KERAS_EPSILON = 1.001e-5;
  private static final Window POINT = Window.square(1, 1, Padding.SAME);

  private final GraphBuilder graph;
  private final String name;
  private final NetworkOptions options;
  private final boolean keras;

  private ResNetV2(String name, NetworkOptions options) {
    this.graph = GraphBuilder.named(name);
    this.name = name;
    this.options = options;
    this.keras = options.convention() == Convention.KERAS;
  }

  /** The network with a given number of units in each of its four blocks. */
  static NetworkGraph build(String name, List<Integer> unitsPerBlock, NetworkOptions options) {
    return new ResNetV2(name, options).network(unitsPerBlock);
  }

  private NetworkGraph network(List<Integer> units) {
    Node net = graph.input(3);
    net = convolution(net, name + "/conv1", width(64), Window.square(7, 2, Padding.FIXED));
    graph.endpoint(name + "/conv1", net);
    Padding padding = keras ? Padding.FIXED : Padding.SAME;
    net = graph.maxPool(net, Window.square(3, 2, padding), keras);

    net = block(net, "block1", width(64), units.get(0), 2);
    net = block(net, "block2", width(128), units.get(1), 2);
    net = block(net, "block3", width(256), units.get(2), 2);
    net = block(net, "block4", width(512), units.get(3), 1);

    net = normRelu(net, name + "/postnorm");
    Node features =
        graph.endpoint(options.head().endpoint("global_pool"), graph.features(net, options.head()));
    Node logits = convolution(features, name + "/logits", options.classes(), POINT);
    return graph.build(features, graph.endpoint(name + "/logits", logits));
  }

  private Node block(Node input, String block, int bottleneck, int units, int stride) {
    Node net = input;
    for (int unit = 1; unit <= units; unit++) {
      String scope = name + "/" + block + "/unit_" + unit + "/bottleneck_v2";
      net = unit(net, scope, bottleneck, unit == units ? stride : 1);
    }
    return graph.endpoint(name + "/" + block, net);
  }

  private Node unit(Node input, String scope, int bottleneck, int stride) {
    int depth = 4 * bottleneck;
    Node preact = normRelu(input, scope + "/preact");
    Node shortcut =
        input.channels() == depth
            ? graph.subsample(input, stride)
            : graph.endpoint(
                scope + "/shortcut",
                convolution(
                    preact, scope + "/shortcut", depth, Window.square(1, stride, Padding.SAME)));

    Window spatial = Window.square(3, stride, stride == 1 ? Padding.SAME : Padding.FIXED);
    Node residual = convolutionNormRelu(preact, scope + "/conv1", bottleneck, POINT);
    residual = convolutionNormRelu(residual, scope + "/conv2", bottleneck, spatial);
    residual = convolution(residual, scope + "/conv3", depth, POINT);
    graph.endpoint(scope + "/conv3", residual);
    return graph.endpoint(scope, graph.add(shortcut, residual, 1));
  }

  private Node convolution(Node input, String scope, int channels, Window window) {
    return graph.convolution(input, scope, channels, window, true, initializer(input, window));
  }

  private Node convolutionNormRelu(Node input, String scope, int channels, Window window) {
    Node net = graph.convolution(input, scope, channels, window, false, initializer(input, window));
    return graph.endpoint(scope, normRelu(net, scope + "/BatchNorm"));
  }

  private Node normRelu(Node input, String scope) {
    double decay = options.batchNormDecay().orElse(Architecture.RESNET_BATCH_NORM_DECAY);
    double epsilon = keras ? KERAS_EPSILON : EPSILON;
    return graph.relu(graph.batchNorm(input, scope, true, epsilon, decay));
  }

  private static Initializer initializer(Node input, Window window) {
    return Initializer.varianceScaling(window.height() * window.width() * input.channels());
  }

  private int width(int channels) {
    return Math.max(4, (int) (channels * options.widthMultiplier()));
  }
}
