package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Says what a file holds that has no variable of a network. */
final class NothingFits {

  private NothingFits() {}

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
