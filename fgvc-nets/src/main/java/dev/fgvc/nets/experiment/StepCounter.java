package dev.fgvc.nets.experiment;

import dev.fgvc.progress.Progress;

/** Reports the steps of several pieces of work as those of one. */
final class StepCounter {

  private final Progress listener;
  private final String task;
  private final long total;
  private long done;

  /** Reports at once that nothing is done yet, so that a reader sees what is to come. */
  StepCounter(Progress listener, String task, long total) {
    this.listener = listener;
    this.task = task;
    this.total = total;
    report();
  }

  /** A listener for the next piece, whose steps add to those of the pieces before. */
  Progress piece() {
    long before = done;
    return (name, steps, all, note) -> {
      done = before + steps;
      report();
    };
  }

  /** Counts one step. */
  void step() {
    done++;
    report();
  }

  private void report() {
    listener.report(task, done, total, "");
  }
}
