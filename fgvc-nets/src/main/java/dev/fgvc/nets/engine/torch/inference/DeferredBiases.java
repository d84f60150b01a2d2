package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Biases that are not added where they stand. Sums, max poolings and subsamplings pass a constant
 * of each channel on, and a batch norm has an offset of its own, so along the residual stream of a
 * ResNet-v2 no bias has to be added before the next norm: its convolutions then are products that
 * add to the stream where it lies, instead of a pass over the activation for each.
 *
 * <p>What is computed of a node lacks {@link #missing}; norms and what the caller asked for get it
 * back.
 */
final class DeferredBiases {

  private final List<Optional<float[]>> missing;

  private DeferredBiases(List<Optional<float[]>> missing) {
    this.missing = missing;
  }

  /** All that can go with a norm's offset. */
  static DeferredBiases of(NetworkGraph graph, FoldedWeights folded) {
    boolean[] mayLack = mayLack(graph, folded);
    List<Optional<float[]>> missing = new ArrayList<>();
    for (Node node : graph.nodes()) {
      missing.add(mayLack[node.index()] ? missing(node, folded, missing) : Optional.empty());
    }
    return new DeferredBiases(missing);
  }

  private static Optional<float[]> missing(
      Node node, FoldedWeights folded, List<Optional<float[]>> before) {
    if (node.operation() instanceof Operation.Convolution convolution) {
      return folded.biases(convolution);
    }
    return node.inputs().stream()
        .map(before::get)
        .flatMap(Optional::stream)
        .reduce(DeferredBiases::sum);
  }

  private static float[] sum(float[] first, float[] second) {
    float[] sum = first.clone();
    for (int c = 0; c < sum.length; c++) {
      sum[c] += second[c];
    }
    return sum;
  }

  /** Whether all that reads a node can do without its biases; what nothing reads keeps them. */
  private static boolean[] mayLack(NetworkGraph graph, FoldedWeights folded) {
    int count = graph.nodes().size();
    boolean[] isRead = new boolean[count];
    boolean[] mayLack = new boolean[count];
    Arrays.fill(mayLack, true);
    for (int i = count - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      mayLack[i] &= isRead[i] && hasOrPasses(node, graph, folded);
      boolean takes = isNorm(node, folded) || mayLack[i] && !isConvolution(node);
      for (int input : node.inputs()) {
        isRead[input] = true;
        mayLack[input] &= takes;
      }
    }
    return mayLack;
  }

  private static boolean isConvolution(Node node) {
    return node.operation() instanceof Operation.Convolution;
  }

  private static boolean isNorm(Node node, FoldedWeights folded) {
    return node.operation() instanceof Operation.BatchNorm && !folded.isIdentity(node);
  }

  private static boolean hasOrPasses(Node node, NetworkGraph graph, FoldedWeights folded) {
    Operation operation = node.operation();
    return isConvolution(node)
        || operation instanceof Operation.Subsample
        || operation instanceof Operation.MaxPool pool && !pool.countsPadding()
        || operation instanceof Operation.Add add && folded.remainingScale(graph, node, add) == 1;
  }

  /** The biases that a node's computed output lacks, one a channel. */
  Optional<float[]> missing(Node node) {
    return missing.get(node.index());
  }

  /** The same of a node's first input. */
  Optional<float[]> missingIn(Node node) {
    return missing.get(node.inputs().get(0));
  }
}
