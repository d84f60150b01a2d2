package dev.fgvc.nets.arch;

import java.util.OptionalInt;

/**
 * How a network makes its features of the last activation. The paper's networks take the average;
 * bilinear heads are those of the methods that its table 8 compares with. A bilinear head pools the
 * products of channels, takes their signed square root and divides by the norm, as Lin et al. (ICCV
 * 2015) and Gao et al. (CVPR 2016) do, both with one network for both factors.
 *
 * <pre>{@code
 * NetworkGraph compact =
 *     Architecture.RESNET_V2_50.builder().classes(200).head(Head.compactBilinear(8192, 1)).build();
 * }</pre>
 *
 * @param pool makes one cell of all
 * @param reduction channels to which a linear 1x1 convolution without biases brings the activation
 *     before it is pooled; empty for none
 */
public record Head(Operation.GlobalPool pool, OptionalInt reduction) {

  /** The dimension that Gao et al. recommend for {@link #compactBilinear} (section 4.2). */
  public static final int COMPACT_DIMENSION = 8192;

  /**
   * Epsilon of the square root, which keeps its slope below 5000. Lin et al. add it to the means of
   * products, too ({@code BCNN.py} of their code in PyTorch).
   */
  static final double ROOT_EPSILON = 1e-8;

  private static final double NORM_EPSILON = 1e-12;
  private static final String REDUCTION = "reduction";

  /** Refuses a reduction to less than one channel, and one before an average. */
  public Head {
    if (reduction.isPresent()) {
      if (reduction.getAsInt() < 1) {
        throw new IllegalArgumentException(
            "a reduction to " + reduction.getAsInt() + " channels: at least 1 is needed");
      }
      if (pool instanceof Operation.GlobalAveragePool) {
        throw new IllegalArgumentException("an average needs no reduction: leave it out");
      }
    }
  }

  /**
   * The paper's head: the mean of each channel.
   *
   * @return the head
   */
  public static Head average() {
    return new Head(new Operation.GlobalAveragePool(), OptionalInt.empty());
  }

  /**
   * The bilinear head of Lin et al.: as many features as the square of the channels, 4.2 million
   * for most of the paper's networks unless the channels are {@linkplain #reducedTo reduced}.
   *
   * @return the head
   */
  public static Head bilinear() {
    return new Head(new Operation.BilinearPool(), OptionalInt.empty());
  }

  /**
   * The compact bilinear head of Gao et al.
   *
   * @param dimension of the features, from 1 to 2^24; {@value #COMPACT_DIMENSION} in the authors'
   *     code
   * @param seed chooses the sketches
   * @return the head
   */
  public static Head compactBilinear(int dimension, long seed) {
    return new Head(new Operation.TensorSketchPool(dimension, seed), OptionalInt.empty());
  }

  /**
   * The same after a reduction of the channels.
   *
   * @param channels that are pooled, at least 1
   * @return a new head
   */
  public Head reducedTo(int channels) {
    return new Head(pool, OptionalInt.of(channels));
  }

  /**
   * Whether products of channels are pooled.
   *
   * @return false for the average
   */
  public boolean isBilinear() {
    return !(pool instanceof Operation.GlobalAveragePool);
  }

  /** The end point of the features in a network that has a name for their average. */
  String endpoint(String average) {
    if (pool instanceof Operation.BilinearPool) {
      return "bilinear_pool";
    }
    return pool instanceof Operation.TensorSketchPool ? "compact_bilinear_pool" : average;
  }

  /** The scope of a reduction's variables in a network. */
  static String reductionScope(String network) {
    return network + "/" + REDUCTION;
  }

  /**
   * Adds this head to a network of one's own.
   *
   * @param graph the network under construction
   * @param network its name, the scope of the reduction's variables
   * @param activation what the head pools, of any size
   * @return the features, of size 1 x 1
   */
  public Node features(GraphBuilder graph, String network, Node activation) {
    Node pooled = graph.globalPool(reduced(graph, network, activation), pool);
    return isBilinear()
        ? graph.l2Normalization(graph.signedSquareRoot(pooled, ROOT_EPSILON), NORM_EPSILON)
        : pooled;
  }

  private Node reduced(GraphBuilder graph, String network, Node activation) {
    return reduction.isEmpty()
        ? activation
        : graph.convolution(
            activation,
            reductionScope(network),
            reduction.getAsInt(),
            Window.square(1, 1, Padding.SAME),
            false,
            Initializer.varianceScaling(activation.channels()));
  }
}
