package dev.fgvc.artifact;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Artifacts that this library finds on the class path and those that are missing, with the lines to
 * add.
 *
 * @param platform this machine's name for native libraries, such as {@code linux-x86_64}
 * @param entries one for each thing that needs artifacts of its own
 */
public record ClassPathReport(String platform, List<Entry> entries) {

  /** Copies the entries. */
  public ClassPathReport {
    entries = List.copyOf(entries);
  }

  /**
   * One thing that needs artifacts of its own.
   *
   * @param purpose such as {@code OpenCV, to decode images}
   * @param present the artifacts that are there
   * @param missing the artifacts to add
   * @param problem why it cannot be used though nothing is missing; empty if it can
   */
  public record Entry(
      String purpose, List<Artifact> present, List<Artifact> missing, String problem) {

    /** Copies the artifacts. */
    public Entry {
      present = List.copyOf(present);
      missing = List.copyOf(missing);
    }

    /**
     * Whether it can be used.
     *
     * @return true if nothing is missing and there is no problem
     */
    public boolean isUsable() {
      return missing.isEmpty() && problem.isEmpty();
    }

    /** The purpose, then a line for each artifact. */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(purpose);
      text.append(isUsable() ? ": ready" : missing.isEmpty() ? ": " + problem : ": not usable");
      present.forEach(artifact -> text.append("\n  found   ").append(artifact));
      missing.forEach(artifact -> text.append("\n  missing ").append(artifact));
      return text.toString();
    }
  }

  /**
   * All artifacts that are missing.
   *
   * @return each once, in the order of the entries
   */
  public List<Artifact> missing() {
    return entries.stream().flatMap(entry -> entry.missing().stream()).distinct().toList();
  }

  /**
   * Returns the lines to add to the dependencies of a Maven POM.
   *
   * @return a line for each missing artifact; empty if none is
   */
  public String maven() {
    return lines(Artifact::maven);
  }

  /**
   * Returns the lines to add to the dependencies of a Gradle build.
   *
   * @return a line for each missing artifact; empty if none is
   */
  public String gradle() {
    return lines(Artifact::gradle);
  }

  private String lines(Function<Artifact, String> line) {
    return missing().stream().map(line).collect(Collectors.joining("\n"));
  }

  /** All entries, then the lines to add for what is missing. */
  @Override
  public String toString() {
    String text =
        entries.stream()
            .map(Entry::toString)
            .collect(Collectors.joining("\n", "Platform " + platform + "\n", ""));
    return missing().isEmpty()
        ? text
        : text
            + "\n\nAdd what you need, with Maven:\n"
            + maven()
            + "\n\nor with Gradle:\n"
            + gradle();
  }
}
