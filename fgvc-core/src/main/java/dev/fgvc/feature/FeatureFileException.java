package dev.fgvc.feature;

import java.nio.file.Path;

/** A feature file that cannot be used as it is: damaged, of the wrong type, or inconsistent. */
public final class FeatureFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Path file;

  /**
   * Makes the exception.
   *
   * @param file the file at fault
   * @param problem what was expected and what was found
   */
  public FeatureFileException(Path file, String problem) {
    super(file + ": " + problem);
    this.file = file;
  }

  /**
   * The file at fault.
   *
   * @return the path as the caller gave it
   */
  public Path file() {
    return file;
  }
}
