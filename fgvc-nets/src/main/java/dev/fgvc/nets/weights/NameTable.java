package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Architecture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The names that another library gives to the variables of an architecture, read from a table that
 * comes with this package ({@code names/*.txt}, whose heads describe the form).
 *
 * @param theirs our full names to theirs
 * @param places another way to their names: class and place in the model's list of layers, for
 *     files that lack names; empty if the library does not have such files
 * @param ignored endings of their names that stand for no variable of a network, such as counters
 */
record NameTable(Map<String, String> theirs, Map<String, String> places, List<String> ignored) {

  /** A variable of a kind of layer: the end of our name, and a pattern for theirs. */
  private record Rule(String kind, String suffix, String template) {}

  /**
   * The table of a library and an architecture.
   *
   * @throws IllegalArgumentException if there is none, which means that the library has no such
   *     network
   */
  static NameTable load(String library, Architecture architecture) throws IOException {
    try (InputStream stream =
        NameTable.class.getResourceAsStream(resource(library, architecture))) {
      if (stream == null) {
        throw new IllegalArgumentException(
            library + " has no " + architecture + ", as far as is known here");
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
      return parse(lines.lines().toList(), architecture.variableScope());
    }
  }

  /** Whether the library has the network, as far as is known here. */
  static boolean exists(String library, Architecture architecture) {
    return NameTable.class.getResource(resource(library, architecture)) != null;
  }

  private static String resource(String library, Architecture architecture) {
    return "names/" + library + "-" + architecture + ".txt";
  }

  private static NameTable parse(List<String> lines, String scope) {
    List<Rule> rules = new ArrayList<>();
    Map<String, String> theirs = new LinkedHashMap<>();
    List<String> ignored = new ArrayList<>();
    Map<String, String> order = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("# ")) {
        continue;
      }
      String[] words = line.split(" +");
      if (words[0].equals("order")) {
        for (int i = 2; i < words.length; i++) {
          int place = counts.merge(words[1], 1, Integer::sum);
          order.put(words[i], words[1] + "@" + place);
        }
      } else if (words[0].equals("rule")) {
        rules.add(new Rule(words[1], words[2], words[3]));
      } else if (words[0].equals("ignore")) {
        ignored.add(words[1]);
      } else {
        for (Rule rule : rules) {
          if (rule.kind().equals(words[0])) {
            String name = rule.template().replace("{1}", words[2]);
            theirs.put(
                scope + "/" + words[1] + "/" + rule.suffix(),
                words.length > 3 ? name.replace("{2}", words[3]) : name);
          }
        }
      }
    }
    Map<String, String> places = new LinkedHashMap<>();
    theirs.forEach(
        (ours, name) -> {
          int end = name.lastIndexOf('/');
          String place = end < 0 ? null : order.get(name.substring(0, end));
          if (place != null) {
            places.put(ours, place + name.substring(end));
          }
        });
    return new NameTable(theirs, places, ignored);
  }
}
