package dev.fgvc.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * Bounds on the CPU time of work, for tests that a reader's or an algorithm's time does not grow by
 * the square. Other processes lengthen the time on the clock, and this hardly.
 */
public final class CpuTime {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private CpuTime() {}

  /** Does the work, and fails if this thread has computed longer than the bound. */
  public static void requireAtMost(Duration bound, ThrowingCallable work) throws Throwable {
    long start = THREADS.getCurrentThreadCpuTime();
    work.call();
    Duration taken = Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - start);
    assertThat(taken).as("CPU time").isLessThanOrEqualTo(bound);
  }
}
