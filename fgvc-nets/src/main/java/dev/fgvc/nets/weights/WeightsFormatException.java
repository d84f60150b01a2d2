package dev.fgvc.nets.weights;

import java.nio.file.Path;

/** A weights file that cannot be what it claims to be; the message names the file and the place. */
public final class WeightsFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  WeightsFormatException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
