package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Says what weights hold of which no variable of a network can be taken. */
final class NothingFits {

  private NothingFits() {}

  /**
   * Says why not one variable of a network is taken from some weights.
   *
   * @param reshaped variables that both have, in other shapes
   */
  static String message(Weights weights, NetworkGraph graph, List<String> reshaped) {
    if (!reshaped.isEmpty()) {
      Parameter first =
          graph.parameters().stream()
              .filter(parameter -> parameter.name().equals(reshaped.get(0)))
              .findFirst()
              .orElseThrow();
      return String.format(
          Locale.ROOT,
          "%s: not one fits %s; %d have other shapes, such as '%s' with %s here, %s in the network",
          weights,
          graph.name(),
          reshaped.size(),
          first.name(),
          weights.tensor(first.name()).shape(),
          first.shape());
    }
    return String.format(
        Locale.ROOT,
        "%s: not one fits %s; the network has %s, but here are %s",
        weights,
        graph.name(),
        firstNames(graph.parameters().stream().map(Parameter::name).toList()),
        firstNames(List.copyOf(weights.names())));
  }

  private static String firstNames(List<String> names) {
    int shown = 3;
    return names.stream()
            .limit(shown)
            .map(name -> "'" + name + "'")
            .collect(Collectors.joining(", "))
        + (names.isEmpty() ? "none" : names.size() > shown ? ", ..." : "");
  }

  static String message(Path file, String library, NetworkGraph graph, ForeignTensors tensors)
      throws IOException {
    return String.format(
        Locale.ROOT,
        "%s: not one variable fits %s, whose first is '%s'. %s%s",
        file,
        graph.name(),
        graph.parameters().isEmpty() ? "none" : graph.parameters().get(0).name(),
        ForeignNames.contents(tensors),
        suggestion(library, tensors));
  }

  /** Which architecture of the library most of the names belong to, or what else is known. */
  private static String suggestion(String library, ForeignTensors tensors) throws IOException {
    if (tensors.names().contains("_CHECKPOINTABLE_OBJECT_GRAPH")) {
      return ", as a checkpoint of TensorFlow 2 by objects has them; load it in Keras and save it as"
          + " x.weights.h5";
    }
    String best = "";
    int most = 0;
    for (Architecture architecture : Architecture.values()) {
      if (NameTable.exists(library, architecture)) {
        NameTable table = NameTable.load(library, architecture);
        Set<String> names = new HashSet<>(table.theirs().values());
        names.addAll(table.places().values());
        int count = tensors.scopes(names).values().stream().mapToInt(Map::size).max().orElse(0);
        if (count > most && 2 * count > table.theirs().size()) {
          most = count;
          best = "; most are those of " + architecture;
        }
      }
    }
    return best;
  }
}
