package dev.fgvc.loader;

import java.nio.file.Path;

/**
 * An image that an epoch went on without.
 *
 * @param position where it stands in the data set
 * @param path its file
 * @param reason what is wrong with it
 */
public record SkippedImage(int position, Path path, String reason) {

  /** Such as {@code a/b.jpg: empty file}. */
  @Override
  public String toString() {
    return path + ": " + reason;
  }
}
