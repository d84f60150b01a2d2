package dev.fgvc.progress;

/**
 * Hears how far a long piece of work has come. Implementations return quickly and are called by one
 * thread at a time; the library itself never prints.
 */
@FunctionalInterface
public interface Progress {

  /**
   * Called after each finished step.
   *
   * @param task what is being done, in a few words, the same through one piece of work
   * @param done steps finished so far, at least 0
   * @param total steps in all, at least {@code done}, or -1 if that is not known
   * @param note a figure worth showing, such as the current loss; may be empty
   */
  void report(String task, long done, long total, String note);

  /**
   * A listener that hears nothing.
   *
   * @return a progress that ignores every report
   */
  static Progress none() {
    return (task, done, total, note) -> {};
  }
}
