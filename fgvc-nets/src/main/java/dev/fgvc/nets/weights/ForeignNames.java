package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which of a file's tensors stand for which variables of a network. A file may put a scope before
 * all names ({@code module.}, {@code backbone.}, a model that holds the network as a layer); the
 * scope in which most names are found is taken, and what is missing there is looked for in the
 * scopes around it, as a last layer lies outside the network that it was put on.
 *
 * @param theirs our full names to the file's, only for names that the file has
 * @param remarks what was found out, in sentences
 */
record ForeignNames(Map<String, String> theirs, List<String> remarks) {

  private static final int NAMES_SHOWN = 6;

  /**
   * Finds the names.
   *
   * @param wanted our full names to the library's
   * @param places our full names to other names of the library, where it has some
   * @param scope what the file puts before the names, where the user has said so, or empty
   * @throws IllegalArgumentException if the scope is none of the file's, or if several hold the
   *     network
   */
  static ForeignNames find(
      Path file,
      ForeignTensors tensors,
      Map<String, String> wanted,
      Map<String, String> places,
      String scope) {
    Map<String, Map<String, String>> scopes;
    try {
      Set<String> all = new HashSet<>(wanted.values());
      all.addAll(places.values());
      scopes = tensors.scopes(all);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
    if (scopes.isEmpty() && scope.isEmpty()) {
      return new ForeignNames(Map.of(), List.of());
    }
    String chosen = scope.isEmpty() ? best(file, scopes) : named(file, scopes, scope);
    Map<String, String> theirs = new LinkedHashMap<>();
    wanted.forEach(
        (ours, name) -> {
          for (String around = chosen; ; around = outer(around)) {
            Map<String, String> names = scopes.getOrDefault(around, Map.of());
            String found = names.getOrDefault(name, names.get(places.getOrDefault(ours, name)));
            if (found != null) {
              theirs.put(ours, found);
              return;
            }
            if (around.isEmpty()) {
              return;
            }
          }
        });
    List<String> remarks = new ArrayList<>();
    if (!tensors.hindrance().isEmpty()) {
      remarks.add(tensors.hindrance());
    }
    if (!chosen.isEmpty()) {
      remarks.add("the file has the variables in its scope '" + chosen + "'");
    }
    return new ForeignNames(theirs, remarks);
  }

  /** The scope with most names, unless another has most of the network too. */
  private static String best(Path file, Map<String, Map<String, String>> scopes) {
    String best =
        scopes.keySet().stream()
            .reduce((a, b) -> scopes.get(b).size() > scopes.get(a).size() ? b : a)
            .orElseThrow();
    int most = scopes.get(best).size();
    Map<String, Integer> rivals = new TreeMap<>();
    scopes.forEach(
        (scope, names) -> {
          if (2 * names.size() > most) {
            rivals.put(scope, names.size());
          }
        });
    if (rivals.size() > 1) {
      throw new IllegalArgumentException(
          file + " holds such a network more than once; choose by scope(...): " + counts(rivals));
    }
    return best;
  }

  private static String named(Path file, Map<String, Map<String, String>> scopes, String scope) {
    return scopes.keySet().stream()
        .filter(candidate -> candidate.equals(scope) || withoutSeparator(candidate).equals(scope))
        .findFirst()
        .orElseThrow(
            () -> {
              Map<String, Integer> sizes = new TreeMap<>();
              scopes.forEach((candidate, names) -> sizes.put(candidate, names.size()));
              return new IllegalArgumentException(
                  String.format(
                      Locale.ROOT,
                      "%s has no variables of the network in the scope '%s'; it has them in: %s",
                      file,
                      scope,
                      sizes.isEmpty() ? "none" : counts(sizes)));
            });
  }

  private static String counts(Map<String, Integer> scopes) {
    return scopes.entrySet().stream()
        .limit(NAMES_SHOWN)
        .map(entry -> "'" + entry.getKey() + "' (" + entry.getValue() + " variables)")
        .collect(Collectors.joining(", "));
  }

  private static String withoutSeparator(String scope) {
    return scope.isEmpty() ? scope : scope.substring(0, scope.length() - 1);
  }

  /** The scope around a scope. */
  private static String outer(String scope) {
    String inner = withoutSeparator(scope);
    int end = Math.max(inner.lastIndexOf('/'), inner.lastIndexOf('.'));
    return inner.substring(0, end + 1);
  }

  /**
   * Refuses layers that are known by their count or place alone, unless all are there and of the
   * network's shapes: one layer more before them, or one less, would give each another's values.
   *
   * @param counted our full names of such layers' variables, to the library's
   * @param parameters the network's variables
   */
  void requireCounted(
      Path file,
      ForeignTensors tensors,
      Map<String, String> counted,
      Map<String, Parameter> parameters)
      throws IOException {
    for (Map.Entry<String, String> layer : counted.entrySet()) {
      String ours = layer.getKey();
      String found = theirs.get(ours);
      Parameter parameter = parameters.get(ours);
      if (parameter == null || found == null && ours.endsWith("/gamma")) {
        continue;
      }
      if (found == null) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s lacks the layer that Keras made as '%s', for '%s'; layers that Keras numbers"
                    + " are known by their count, so all must be there. %s",
                file,
                layer.getValue(),
                ours,
                contents(tensors)));
      }
      if (!tensors.shape(found).equals(parameter.shape())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s: '%s' has shape %s, but the network wants %s for '%s'; layers that Keras"
                    + " numbers are known by their count, so the file must be of this architecture"
                    + " and width. %s",
                file,
                found,
                tensors.shape(found),
                parameter.shape(),
                ours,
                contents(tensors)));
      }
    }
  }

  /** How many tensors there are, and the first names. */
  static String contents(ForeignTensors tensors) {
    String names =
        tensors.names().stream()
            .limit(NAMES_SHOWN)
            .map(name -> "'" + name + "'")
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "It holds %d tensor%s%s%s",
        tensors.names().size(),
        tensors.names().size() == 1 ? "" : "s",
        names.isEmpty() ? "" : ": " + names,
        (tensors.names().size() > NAMES_SHOWN ? " and more" : "")
            + (tensors.hindrance().isEmpty() ? "" : "; " + tensors.hindrance()));
  }
}
