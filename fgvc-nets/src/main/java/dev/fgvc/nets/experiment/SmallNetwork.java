package dev.fgvc.nets.experiment;

import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;

/**
 * A plain network of six convolutions for experiments that take minutes. With 50 layers, a network
 * of the paper learns little in the few hundred steps that there is time for.
 */
final class SmallNetwork {

  /** Follows the weights within the few steps that there are. */
  static final double BATCH_NORM_DECAY = 0.9;

  private static final String NAME = "small";
  private static final int[] CHANNELS = {16, 32, 48, 64, 96, 128};
  private static final double EPSILON = 1e-5;

  private SmallNetwork() {}

  /** Every other convolution halves the sides; the head makes features of what is left. */
  static NetworkGraph of(int classes, double widthMultiplier, double batchNormDecay, Head head) {
    GraphBuilder graph = GraphBuilder.named(NAME);
    Node net = graph.input(3);
    for (int layer = 0; layer < CHANNELS.length; layer++) {
      String scope = NAME + "/conv" + (layer + 1);
      int channels = Math.max(4, (int) (CHANNELS[layer] * widthMultiplier));
      Window window = Window.square(3, layer % 2 == 0 ? 2 : 1, Padding.SAME);
      Initializer initializer = Initializer.varianceScaling(9 * net.channels());
      net = graph.convolution(net, scope, channels, window, false, initializer);
      net = graph.relu(graph.batchNorm(net, scope + "/BatchNorm", true, EPSILON, batchNormDecay));
      graph.endpoint(scope, net);
    }
    Node features = graph.endpoint("global_pool", head.features(graph, NAME, net));
    Node logits =
        graph.convolution(
            features,
            NAME + "/logits",
            classes,
            Window.square(1, 1, Padding.SAME),
            true,
            Initializer.varianceScaling(features.channels()));
    return graph.build(features, graph.endpoint(NAME + "/logits", logits));
  }
}
