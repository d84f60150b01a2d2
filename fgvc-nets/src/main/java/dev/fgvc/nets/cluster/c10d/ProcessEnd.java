package dev.fgvc.nets.cluster.c10d;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.concurrent.CancellationException;

/**
 * The end of this process together with others, as by a terminal's signal, which goes to all of
 * them. They end in any order, so that calls fail whose exceptions would be the last that the user
 * reads, though nothing is wrong.
 */
final class ProcessEnd {

  /**
   * How long a call is held at most: longer than a process takes to end, and short enough for
   * whoever waits for its thread.
   */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * How long a signal to several processes may take to come to this one after another has ended.
   */
  static final Duration SIGNAL_DELAY = Duration.ofSeconds(1);

  private ProcessEnd() {}

  /**
   * Adds something to be done at the end.
   *
   * @throws CancellationException if the process is ending already
   */
  static void add(Thread hook) {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new CancellationException("this process is ending");
    }
  }

  static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook runs.
    }
  }

  static boolean hasBegun() {
    Thread nothing = new Thread("fgvc-nothing");
    try {
      add(nothing);
      remove(nothing);
      return false;
    } catch (CancellationException e) {
      return true;
    }
  }

  /** Waits for this process to begin to end, by the signal that may have ended another one. */
  static void awaitSignal() {
    long end = System.nanoTime() + SIGNAL_DELAY.toNanos();
    while (!hasBegun() && System.nanoTime() - end < 0) {
      Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(10));
    }
  }

  /** Keeps the calling thread if the process is ending, until it has; not for ever. */
  static void hold() {
    if (hasBegun()) {
      Uninterruptibles.sleepUninterruptibly(PATIENCE);
    }
  }
}
