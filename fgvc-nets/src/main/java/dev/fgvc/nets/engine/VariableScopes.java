package dev.fgvc.nets.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Strings.lenientFormat;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.arch.VariableScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Chooses variables of a network by scopes, as {@link VariableScope} has them. */
final class VariableScopes {

  /** Scopes listed in a refusal. */
  private static final int LISTED = 12;

  private VariableScopes() {}

  /** Refuses scopes without a part; whether a network has them is known later. */
  static List<String> requireNamed(String what, List<String> scopes) {
    for (String scope : scopes) {
      try {
        new VariableScope(scope);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(what + " " + e.getMessage(), e);
      }
    }
    return List.copyOf(scopes);
  }

  /**
   * The variables that training changes.
   *
   * @throws IllegalArgumentException if a scope holds no variable, parts the moving statistics of a
   *     batch norm, or nothing is left to train
   */
  static Set<String> changing(NetworkGraph graph, List<String> trainable, List<String> frozen) {
    List<VariableScope> trained = requireVariables("trainable", trainable, graph);
    List<VariableScope> kept = requireVariables("frozen", frozen, graph);
    Predicate<String> changes =
        name -> (trained.isEmpty() || holds(trained, name)) && !holds(kept, name);
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.BatchNorm norm) {
        requireWhole(norm.scope(), changes, graph);
      }
    }
    if (graph.parameters().stream()
        .noneMatch(parameter -> parameter.trainable() && changes.test(parameter.name()))) {
      throw new IllegalArgumentException(
          lenientFormat(
              "nothing of %s is left to train: trainable scopes %s, frozen scopes %s",
              graph.name(), trainable, frozen));
    }
    return graph.parameters().stream()
        .map(Parameter::name)
        .filter(changes)
        .collect(ImmutableSet.toImmutableSet());
  }

  /**
   * The factor of the longest scope that holds each variable.
   *
   * @throws IllegalArgumentException if a scope holds no variable, or two are the same
   */
  static Map<String, Double> factors(NetworkGraph graph, Map<String, Double> factors) {
    requireVariables("rate factor", List.copyOf(factors.keySet()), graph);
    ImmutableMap.Builder<String, Double> result = ImmutableMap.builder();
    for (Parameter parameter : graph.parameters()) {
      String name = parameter.name();
      Map<Integer, String> scopes = new TreeMap<>();
      for (String scope : factors.keySet()) {
        if (new VariableScope(scope).holds(name)) {
          String same = scopes.put(parts(scope, name), scope);
          checkArgument(
              same == null,
              "rate factor scopes '%s' and '%s' are the same in %s: give one of them",
              same,
              scope,
              graph.name());
        }
      }
      result.put(name, scopes.isEmpty() ? 1.0 : factors.get(Iterables.getLast(scopes.values())));
    }
    return result.buildOrThrow();
  }

  /** How many parts of a variable's name its scope has, with the network's own where left out. */
  private static int parts(String scope, String variable) {
    String path = new VariableScope(scope).path();
    int parts = path.split("/").length;
    return (variable + "/").startsWith(path + "/") ? parts : parts + 1;
  }

  /** Powers of a decay by the scopes of two parts below the features and the head. */
  static Map<String, Double> layerDecay(NetworkGraph graph, double decay) {
    boolean[] below = graph.ancestors(graph.features());
    Set<String> layers = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (below[node.index()] && node.operation() instanceof Operation.Layer layer) {
        layers.add(firstTwoParts(layer.scope()));
      }
    }
    graph.headScopes().forEach(layers::remove);
    Map<String, Double> factors = new LinkedHashMap<>();
    for (String layer : layers) {
      factors.put(layer, StrictMath.pow(decay, layers.size() - factors.size()));
    }
    return ImmutableMap.copyOf(factors);
  }

  private static String firstTwoParts(String name) {
    return Arrays.stream(name.split("/")).limit(2).collect(Collectors.joining("/"));
  }

  private static boolean holds(List<VariableScope> scopes, String name) {
    return scopes.stream().anyMatch(scope -> scope.holds(name));
  }

  private static List<VariableScope> requireVariables(
      String what, List<String> scopes, NetworkGraph graph) {
    List<String> names = graph.parameters().stream().map(Parameter::name).toList();
    List<VariableScope> parsed = new ArrayList<>();
    for (String text : scopes) {
      VariableScope scope = new VariableScope(text);
      if (names.stream().noneMatch(scope::holds)) {
        throw holdsNone(
            lenientFormat("%s scope '%s' holds no variable of %s", what, text, graph.name()),
            scope,
            names);
      }
      parsed.add(scope);
    }
    return parsed;
  }

  private static IllegalArgumentException holdsNone(
      String message, VariableScope scope, List<String> names) {
    String inside = "/" + scope.path() + "/";
    List<String> longer =
        names.stream()
            .filter(name -> (name + "/").contains(inside))
            .map(name -> name.substring(0, (name + "/").indexOf(inside) + inside.length() - 1))
            .distinct()
            .toList();
    return new IllegalArgumentException(
        longer.isEmpty()
            ? message + "; give whole parts of a name from its start, such as " + scopes(names)
            : message + "; did you mean " + listed(longer) + "?");
  }

  private static String scopes(List<String> names) {
    return listed(names.stream().map(VariableScopes::firstTwoParts).distinct().toList());
  }

  private static String listed(List<String> scopes) {
    String list = scopes.stream().limit(LISTED).collect(Collectors.joining("', '", "'", "'"));
    return scopes.size() > LISTED ? list + " ..." : list;
  }

  /** A norm whose mean moves and whose variance does not would normalise by a mixture. */
  private static void requireWhole(String norm, Predicate<String> changes, NetworkGraph graph) {
    checkArgument(
        changes.test(norm + "/moving_mean") == changes.test(norm + "/moving_variance"),
        "the scopes freeze one of the two moving statistics of %s in %s: freeze both or none",
        norm,
        graph.name());
  }
}
