package dev.fgvc.emd.internal.cost;

import dev.fgvc.progress.Progress;

/**
 * Tells how many rows of a pass over the costs have been read, from whichever threads read them.
 * Passes that end within a moment are not told.
 */
public final class PassProgress {

  /** Pairs of the smallest pass that is told. */
  public static final long TOLD_PAIRS = 1L << 24;

  private final Progress progress;
  private String task = "";
  private long rows;
  private long done;

  public PassProgress(Progress progress) {
    this.progress = progress;
  }

  /** Starts a pass. */
  public synchronized void begin(String pass, long passRows, long columns) {
    task = passRows * columns < TOLD_PAIRS ? "" : pass;
    rows = passRows;
    done = 0;
  }

  synchronized void add(int more) {
    if (!task.isEmpty() && done < rows) {
      done = Math.min(rows, done + more);
      progress.report(task, done, rows, "");
    }
  }
}
