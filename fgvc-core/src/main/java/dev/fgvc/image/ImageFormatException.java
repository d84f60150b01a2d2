package dev.fgvc.image;

import java.nio.file.Path;

/**
 * An image file that cannot be decoded whole: empty, truncated, damaged, neither JPEG, PNG nor
 * WebP, or of more pixels than may be decoded. The message names the file and the reason.
 */
public final class ImageFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The path as text, as not every path can be serialized. */
  private final String file;

  /** The fault, without the file's name. */
  private final String reason;

  ImageFormatException(Path file, String reason) {
    super(file + ": " + reason);
    this.file = file.toString();
    this.reason = reason;
  }

  ImageFormatException(Path file, String reason, Throwable cause) {
    this(file, reason);
    initCause(cause);
  }

  /**
   * The exception for damage that another process has found.
   *
   * @param file its path
   * @param reason what is wrong with the file
   * @return to be thrown
   */
  public static ImageFormatException of(Path file, String reason) {
    return new ImageFormatException(file, reason);
  }

  /**
   * The damaged file.
   *
   * @return its path
   */
  public Path file() {
    return Path.of(file);
  }

  /**
   * Returns the fault that was found in the file.
   *
   * @return the reason without the file's name
   */
  public String reason() {
    return reason;
  }
}
