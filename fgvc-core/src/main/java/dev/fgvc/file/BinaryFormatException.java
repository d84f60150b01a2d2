package dev.fgvc.file;

import java.util.Locale;

/** Bytes that are not what {@link BinaryReader} was asked to read, or are damaged. */
public final class BinaryFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param source where the bytes are from
   * @param offset of the byte at fault
   * @param problem what was expected and what was found
   */
  public BinaryFormatException(String source, long offset, String problem) {
    super(String.format(Locale.ROOT, "%s, byte %d: %s", source, offset, problem));
  }
}
