package dev.fgvc.artifact;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something was asked for that needs an artifact which is not on the class path: a native library,
 * its Java binding, or a reader of a file format. The message names each with its version.
 */
public final class MissingArtifactException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable List<Artifact> missing;

  /**
   * Makes the exception.
   *
   * @param problem what cannot be done, as {@code libtorch is not usable here}
   * @param missing the artifacts to add, at least one
   * @param cause what the class loader said
   */
  public MissingArtifactException(String problem, List<Artifact> missing, Throwable cause) {
    super(message(problem, missing), cause);
    this.missing = List.copyOf(missing);
  }

  /**
   * Makes the exception where nothing was tried.
   *
   * @param problem what cannot be done
   * @param missing the artifacts to add, at least one
   */
  public MissingArtifactException(String problem, List<Artifact> missing) {
    super(message(problem, missing));
    this.missing = List.copyOf(missing);
  }

  /**
   * The message of the exception, for what tells it without throwing.
   *
   * @param problem what cannot be done
   * @param missing the artifacts to add, at least one
   * @return one line
   */
  public static String message(String problem, List<Artifact> missing) {
    return missing.stream()
        .map(Artifact::toString)
        .collect(Collectors.joining(", ", problem + ": add to the class path ", ""));
  }

  /**
   * The artifacts to add.
   *
   * @return at least one, or none after this was read from a stream of objects; {@link
   *     Artifact#maven} and {@link Artifact#gradle} give the lines
   */
  public List<Artifact> missing() {
    return missing == null ? List.of() : missing;
  }
}
