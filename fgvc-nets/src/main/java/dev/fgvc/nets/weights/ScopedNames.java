package dev.fgvc.nets.weights;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds known names after scopes that a file puts before them. */
final class ScopedNames {

  private ScopedNames() {}

  /**
   * Splits every name at its separators and keeps those whose end is wanted.
   *
   * @param names full names of a file
   * @param separator between the parts of a name
   * @param wrappers parts of names that wrappers insert, with their separator; those inside a name
   *     count for nothing
   */
  static Map<String, Map<String, String>> find(
      Collection<String> names, Set<String> wanted, char separator, Pattern wrappers) {
    int mostParts = wanted.stream().mapToInt(name -> parts(name, separator)).max().orElse(0);
    Map<String, Map<String, String>> scopes = new LinkedHashMap<>();
    for (String name : names) {
      String plain = wrappers.matcher(name).replaceAll("");
      int start = plain.length();
      for (int part = 0; part < mostParts && start > 0; part++) {
        start = plain.lastIndexOf(separator, start - 2) + 1;
        if (wanted.contains(plain.substring(start))) {
          String twin =
              scopes
                  .computeIfAbsent(plain.substring(0, start), scope -> new LinkedHashMap<>())
                  .put(plain.substring(start), name);
          if (twin != null) {
            throw new IllegalArgumentException(
                "'" + twin + "' and '" + name + "' are one variable, so neither can be taken");
          }
        }
      }
    }
    return scopes;
  }

  private static int parts(String name, char separator) {
    return 1 + (int) name.chars().filter(letter -> letter == separator).count();
  }
}
