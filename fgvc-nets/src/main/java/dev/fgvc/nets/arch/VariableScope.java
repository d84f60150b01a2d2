package dev.fgvc.nets.arch;

/**
 * A part of a network by the names of its variables: one or more whole parts of a name from its
 * start, or from its second part on, as the first is the network's own. So {@code unit_2} and
 * {@code net/unit_2} hold {@code net/unit_2/weights} and not {@code net/unit_20/weights}.
 *
 * @param path parts joined by slashes
 */
public record VariableScope(String path) {

  /**
   * Drops a slash at the end.
   *
   * @throws IllegalArgumentException if there is no part
   */
  public VariableScope {
    String parts = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    if (parts.isBlank()) {
      throw new IllegalArgumentException(
          "scope '" + path + "' is empty: give whole parts of variable names");
    }
    path = parts;
  }

  /**
   * Whether a variable lies in this scope, or is all of it.
   *
   * @param variable its full name
   * @return whether this scope holds it
   */
  public boolean holds(String variable) {
    String inside = path + "/";
    String closed = variable + "/";
    return closed.startsWith(inside) || closed.startsWith(inside, variable.indexOf('/') + 1);
  }
}
