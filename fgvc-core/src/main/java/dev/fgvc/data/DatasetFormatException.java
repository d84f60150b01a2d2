package dev.fgvc.data;

import java.nio.file.Path;

/**
 * A data set on disk is not what its layout promises. The message names the file, the line or entry
 * where there is one, what was expected and what was found.
 */
public final class DatasetFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DatasetFormatException(ListPlace place, String problem) {
    super(place + ": " + problem);
  }

  DatasetFormatException(Path file, String problem) {
    this(ListPlace.whole(file), problem);
  }
}
