package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last layer of a file whose user has put one of their own on the network, under a name that no
 * table has: it is the only fully connected layer that no name was found for.
 *
 * @param weights the file's name of the matrix
 * @param biases the file's name of the biases
 */
record ForeignHead(String weights, String biases) {

  private static final Pattern WEIGHTS =
      Pattern.compile("(.*[./])?(weight|kernel|kernel:0|vars/0|weights)");

  /** The name of the biases beside each name of a matrix. */
  private static final Map<String, String> BIASES =
      Map.of(
          "weight", "bias",
          "kernel", "bias",
          "kernel:0", "bias:0",
          "vars/0", "vars/1",
          "weights", "biases");

  /**
   * Looks for it.
   *
   * @param used the file's names that stand for other variables
   * @param expected the network's variable, whose axis before the last is the features
   */
  static Optional<ForeignHead> find(ForeignTensors tensors, Set<String> used, Parameter expected)
      throws IOException {
    List<String> matrices = new ArrayList<>();
    for (String name : tensors.names()) {
      if (!used.contains(name)
          && !KerasLayers.OPTIMIZER.matcher(name).lookingAt()
          && WEIGHTS.matcher(name).matches()
          && tensors.shape(name).size() == 2) {
        matrices.add(name);
      }
    }
    if (matrices.size() != 1) {
      return Optional.empty();
    }
    Matcher matcher = WEIGHTS.matcher(matrices.get(0));
    matcher.matches();
    String biases =
        (matcher.group(1) == null ? "" : matcher.group(1)) + BIASES.get(matcher.group(2));
    List<Integer> shape = tensors.shape(matrices.get(0));
    int features = expected.shape().get(expected.shape().size() - 2);
    boolean fits =
        shape.get(0) == features
            && tensors.names().contains(biases)
            && tensors.shape(biases).equals(List.of(shape.get(1)));
    return fits ? Optional.of(new ForeignHead(matrices.get(0), biases)) : Optional.empty();
  }
}
