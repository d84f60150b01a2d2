package dev.fgvc.nets.arch;

import static dev.fgvc.nets.arch.InceptionLayers.conv;
import static dev.fgvc.nets.arch.InceptionLayers.valid;

/**
 * Inception-ResNet-v2 (Szegedy et al., "Inception-v4, Inception-ResNet and the impact of residual
 * connections on learning", AAAI 2017), as the authors' {@code inception_resnet_v2.py} and {@code
 * inception_resnet_v2_se.py} build it.
 */
final class InceptionResNetV2 {

  private final GraphBuilder graph;
  private final InceptionLayers layers;
  private final String name;
  private final boolean squeezeAndExcite;

  private InceptionResNetV2(String name, NetworkOptions options, boolean squeezeAndExcite) {
    this.graph = GraphBuilder.named(name).decayBiases();
    this.layers = new InceptionLayers(graph, name, options, Initializer::xavier);
    this.name = name;
    this.squeezeAndExcite = squeezeAndExcite;
  }

  static NetworkGraph build(String name, NetworkOptions options, boolean squeezeAndExcite) {
    return new InceptionResNetV2(name, options, squeezeAndExcite).network();
  }

  private NetworkGraph network() {
    Node net = graph.input(3);
    net = layers.stem(net, valid("Conv2d_1a_3x3", 32, 3, 2));
    net = layers.stem(net, valid("Conv2d_2a_3x3", 32, 3, 1));
    net = layers.stem(net, conv("Conv2d_2b_3x3", 64, 3, 3));
    net = graph.endpoint("MaxPool_3a_3x3", layers.reduce(net));
    net = layers.stem(net, valid("Conv2d_3b_1x1", 80, 1, 1));
    net = layers.stem(net, valid("Conv2d_4a_3x3", 192, 3, 1));
    net = graph.endpoint("MaxPool_5a_3x3", layers.reduce(net));

    net = mixed5b(net);
    for (int i = 1; i <= 10; i++) {
      net = graph.relu(block35(net, "Repeat/block35_" + i, 0.17));
    }
    net = mixed6a(net);
    for (int i = 1; i <= 20; i++) {
      net = graph.relu(block17(net, "Repeat_1/block17_" + i, 0.10));
    }
    final Node auxiliaryInput = graph.endpoint("PreAuxLogits", net);
    net = mixed7a(net);
    for (int i = 1; i <= 9; i++) {
      net = graph.relu(block8(net, "Repeat_2/block8_" + i, 0.20));
    }
    net = block8(net, "Block8", 1.0);
    net = layers.stem(net, conv("Conv2d_7b_1x1", 1536, 1, 1));

    return layers.fullyConnectedHeads(net, auxiliaryInput, "Conv2d_2a_5x5", "Logits");
  }

  private Node mixed5b(Node net) {
    String block = "Mixed_5b";
    return block(
        block,
        layers.branch(net, block, 0, conv("Conv2d_1x1", 96, 1, 1)),
        layers.branch(
            net, block, 1, conv("Conv2d_0a_1x1", 48, 1, 1), conv("Conv2d_0b_5x5", 64, 5, 5)),
        layers.branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", 64, 1, 1),
            conv("Conv2d_0b_3x3", 96, 3, 3),
            conv("Conv2d_0c_3x3", 96, 3, 3)),
        layers.branch(layers.smooth(net), block, 3, conv("Conv2d_0b_1x1", 64, 1, 1)));
  }

  private Node block35(Node net, String block, double scale) {
    return residual(
        net,
        block,
        scale,
        layers.branch(net, block, 0, conv("Conv2d_1x1", 32, 1, 1)),
        layers.branch(
            net, block, 1, conv("Conv2d_0a_1x1", 32, 1, 1), conv("Conv2d_0b_3x3", 32, 3, 3)),
        layers.branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", 32, 1, 1),
            conv("Conv2d_0b_3x3", 48, 3, 3),
            conv("Conv2d_0c_3x3", 64, 3, 3)));
  }

  private Node mixed6a(Node net) {
    String block = "Mixed_6a";
    return block(
        block,
        layers.branch(net, block, 0, valid("Conv2d_1a_3x3", 384, 3, 2)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 256, 1, 1),
            conv("Conv2d_0b_3x3", 256, 3, 3),
            valid("Conv2d_1a_3x3", 384, 3, 2)),
        layers.reduce(net));
  }

  private Node block17(Node net, String block, double scale) {
    return residual(
        net,
        block,
        scale,
        layers.branch(net, block, 0, conv("Conv2d_1x1", 192, 1, 1)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 128, 1, 1),
            conv("Conv2d_0b_1x7", 160, 1, 7),
            conv("Conv2d_0c_7x1", 192, 7, 1)));
  }

  private Node mixed7a(Node net) {
    String block = "Mixed_7a";
    return block(
        block,
        layers.branch(
            net, block, 0, conv("Conv2d_0a_1x1", 256, 1, 1), valid("Conv2d_1a_3x3", 384, 3, 2)),
        layers.branch(
            net, block, 1, conv("Conv2d_0a_1x1", 256, 1, 1), valid("Conv2d_1a_3x3", 288, 3, 2)),
        layers.branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", 256, 1, 1),
            conv("Conv2d_0b_3x3", 288, 3, 3),
            valid("Conv2d_1a_3x3", 320, 3, 2)),
        layers.reduce(net));
  }

  private Node block8(Node net, String block, double scale) {
    return residual(
        net,
        block,
        scale,
        layers.branch(net, block, 0, conv("Conv2d_1x1", 192, 1, 1)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 192, 1, 1),
            conv("Conv2d_0b_1x3", 224, 1, 3),
            conv("Conv2d_0c_3x1", 256, 3, 1)));
  }

  private Node residual(Node net, String block, double scale, Node... branches) {
    String scope = name + "/" + block;
    Node up = layers.linear(layers.concatenate(branches), scope + "/Conv2d_1x1", net.channels());
    return squeezeAndExcite
        ? graph.add(net, layers.squeezeAndExcite(graph.multiply(up, scale), scope), 1)
        : graph.add(net, up, scale);
  }

  private Node block(String block, Node... branches) {
    Node net = layers.concatenate(branches);
    return graph.endpoint(
        block, squeezeAndExcite ? layers.squeezeAndExcite(net, name + "/" + block) : net);
  }
}
