package dev.fgvc.data;

import java.nio.file.Path;
import java.util.Objects;

/**
 * An encoded image file and its class.
 *
 * @param path where the file is
 * @param label the class, from 0 to the class count of the data set less 1
 */
public record LabeledImage(Path path, int label) {

  /**
   * Refuses a negative label.
   *
   * @param path where the file is
   * @param label the class, at least 0
   */
  public LabeledImage {
    Objects.requireNonNull(path, "path");
    if (label < 0) {
      throw new IllegalArgumentException(path + ": label " + label + " is negative");
    }
  }
}
