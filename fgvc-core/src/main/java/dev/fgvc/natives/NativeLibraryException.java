package dev.fgvc.natives;

/**
 * A native library is missing, cannot be loaded, or failed in a computation. The message says what
 * was being done and what to do; the native library's own words are the cause.
 */
public final class NativeLibraryException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the native library's own words.
   *
   * @param message what failed and what to do
   * @param cause as it was thrown
   */
  public NativeLibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
