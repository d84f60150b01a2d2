package dev.fgvc.data;

import java.nio.file.Path;

/**
 * A data set on disk is not what its layout promises. The message names the file, the line where
 * there is one, what was expected and what was found.
 */
public final class DatasetFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DatasetFormatException(Path file, int line, String problem) {
    super(file + ", line " + line + ": " + problem);
  }

  DatasetFormatException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
