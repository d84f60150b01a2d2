package dev.fgvc.nets.backbone;

import java.nio.file.Path;

/**
 * A model, or a file of settings beside it, that cannot be what it claims to be; the message names
 * the file, what was expected and what was found.
 */
public final class BackboneFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The path as text, as not every path can be serialized. */
  private final String file;

  BackboneFormatException(Path file, String problem) {
    super(file + ": " + problem);
    this.file = file.toString();
  }

  BackboneFormatException(Path file, String problem, Throwable cause) {
    this(file, problem);
    initCause(cause);
  }

  /**
   * The file.
   *
   * @return its path
   */
  public Path file() {
    return Path.of(file);
  }
}
