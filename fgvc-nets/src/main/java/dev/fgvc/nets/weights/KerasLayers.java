package dev.fgvc.nets.weights;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which layers the data sets in a file of Keras belong to. A model may hold other models as layers,
 * to any depth; each is a scope of its own. Layers that Keras numbers by itself, over and over in
 * one process, are counted within their scope in the order in which they were made: {@code
 * conv2d_7} and {@code conv2d_9} become {@code conv2d#1} and {@code conv2d#2}.
 *
 * <p>Some files lack names of layers: all of them, as the first versions of Keras 3 wrote none, or
 * that of the first layer in a shard, which 3.15 loses. The groups in them are still numbered for
 * each class in the model's own order, so there the layers of that model are {@code conv2d@1},
 * {@code conv2d@2} and so on.
 */
final class KerasLayers {

  private static final Pattern NUMBERED =
      Pattern.compile("(conv2d|batch_normalization)(?:_(\\d{1,9}))?");

  /** The slots that training keeps for each variable, under the same names. */
  static final Pattern OPTIMIZER = Pattern.compile("optimizer(_weights)?/");

  /** In the files of Keras 3, the group of a layer's variables, which are numbered. */
  private static final String VARIABLES = "/vars";

  private static final Pattern FORM = Pattern.compile("(^|/)(?:layers|model_weights)/");

  private static final String MODEL = "model_weights/";

  /** Variables by their position, for the files of Keras 3, which do not name them. */
  private static final Map<Integer, List<String>> BY_COUNT =
      Map.of(
          1, List.of("kernel"),
          2, List.of("kernel", "bias"),
          3, List.of("beta", "moving_mean", "moving_variance"),
          4, List.of("gamma", "beta", "moving_mean", "moving_variance"));

  private final Map<String, Hdf5File> datasets;

  /** A group of a model's list of layers, by class and number. */
  private static final Pattern PLACE =
      Pattern.compile("(?:.*/)?layers/(conv2d|batch_normalization)(?:_(\\d{1,9}))?");

  /** Groups of layers as networks have them; others, such as a seed, need no name. */
  private static final Pattern KNOWN =
      Pattern.compile("(?:.*/)?(?:conv2d|batch_normalization|dense)(?:_\\d{1,9})?");

  /** Scope, layer and variable; the value is the path in the file. */
  private final Map<String, Map<String, Map<String, String>>> layers = new LinkedHashMap<>();

  /** The same for the places of layers in their model. */
  private final Map<String, Map<String, Map<String, String>>> placed = new LinkedHashMap<>();

  /** Layers of one name in one scope, of which none can be taken. */
  private final Set<String> twins = new LinkedHashSet<>();

  private final Set<String> nameless = new LinkedHashSet<>();

  private final Set<String> namelessScopes = new LinkedHashSet<>();

  KerasLayers(Map<String, Hdf5File> datasets) {
    this.datasets = datasets;
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    datasets.keySet().stream()
        .filter(path -> !OPTIMIZER.matcher(path).lookingAt())
        .forEach(
            path -> groups.computeIfAbsent(parent(path), g -> new LinkedHashSet<>()).add(path));
    Map<String, Integer> groupsOfTop = new LinkedHashMap<>();
    groups.keySet().forEach(group -> groupsOfTop.merge(top(group), 1, Integer::sum));
    groups.forEach(
        (group, paths) -> {
          if (group.endsWith(VARIABLES)) {
            addNumbered(group, paths);
          } else if (!group.isEmpty()) {
            addNamed(group, paths, groupsOfTop.get(top(group)) == 1);
          }
        });
  }

  /** For each scope the variables, as layer/variable, and their paths. */
  Map<String, Map<String, String>> scopes() {
    Map<String, Map<String, String>> scopes = new LinkedHashMap<>();
    layers.forEach(
        (scope, ofScope) -> {
          ofScope.keySet().removeIf(layer -> twins.contains(scope + layer));
          Map<String, String> counted = countNumbered(ofScope.keySet());
          if (namelessScopes.contains(scope)) {
            // A count would leave out those without a name
            ofScope.keySet().removeAll(counted.keySet());
          }
          Map<String, String> variables = new LinkedHashMap<>();
          ofScope.forEach(
              (layer, paths) -> putAll(variables, counted.getOrDefault(layer, layer), paths));
          scopes.put(scope, variables);
        });
    for (String scope : namelessScopes) {
      Map<String, String> variables = scopes.computeIfAbsent(scope, s -> new LinkedHashMap<>());
      placed
          .getOrDefault(scope, Map.of())
          .forEach((place, paths) -> putAll(variables, place, paths));
    }
    return scopes;
  }

  private static void putAll(
      Map<String, String> variables, String layer, Map<String, String> paths) {
    paths.forEach((variable, path) -> variables.put(layer + "/" + variable, path));
  }

  /** Groups of layers that have variables, but no name in the file. */
  Set<String> nameless() {
    return nameless;
  }

  /** Keras 3: the layer's name is an attribute; the group itself is named by the layer's class. */
  private void addNumbered(String group, Set<String> paths) {
    String layer = group.substring(0, group.length() - VARIABLES.length());
    String groups = layer.substring(0, layer.lastIndexOf('/') + 1);
    Map<String, String> variables = new LinkedHashMap<>();
    List<String> names = BY_COUNT.get(paths.size());
    for (int i = 0; names != null && i < names.size(); i++) {
      String path = group + "/" + i;
      if (paths.contains(path)) {
        variables.put(names.get(i), path);
      }
    }
    Matcher place = PLACE.matcher(layer);
    if (place.matches()) {
      int before = place.group(2) == null ? 0 : Integer.parseInt(place.group(2));
      placed
          .computeIfAbsent(scope(groups), s -> new LinkedHashMap<>())
          .put(place.group(1) + "@" + (before + 1), variables);
    }
    Optional<String> name =
        paths.stream().flatMap(path -> datasets.get(path).nameOf(group).stream()).findFirst();
    if (name.isPresent()) {
      add(groups, name.get(), variables);
    } else if (KNOWN.matcher(layer).matches()) {
      nameless.add(layer);
      namelessScopes.add(scope(groups));
    }
  }

  /**
   * Keras 1 and 2, and whole models of Keras 3: groups are named by layers, data sets by variables.
   * Below a layer lies another group named like it; below a nested model, the groups of its layers.
   */
  private void addNamed(String group, Set<String> paths, boolean alone) {
    String top = top(group);
    String inner = group.substring(group.lastIndexOf('/') + 1);
    String topName = top.substring(top.lastIndexOf('/') + 1);
    boolean layer = alone && inner.startsWith(topName);
    String scope =
        layer
            ? top.substring(0, top.length() - topName.length())
            : group.substring(0, group.length() - inner.length());
    Map<String, String> variables = new LinkedHashMap<>();
    for (String path : paths) {
      variables.putIfAbsent(
          path.substring(path.lastIndexOf('/') + 1).replaceFirst(":0$", ""), path);
    }
    add(scope, layer ? topName : inner, variables);
  }

  private void add(String groups, String layer, Map<String, String> variables) {
    String scope = scope(groups);
    if (layers.computeIfAbsent(scope, s -> new LinkedHashMap<>()).putIfAbsent(layer, variables)
        != null) {
      twins.add(scope + layer);
    }
  }

  /** Only the names of models are told; the groups that every file has say nothing. */
  private static String scope(String groups) {
    return FORM.matcher(groups).replaceAll("$1");
  }

  private static Map<String, String> countNumbered(Set<String> layers) {
    Map<String, Map<Integer, String>> byKind = new TreeMap<>();
    for (String layer : layers) {
      Matcher numbered = NUMBERED.matcher(layer);
      if (numbered.matches()) {
        int number = numbered.group(2) == null ? 0 : Integer.parseInt(numbered.group(2));
        byKind.computeIfAbsent(numbered.group(1), kind -> new TreeMap<>()).put(number, layer);
      }
    }
    Map<String, String> counted = new LinkedHashMap<>();
    byKind.forEach(
        (kind, ordered) -> {
          int count = 0;
          for (String layer : ordered.values()) {
            counted.put(layer, kind + "#" + ++count);
          }
        });
    return counted;
  }

  /** The group of a layer of the model itself, which may be one of several models deep. */
  private static String top(String group) {
    int start = group.startsWith(MODEL) ? MODEL.length() : 0;
    int end = group.indexOf('/', start);
    return end < 0 ? group : group.substring(0, end);
  }

  /** The group of a data set; empty for one at the root. */
  static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }
}
