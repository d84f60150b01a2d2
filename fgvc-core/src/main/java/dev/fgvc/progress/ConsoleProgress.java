package dev.fgvc.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Progress as plain text, one line a report, at most one line a second while a task lasts:
 *
 * <pre>fine-tune birds 120/600 20% 12 s, 48 s left loss 1.234</pre>
 *
 * <p>The first report of a task and its last one are always printed, the last one also when another
 * task begins before the total is reached. The time left assumes that the rest goes on at the speed
 * since the first report.
 */
public final class ConsoleProgress implements Progress {

  private static final long NANOS = 1_000_000_000L;

  private final PrintStream out;
  private final long intervalNanos;
  private final boolean overwriting;
  private final LongSupplier nanoTime;

  // The task under way; guarded by this object's monitor.
  private String task = "";
  private long startNanos;
  private long startDone;
  private long printedNanos;
  private String heldBack = "";
  private int longest;

  ConsoleProgress(PrintStream out, long intervalNanos, boolean overwriting, LongSupplier nanoTime) {
    this.out = Objects.requireNonNull(out, "out");
    this.intervalNanos = intervalNanos;
    this.overwriting = overwriting;
    this.nanoTime = nanoTime;
  }

  /**
   * Writes lines to a stream, for logs as well as consoles.
   *
   * @param out where the lines go; not closed
   * @return the progress
   */
  public static ConsoleProgress to(PrintStream out) {
    return new ConsoleProgress(out, NANOS, false, System::nanoTime);
  }

  /**
   * Changes how often lines come.
   *
   * @param interval the least time between two lines of a task, not negative
   * @return a progress that has heard nothing yet
   */
  public ConsoleProgress withInterval(Duration interval) {
    if (interval.isNegative()) {
      throw new IllegalArgumentException("interval " + interval + " is negative");
    }
    return new ConsoleProgress(out, interval.toNanos(), overwriting, nanoTime);
  }

  /**
   * Writes each line of a task over the one before by a carriage return, for a console.
   *
   * @return a progress that has heard nothing yet
   */
  public ConsoleProgress overwriting() {
    return new ConsoleProgress(out, intervalNanos, true, nanoTime);
  }

  @Override
  public synchronized void report(String name, long done, long total, String note) {
    long now = nanoTime.getAsLong();
    boolean begins = !name.equals(task);
    if (begins) {
      finish();
      task = name;
      startNanos = now;
      startDone = done;
    }
    boolean ends = done == total;
    String line = line(name, done, total, note, now);
    if (begins || ends || now - printedNanos >= intervalNanos) {
      print(line, ends);
      printedNanos = now;
      heldBack = "";
    } else {
      heldBack = line;
    }
    if (ends) {
      task = "";
    }
  }

  /** Ends the task under way, if it was left before its total was reached. */
  private void finish() {
    if (!heldBack.isEmpty()) {
      print(heldBack, true);
      heldBack = "";
    } else if (overwriting && !task.isEmpty()) {
      out.println();
      longest = 0;
    }
  }

  private void print(String line, boolean last) {
    if (overwriting) {
      // Blanks wipe out what is left of a longer line.
      out.print("\r" + line + " ".repeat(Math.max(0, longest - line.length())));
      longest = last ? 0 : Math.max(longest, line.length());
      if (last) {
        out.println();
      }
    } else {
      out.println(line);
    }
    out.flush();
  }

  private String line(String name, long done, long total, String note, long now) {
    double seconds = (now - startNanos) / (double) NANOS;
    StringBuilder line = new StringBuilder(name).append(' ').append(done);
    if (total >= 0) {
      line.append('/').append(total);
      line.append(' ').append(total == 0 ? 100 : (long) (100.0 * done / total)).append('%');
    }
    line.append(' ').append(time(seconds));
    if (total > done && done > startDone) {
      double left = seconds / (done - startDone) * (total - done);
      line.append(", ").append(time(left)).append(" left");
    }
    return note.isEmpty() ? line.toString() : line.append(' ').append(note).toString();
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 120) {
      return whole + " s";
    }
    long minutes = whole / 60;
    return minutes < 120
        ? minutes + " min " + whole % 60 + " s"
        : minutes / 60 + " h " + minutes % 60 + " min";
  }
}
