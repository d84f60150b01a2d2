package dev.fgvc.data;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * An encoded image file and its class.
 *
 * @param path where the file is
 * @param label the class, from 0 to the class count of the data set less 1
 * @param box where the object is in the picture, if that is annotated
 */
public record LabeledImage(Path path, int label, Optional<BoundingBox> box) {

  /** Refuses a negative label. */
  public LabeledImage {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(box, "box");
    if (label < 0) {
      throw new IllegalArgumentException(path + ": label " + label + " is negative");
    }
  }

  /**
   * An image without a box.
   *
   * @param path where the file is
   * @param label the class, at least 0
   */
  public LabeledImage(Path path, int label) {
    this(path, label, Optional.empty());
  }
}
