package dev.fgvc.nets.cluster.c10d;

import java.util.Optional;
import java.util.function.Function;

/** The system properties that tell a process its place in a group. */
final class GroupProperties {

  /** Their names begin so. */
  static final String PREFIX = "fgvc.group.";

  private GroupProperties() {}

  /**
   * The value of a property.
   *
   * @throws IllegalArgumentException if it cannot be parsed
   */
  static <T> Optional<T> find(String name, Function<String, T> parse) {
    Optional<String> text = Optional.ofNullable(System.getProperty(PREFIX + name));
    try {
      return text.map(parse);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the system property " + PREFIX + name + " is '" + text.orElseThrow() + "'", e);
    }
  }

  /**
   * The value of a property that must be there.
   *
   * @throws IllegalStateException if it is not
   */
  static <T> T required(String name, Function<String, T> parse) {
    return find(name, parse)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the system property "
                        + PREFIX
                        + name
                        + " is not set: start this process with LocalWorkers, or set "
                        + PREFIX
                        + "rank, size and store"));
  }

  static int rank() {
    return required("rank", Integer::parseInt);
  }

  static int size() {
    return required("size", Integer::parseInt);
  }
}
