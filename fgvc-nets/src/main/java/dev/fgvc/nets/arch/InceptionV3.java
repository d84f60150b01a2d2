package dev.fgvc.nets.arch;

import static dev.fgvc.nets.arch.InceptionLayers.conv;
import static dev.fgvc.nets.arch.InceptionLayers.valid;

import java.util.Optional;

/**
 * Inception-v3 (Szegedy et al., "Rethinking the inception architecture for computer vision", CVPR
 * 2016), as the authors' {@code inception_v3.py} and {@code inception_v3_se.py} build it, irregular
 * variable names included.
 */
final class InceptionV3 {

  /** From images of 347 on the auxiliary activation is larger; there the authors' code fails. */
  private static final int LARGEST_AUXILIARY_KERNEL = 5;

  private final GraphBuilder graph;
  private final InceptionLayers layers;
  private final String name;
  private final NetworkOptions options;
  private final boolean squeezeAndExcite;

  private InceptionV3(String name, NetworkOptions options, boolean squeezeAndExcite) {
    this.graph = GraphBuilder.named(name);
    this.layers =
        new InceptionLayers(
            graph, name, options, (fanIn, fanOut) -> Initializer.varianceScaling(fanIn));
    this.name = name;
    this.options = options;
    this.squeezeAndExcite = squeezeAndExcite;
  }

  static NetworkGraph build(String name, NetworkOptions options, boolean squeezeAndExcite) {
    return new InceptionV3(name, options, squeezeAndExcite).network();
  }

  private NetworkGraph network() {
    Node net = graph.input(3);
    net = layers.stem(net, valid("Conv2d_1a_3x3", 32, 3, 2));
    net = layers.stem(net, valid("Conv2d_2a_3x3", 32, 3, 1));
    net = layers.stem(net, conv("Conv2d_2b_3x3", 64, 3, 3));
    net = graph.endpoint("MaxPool_3a_3x3", layers.reduce(net));
    net = layers.stem(net, conv("Conv2d_3b_1x1", 80, 1, 1));
    net = layers.stem(net, valid("Conv2d_4a_3x3", 192, 3, 1));
    net = graph.endpoint("MaxPool_5a_3x3", layers.reduce(net));

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

    Node features =
        graph.endpoint(options.head().endpoint("AvgPool_1a"), graph.features(net, options.head()));
    Node kept =
        graph.endpoint("PreLogits", graph.dropout(features, InceptionLayers.KEEP_PROBABILITY));
    Node logits = layers.linear(kept, name + "/Logits/Conv2d_1c_1x1", options.classes());
    graph.endpoint("Logits", logits);
    return graph.build(
        features,
        logits,
        options.auxiliaryHead() ? Optional.of(auxiliaryHead(auxiliaryInput)) : Optional.empty());
  }

  private Node auxiliaryHead(Node input) {
    Node net =
        layers.auxiliaryTrunk(
            input,
            "Conv2d_2a",
            true,
            LARGEST_AUXILIARY_KERNEL,
            Optional.of(new Initializer.TruncatedNormal(0.01)));
    return graph.endpoint(
        "AuxLogits",
        layers.linear(
            net,
            name + "/AuxLogits/Conv2d_2b_1x1",
            options.classes(),
            new Initializer.TruncatedNormal(0.001)));
  }

  private Node mixed5(Node net, String block, String squeeze, String spread, int poolDepth) {
    return block(
        block,
        layers.branch(net, block, 0, conv("Conv2d_0a_1x1", 64, 1, 1)),
        layers.branch(net, block, 1, conv(squeeze, 48, 1, 1), conv(spread, 64, 5, 5)),
        layers.branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", 64, 1, 1),
            conv("Conv2d_0b_3x3", 96, 3, 3),
            conv("Conv2d_0c_3x3", 96, 3, 3)),
        layers.branch(smooth(net), block, 3, conv("Conv2d_0b_1x1", poolDepth, 1, 1)));
  }

  private Node mixed6a(Node net) {
    String block = "Mixed_6a";
    return block(
        block,
        layers.branch(net, block, 0, valid("Conv2d_1a_1x1", 384, 3, 2)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 64, 1, 1),
            conv("Conv2d_0b_3x3", 96, 3, 3),
            valid("Conv2d_1a_1x1", 96, 3, 2)),
        layers.reduce(net));
  }

  private Node mixed6(Node net, String block, int depth) {
    return block(
        block,
        layers.branch(net, block, 0, conv("Conv2d_0a_1x1", 192, 1, 1)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", depth, 1, 1),
            conv("Conv2d_0b_1x7", depth, 1, 7),
            conv("Conv2d_0c_7x1", 192, 7, 1)),
        layers.branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", depth, 1, 1),
            conv("Conv2d_0b_7x1", depth, 7, 1),
            conv("Conv2d_0c_1x7", depth, 1, 7),
            conv("Conv2d_0d_7x1", depth, 7, 1),
            conv("Conv2d_0e_1x7", 192, 1, 7)),
        layers.branch(smooth(net), block, 3, conv("Conv2d_0b_1x1", 192, 1, 1)));
  }

  private Node mixed7a(Node net) {
    String block = "Mixed_7a";
    return block(
        block,
        layers.branch(
            net, block, 0, conv("Conv2d_0a_1x1", 192, 1, 1), valid("Conv2d_1a_3x3", 320, 3, 2)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 192, 1, 1),
            conv("Conv2d_0b_1x7", 192, 1, 7),
            conv("Conv2d_0c_7x1", 192, 7, 1),
            valid("Conv2d_1a_3x3", 192, 3, 2)),
        layers.reduce(net));
  }

  private Node mixed7(Node net, String block, String tallOfBranch1) {
    Node branch1 = layers.branch(net, block, 1, conv("Conv2d_0a_1x1", 384, 1, 1));
    Node branch2 =
        layers.branch(
            net, block, 2, conv("Conv2d_0a_1x1", 448, 1, 1), conv("Conv2d_0b_3x3", 384, 3, 3));
    return block(
        block,
        layers.branch(net, block, 0, conv("Conv2d_0a_1x1", 320, 1, 1)),
        layers.branch(branch1, block, 1, conv("Conv2d_0b_1x3", 384, 1, 3)),
        layers.branch(branch1, block, 1, conv(tallOfBranch1, 384, 3, 1)),
        layers.branch(branch2, block, 2, conv("Conv2d_0c_1x3", 384, 1, 3)),
        layers.branch(branch2, block, 2, conv("Conv2d_0d_3x1", 384, 3, 1)),
        layers.branch(smooth(net), block, 3, conv("Conv2d_0b_1x1", 192, 1, 1)));
  }

  private Node smooth(Node net) {
    return layers.smooth(net, options.convention() == Convention.PYTORCH);
  }

  private Node block(String block, Node... branches) {
    Node net = layers.concatenate(branches);
    return graph.endpoint(
        block, squeezeAndExcite ? layers.squeezeAndExcite(net, name + "/" + block) : net);
  }
}
