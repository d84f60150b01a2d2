package dev.fgvc.nets.engine;

/** Another process of a group has ended or failed, does not answer, or could not be reached. */
public final class ProcessGroupException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * Makes one.
   *
   * @param message what was being done, what happened, and what to do
   */
  public ProcessGroupException(String message) {
    super(message);
  }

  /**
   * Makes one with a cause.
   *
   * @param message what was being done, what happened, and what to do
   * @param cause the library's own words
   */
  public ProcessGroupException(String message, Throwable cause) {
    super(message, cause);
  }
}
