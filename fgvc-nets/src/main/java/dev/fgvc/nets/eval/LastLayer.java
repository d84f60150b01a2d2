package dev.fgvc.nets.eval;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Changes of a trained network's last layer that help rare classes and need no training. Beside the
 * paper's own remedy, a second training stage, these are what later work compares with. Their
 * strength tau is chosen on held-out training images. Time and memory are those of a copy of the
 * layer.
 */
public final class LastLayer {

  private LastLayer() {}

  /**
   * The prefix of the names of the last layer's variables.
   *
   * @param graph a network
   * @return its scope, such as {@code resnet_v2_50/logits}
   */
  public static String scope(NetworkGraph graph) {
    Operation operation = graph.logits().operation();
    String scope = graph.classScope(graph.logits());
    if (!(operation instanceof Operation.Layer layer && layer.scope().equals(scope))) {
      throw new IllegalArgumentException(
          graph.name() + ": the logits come from " + operation + ", which has no weights");
    }
    return scope;
  }

  /**
   * Tau-normalisation (Kang et al., ICLR 2020, section 4): the weights of each class are divided by
   * their Euclidean norm to the power of tau, for norms grow with the number of training images.
   * The biases are dropped, as there.
   *
   * @param graph the network
   * @param weights trained for it
   * @param tau 0 leaves the directions and norms as they are, 1 gives all classes the same norm
   * @return the weights with another last layer
   * @throws IllegalArgumentException if tau is negative or not finite, or a variable is missing
   */
  public static Weights tauNormalized(NetworkGraph graph, Weights weights, double tau) {
    requireTau(tau);
    WeightTensor kernel = weights.tensor(scope(graph) + "/weights");
    int classes = graph.classes();
    float[] values = kernel.toArray();
    double[] squares = new double[classes];
    for (int i = 0; i < values.length; i++) {
      squares[i % classes] += (double) values[i] * values[i];
    }
    for (int i = 0; i < values.length; i++) {
      double norm = Math.sqrt(squares[i % classes]);
      values[i] = norm == 0 ? 0 : (float) (values[i] / Math.pow(norm, tau));
    }
    return with(graph, weights, values, new float[classes]);
  }

  /**
   * Logit adjustment after training (Menon et al., ICLR 2021, section 4.1): tau times the logarithm
   * of its share of the training images is taken from each class's score.
   *
   * @param graph the network
   * @param weights trained for it on that many images
   * @param trainingCounts training images of each class, all positive
   * @param tau 0 changes nothing, 1 is the value that suits well calibrated scores
   * @return the weights with other biases of the last layer
   * @throws IllegalArgumentException if tau is negative or not finite, the number of classes is
   *     another or one has no image
   */
  public static Weights logitAdjusted(
      NetworkGraph graph, Weights weights, int[] trainingCounts, double tau) {
    requireTau(tau);
    if (trainingCounts.length != graph.classes()
        || Arrays.stream(trainingCounts).anyMatch(n -> n < 1)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "logit adjustment of %d classes by the training counts %s: one for each is needed, at least 1",
              graph.classes(),
              Arrays.toString(trainingCounts)));
    }
    double total = Arrays.stream(trainingCounts).asLongStream().sum();
    float[] biases = weights.tensor(scope(graph) + "/biases").toArray();
    for (int c = 0; c < biases.length; c++) {
      biases[c] -= (float) (tau * Math.log(trainingCounts[c] / total));
    }
    return with(graph, weights, weights.tensor(scope(graph) + "/weights").toArray(), biases);
  }

  private static void requireTau(double tau) {
    if (!(tau >= 0) || Double.isInfinite(tau)) {
      throw new IllegalArgumentException("tau " + tau + " must be at least 0 and finite");
    }
  }

  private static Weights with(NetworkGraph graph, Weights weights, float[] kernel, float[] biases) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    weights.names().forEach(name -> tensors.put(name, weights.tensor(name)));
    String scope = scope(graph);
    replace(tensors, scope + "/weights", kernel);
    replace(tensors, scope + "/biases", biases);
    return Weights.of(tensors);
  }

  private static void replace(Map<String, WeightTensor> tensors, String name, float[] values) {
    List<Integer> shape = tensors.get(name).shape();
    tensors.put(name, WeightTensor.of(shape, values));
  }
}
