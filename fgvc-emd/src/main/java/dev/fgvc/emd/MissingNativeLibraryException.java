package dev.fgvc.emd;

/**
 * ND4J or its native library is not on the class path, or does not run on this machine. The message
 * names the Maven artifacts to add.
 */
public final class MissingNativeLibraryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message which artifact to add
   * @param cause what the loader said
   */
  public MissingNativeLibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
