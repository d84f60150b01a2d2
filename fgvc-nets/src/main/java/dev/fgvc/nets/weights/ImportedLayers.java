package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Parameter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tensors on their way into a network, under its names, brought to the forms that it has. */
final class ImportedLayers {

  private static final String GAMMA = "/gamma";

  private final Map<String, Parameter> parameters;
  private final Set<String> classScopes = new LinkedHashSet<>();
  private final Map<String, WeightTensor> tensors = new LinkedHashMap<>();

  ImportedLayers(NetworkGraph graph, Map<String, Parameter> parameters) {
    this.parameters = parameters;
    Stream<Node> scores =
        Stream.concat(Stream.of(graph.logits()), graph.auxiliaryLogits().stream());
    scores.map(graph::classScope).forEach(classScopes::add);
  }

  /** Whether the network has the variable, or a layer into which it can be folded. */
  boolean wants(String name) {
    return parameters.containsKey(name) || isGammaToFold(name);
  }

  /** Takes a tensor; a matrix becomes a 1x1 kernel where the network has one. */
  void put(String name, WeightTensor tensor) {
    Parameter parameter = parameters.get(name);
    boolean kernel =
        parameter != null && parameter.shape().size() == 4 && tensor.shape().size() == 2;
    tensors.put(
        name,
        kernel
            ? tensor.shaped(List.of(1, 1, tensor.shape().get(0), tensor.shape().get(1)))
            : tensor);
  }

  Map<String, WeightTensor> tensors() {
    return tensors;
  }

  /** Leaves the first class out of every layer that gives class scores. */
  void dropFirstClass() {
    for (String scope : classScopes) {
      tensors.computeIfPresent(scope + "/weights", (name, tensor) -> withoutFirst(tensor));
      tensors.computeIfPresent(scope + "/biases", (name, tensor) -> withoutFirst(tensor));
    }
  }

  private static WeightTensor withoutFirst(WeightTensor tensor) {
    int rank = tensor.shape().size();
    int classes = rank == 0 ? 0 : tensor.shape().get(rank - 1);
    if (classes < 2) {
      throw new IllegalArgumentException(
          "a last layer of shape " + tensor.shape() + " has no background class to drop");
    }
    float[] all = tensor.toArray();
    float[] kept = new float[all.length / classes * (classes - 1)];
    for (int row = 0; row < all.length / classes; row++) {
      System.arraycopy(all, row * classes + 1, kept, row * (classes - 1), classes - 1);
    }
    List<Integer> shape =
        Stream.concat(tensor.shape().subList(0, rank - 1).stream(), Stream.of(classes - 1))
            .collect(Collectors.toList());
    return WeightTensor.wrap(shape, kept);
  }

  /** Multiplies gammas that the network does not have into kernels and moving means. */
  Optional<String> foldGammas() {
    List<String> gammas = tensors.keySet().stream().filter(this::isGammaToFold).toList();
    for (String name : gammas) {
      float[] gamma = tensors.remove(name).toArray();
      tensors.computeIfPresent(kernelOf(name), (kernel, values) -> scaled(kernel, values, gamma));
      tensors.computeIfPresent(meanOf(name), (mean, values) -> scaled(mean, values, gamma));
    }
    return gammas.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "the gammas of %d batch norms were folded into kernels and moving means, exact in"
                    + " inference only",
                gammas.size()));
  }

  private boolean isGammaToFold(String name) {
    return name.endsWith("/BatchNorm" + GAMMA)
        && !parameters.containsKey(name)
        && parameters.containsKey(kernelOf(name))
        && parameters.containsKey(meanOf(name));
  }

  private static String kernelOf(String gamma) {
    return gamma.substring(0, gamma.length() - "/BatchNorm".length() - GAMMA.length()) + "/weights";
  }

  private static String meanOf(String gamma) {
    return gamma.substring(0, gamma.length() - GAMMA.length()) + "/moving_mean";
  }

  private static WeightTensor scaled(String name, WeightTensor tensor, float[] factors) {
    float[] values = tensor.toArray();
    int rank = tensor.shape().size();
    if (rank == 0 || tensor.shape().get(rank - 1) != factors.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "'%s' of %s cannot take %d gammas",
              name,
              tensor.shape(),
              factors.length));
    }
    for (int i = 0; i < values.length; i++) {
      values[i] *= factors[i % factors.length];
    }
    return WeightTensor.wrap(tensor.shape(), values);
  }

  /** Says where a last layer has just one class too many. */
  Optional<String> remarkOnClasses() {
    boolean oneMore =
        classScopes.stream()
            .map(scope -> scope + "/biases")
            .filter(tensors::containsKey)
            .anyMatch(name -> tensors.get(name).size() == parameters.get(name).size() + 1);
    return oneMore
        ? Optional.of(
            "the file's last layer has one class more; if its first is a background class, use"
                + " dropBackgroundClass()")
        : Optional.empty();
  }
}
