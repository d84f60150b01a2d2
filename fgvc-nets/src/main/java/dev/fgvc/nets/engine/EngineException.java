package dev.fgvc.nets.engine;

/** An engine that is absent or a native computation that failed; the message says what to do. */
public final class EngineException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure without a native cause.
   *
   * @param message what failed and what to do
   */
  public EngineException(String message) {
    super(message);
  }

  /**
   * A failure that the native library reported.
   *
   * @param message what failed and what to do
   * @param cause the native library's own words
   */
  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
