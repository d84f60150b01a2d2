package dev.fgvc.nets.arch;

import static dev.fgvc.nets.arch.InceptionLayers.conv;
import static dev.fgvc.nets.arch.InceptionLayers.valid;

import java.util.List;

/**
 * Inception-v4 (Szegedy et al., "Inception-v4, Inception-ResNet and the impact of residual
 * connections on learning", AAAI 2017), as the authors' {@code inception_v4.py} builds it.
 */
final class InceptionV4 {

  private final GraphBuilder graph;
  private final InceptionLayers layers;

  private InceptionV4(String name, NetworkOptions options) {
    this.graph = GraphBuilder.named(name);
    this.layers =
        new InceptionLayers(
            graph, name, options, (fanIn, fanOut) -> Initializer.varianceScaling(fanIn));
  }

  static NetworkGraph build(String name, NetworkOptions options) {
    return new InceptionV4(name, options).network();
  }

  private NetworkGraph network() {
    Node net = graph.input(3);
    net = layers.stem(net, valid("Conv2d_1a_3x3", 32, 3, 2));
    net = layers.stem(net, valid("Conv2d_2a_3x3", 32, 3, 1));
    net = layers.stem(net, conv("Conv2d_2b_3x3", 64, 3, 3));
    net = mixed3a(net);
    net = mixed4a(net);
    net = mixed5a(net);
    for (String block : List.of("Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_5e")) {
      net = inceptionA(net, block);
    }
    net = reductionA(net);
    for (char letter = 'b'; letter <= 'h'; letter++) {
      net = inceptionB(net, "Mixed_6" + letter);
    }
    final Node auxiliaryInput = net;
    net = reductionB(net);
    for (String block : List.of("Mixed_7b", "Mixed_7c", "Mixed_7d")) {
      net = inceptionC(net, block);
    }

    return layers.fullyConnectedHeads(net, auxiliaryInput, "Conv2d_2a", "Aux_logits");
  }

  private Node mixed3a(Node net) {
    String block = "Mixed_3a";
    return concatenate(
        block, layers.reduce(net), layers.branch(net, block, 1, valid("Conv2d_0a_3x3", 96, 3, 2)));
  }

  private Node mixed4a(Node net) {
    String block = "Mixed_4a";
    return concatenate(
        block,
        layers.branch(
            net, block, 0, conv("Conv2d_0a_1x1", 64, 1, 1), valid("Conv2d_1a_3x3", 96, 3, 1)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 64, 1, 1),
            conv("Conv2d_0b_1x7", 64, 1, 7),
            conv("Conv2d_0c_7x1", 64, 7, 1),
            valid("Conv2d_1a_3x3", 96, 3, 1)));
  }

  private Node mixed5a(Node net) {
    String block = "Mixed_5a";
    return concatenate(
        block, layers.branch(net, block, 0, valid("Conv2d_1a_3x3", 192, 3, 2)), layers.reduce(net));
  }

  private Node inceptionA(Node net, String block) {
    return concatenate(
        block,
        layers.branch(net, block, 0, conv("Conv2d_0a_1x1", 96, 1, 1)),
        layers.branch(
            net, block, 1, conv("Conv2d_0a_1x1", 64, 1, 1), conv("Conv2d_0b_3x3", 96, 3, 3)),
        layers.branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", 64, 1, 1),
            conv("Conv2d_0b_3x3", 96, 3, 3),
            conv("Conv2d_0c_3x3", 96, 3, 3)),
        layers.branch(layers.smooth(net), block, 3, conv("Conv2d_0b_1x1", 96, 1, 1)));
  }

  private Node reductionA(Node net) {
    String block = "Mixed_6a";
    return concatenate(
        block,
        layers.branch(net, block, 0, valid("Conv2d_1a_3x3", 384, 3, 2)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 192, 1, 1),
            conv("Conv2d_0b_3x3", 224, 3, 3),
            valid("Conv2d_1a_3x3", 256, 3, 2)),
        layers.reduce(net));
  }

  private Node inceptionB(Node net, String block) {
    return concatenate(
        block,
        layers.branch(net, block, 0, conv("Conv2d_0a_1x1", 384, 1, 1)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 192, 1, 1),
            conv("Conv2d_0b_1x7", 224, 1, 7),
            conv("Conv2d_0c_7x1", 256, 7, 1)),
        layers.branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", 192, 1, 1),
            conv("Conv2d_0b_7x1", 192, 7, 1),
            conv("Conv2d_0c_1x7", 224, 1, 7),
            conv("Conv2d_0d_7x1", 224, 7, 1),
            conv("Conv2d_0e_1x7", 256, 1, 7)),
        layers.branch(layers.smooth(net), block, 3, conv("Conv2d_0b_1x1", 128, 1, 1)));
  }

  private Node reductionB(Node net) {
    String block = "Mixed_7a";
    return concatenate(
        block,
        layers.branch(
            net, block, 0, conv("Conv2d_0a_1x1", 192, 1, 1), valid("Conv2d_1a_3x3", 192, 3, 2)),
        layers.branch(
            net,
            block,
            1,
            conv("Conv2d_0a_1x1", 256, 1, 1),
            conv("Conv2d_0b_1x7", 256, 1, 7),
            conv("Conv2d_0c_7x1", 320, 7, 1),
            valid("Conv2d_1a_3x3", 320, 3, 2)),
        layers.reduce(net));
  }

  private Node inceptionC(Node net, String block) {
    Node branch1 = layers.branch(net, block, 1, conv("Conv2d_0a_1x1", 384, 1, 1));
    Node branch2 =
        layers.branch(
            net,
            block,
            2,
            conv("Conv2d_0a_1x1", 384, 1, 1),
            conv("Conv2d_0b_3x1", 448, 3, 1),
            conv("Conv2d_0c_1x3", 512, 1, 3));
    return concatenate(
        block,
        layers.branch(net, block, 0, conv("Conv2d_0a_1x1", 256, 1, 1)),
        layers.branch(branch1, block, 1, conv("Conv2d_0b_1x3", 256, 1, 3)),
        layers.branch(branch1, block, 1, conv("Conv2d_0c_3x1", 256, 3, 1)),
        layers.branch(branch2, block, 2, conv("Conv2d_0d_1x3", 256, 1, 3)),
        layers.branch(branch2, block, 2, conv("Conv2d_0e_3x1", 256, 3, 1)),
        layers.branch(layers.smooth(net), block, 3, conv("Conv2d_0b_1x1", 256, 1, 1)));
  }

  private Node concatenate(String block, Node... branches) {
    return graph.endpoint(block, layers.concatenate(branches));
  }
}
