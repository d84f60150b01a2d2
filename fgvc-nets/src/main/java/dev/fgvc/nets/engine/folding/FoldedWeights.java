package dev.fgvc.nets.engine.folding;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A network's weights with its batch norms folded for inference. A batch norm right after a
 * convolution that nothing else reads, and that is no end point, disappears into the kernel and a
 * bias, computed in double precision; any other becomes one factor and one offset per channel.
 * Likewise the factor of a sum goes into the convolution that is its second part. Dropout
 * disappears too.
 */
public final class FoldedWeights {

  private final Weights weights;
  private final Set<Integer> identities = new HashSet<>();
  private final Map<String, Operation.BatchNorm> folded = new HashMap<>();
  private final Map<String, Double> factors = new HashMap<>();

  /**
   * Nodes that were folded into the convolution before them, by the index of the convolution's
   * node.
   */
  private final Map<Integer, Node> dissolved = new HashMap<>();

  private FoldedWeights(NetworkGraph graph, Weights weights) {
    this.weights = weights;
    int[] readers = new int[graph.nodes().size()];
    graph.nodes().forEach(node -> node.inputs().forEach(input -> readers[input]++));
    graph.endpoints().values().forEach(node -> readers[node.index()]++);
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.Dropout) {
        identities.add(node.index());
      } else if (node.operation() instanceof Operation.BatchNorm batchNorm) {
        Node input = graph.nodes().get(node.inputs().get(0));
        if (input.operation() instanceof Operation.Convolution convolution
            && readers[input.index()] == 1) {
          identities.add(node.index());
          folded.put(convolution.scope(), batchNorm);
          dissolved.put(input.index(), node);
        }
      } else if (node.operation() instanceof Operation.Add add && add.scale() != 1) {
        Node second = graph.nodes().get(node.inputs().get(1));
        if (second.operation() instanceof Operation.Convolution convolution
            && readers[second.index()] == 1) {
          factors.put(convolution.scope(), add.scale());
          dissolved.put(second.index(), node);
        }
      }
    }
  }

  /**
   * Decides what disappears; nothing is computed yet.
   *
   * @param graph the network
   * @param weights a value for each of its variables
   * @return the folded weights
   */
  public static FoldedWeights of(NetworkGraph graph, Weights weights) {
    return new FoldedWeights(graph, weights);
  }

  /**
   * Whether a node's output is its first input itself.
   *
   * @param node of the graph
   * @return true for dropout and for batch norms that went into a kernel
   */
  public boolean isIdentity(Node node) {
    return identities.contains(node.index());
  }

  /**
   * The factor of a sum's second part that is still to be applied.
   *
   * @param graph the network
   * @param node of the graph
   * @param sum its operation
   * @return the operation's own factor, or 1 if that went into a kernel
   */
  public double remainingScale(NetworkGraph graph, Node node, Operation.Add sum) {
    Node second = graph.nodes().get(node.inputs().get(1));
    return node.equals(dissolved.get(second.index())) ? 1 : sum.scale();
  }

  /**
   * Refuses nodes whose output is never computed as what follows went into their kernel.
   *
   * @param graph the network
   * @param wanted nodes of the graph whose output is asked for
   * @throws IllegalArgumentException if one has no output of its own
   */
  public void requireComputed(NetworkGraph graph, List<Node> wanted) {
    for (Node node : wanted) {
      Node follower = dissolved.get(node.index());
      if (follower != null) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s of %s has no output of its own in a compiled network: %s went into its kernel;"
                    + " ask for node %d, or compile a graph in which this one is an end point",
                node,
                graph.name(),
                follower.operation(),
                follower.index()));
      }
    }
  }

  /**
   * Returns the values of one layer. Offsets are computed at each call, factors when they are asked
   * for.
   *
   * @param node of the graph
   * @return the values, or empty for an operation without variables and for what disappeared
   */
  public Optional<Layer> layer(Node node) {
    return node.operation() instanceof Operation.Layer layer && !isIdentity(node)
        ? Optional.of(layer.acceptLayer(new Folding()))
        : Optional.empty();
  }

  /** Computes the values of a layer. */
  private final class Folding implements Operation.Layer.Visitor<Layer> {

    @Override
    public Layer convolution(Operation.Convolution convolution) {
      return new Layer(
          convolution,
          new LayerFactors(
              weights.tensor(convolution.scope() + "/weights"), multipliers(convolution)),
          biases(convolution));
    }

    @Override
    public Layer fullyConnected(Operation.FullyConnected layer) {
      return new Layer(
          layer,
          new LayerFactors(weights.tensor(layer.scope() + "/weights"), List.of()),
          Optional.of(weights.tensor(layer.scope() + "/biases").toArray()));
    }

    @Override
    public Layer batchNorm(Operation.BatchNorm norm) {
      Affine affine = affine(norm);
      WeightTensor factors = WeightTensor.of(List.of(norm.channels()), rounded(affine.factors()));
      return new Layer(
          norm, new LayerFactors(factors, List.of()), Optional.of(rounded(affine.offsets())));
    }
  }

  /** The factors that the channels of a kernel are multiplied by, one after the other. */
  private List<double[]> multipliers(Operation.Convolution convolution) {
    List<double[]> multipliers = new ArrayList<>();
    Operation.BatchNorm norm = folded.get(convolution.scope());
    if (norm != null) {
      multipliers.add(affine(norm).factors());
    }
    Double factor = factors.get(convolution.scope());
    if (factor != null) {
      double[] equal = new double[convolution.outputChannels()];
      Arrays.fill(equal, factor);
      multipliers.add(equal);
    }
    return multipliers;
  }

  /**
   * Returns what a convolution adds to each channel, without computing its kernel.
   *
   * @param convolution of the graph
   * @return the offsets of its {@link #layer}
   */
  public Optional<float[]> biases(Operation.Convolution convolution) {
    Operation.BatchNorm norm = folded.get(convolution.scope());
    if (!convolution.biases() && norm == null) {
      return Optional.empty();
    }
    int channels = convolution.outputChannels();
    double[] biases = new double[channels];
    if (convolution.biases()) {
      float[] own = weights.tensor(convolution.scope() + "/biases").toArray();
      for (int c = 0; c < channels; c++) {
        biases[c] = own[c];
      }
    }
    if (norm != null) {
      Affine affine = affine(norm);
      for (int c = 0; c < channels; c++) {
        biases[c] = biases[c] * affine.factors()[c] + affine.offsets()[c];
      }
    }
    double factor = factors.getOrDefault(convolution.scope(), 1.0);
    for (int c = 0; c < channels; c++) {
      biases[c] *= factor;
    }
    return Optional.of(rounded(biases));
  }

  private Affine affine(Operation.BatchNorm norm) {
    float[] beta = weights.tensor(norm.scope() + "/beta").toArray();
    float[] mean = weights.tensor(norm.scope() + "/moving_mean").toArray();
    float[] variance = weights.tensor(norm.scope() + "/moving_variance").toArray();
    double[] factors = new double[norm.channels()];
    double[] offsets = new double[norm.channels()];
    for (int c = 0; c < factors.length; c++) {
      double gamma = norm.scaled() ? weights.tensor(norm.scope() + "/gamma").values().get(c) : 1.0;
      factors[c] = gamma / Math.sqrt(variance[c] + norm.epsilon());
      offsets[c] = beta[c] - mean[c] * factors[c];
    }
    return new Affine(factors, offsets);
  }

  private static float[] rounded(double[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    return rounded;
  }

  /** A batch norm with fixed statistics: factor * x + offset for each channel. */
  private record Affine(double[] factors, double[] offsets) {}

  /**
   * The values of one layer.
   *
   * @param operation of the node
   * @param factors of a convolution [h, w, in, out], of a fully connected layer [in, out]; of a
   *     batch norm one for each channel
   * @param offsets added to each channel, if any
   */
  public record Layer(Operation.Layer operation, LayerFactors factors, Optional<float[]> offsets) {}
}
