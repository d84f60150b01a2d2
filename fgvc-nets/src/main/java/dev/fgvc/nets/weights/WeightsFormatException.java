package dev.fgvc.nets.weights;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/** A weights file that cannot be what it claims to be; the message names the file and the place. */
public final class WeightsFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Path file;

  /** Bytes from the start of the file, or -1 where no single place is to blame. */
  private final long offset;

  WeightsFormatException(Path file, String problem) {
    super(file + ": " + problem);
    this.file = file;
    this.offset = -1;
  }

  WeightsFormatException(Path file, long offset, String expected, String found) {
    super(
        String.format(
            Locale.ROOT, "%s, byte %d: expected %s, found %s", file, offset, expected, found));
    this.file = file;
    this.offset = offset;
  }

  /**
   * The damaged file.
   *
   * @return its path, as it was given
   */
  public Path file() {
    return file;
  }

  /**
   * Where in the file the damage shows.
   *
   * @return bytes from the start, or empty where no single place is to blame
   */
  public OptionalLong offset() {
    return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
  }
}
