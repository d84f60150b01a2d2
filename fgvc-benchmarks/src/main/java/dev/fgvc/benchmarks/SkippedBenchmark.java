package dev.fgvc.benchmarks;

/**
 * Thrown by a set-up for what this machine does not have. JMH prints the message in the place of a
 * result and goes on with the next benchmark.
 */
final class SkippedBenchmark extends RuntimeException {

  private static final long serialVersionUID = 1;

  SkippedBenchmark(String what, Throwable reason) {
    super("skipped, " + what + ": " + reason.getMessage(), null, false, false);
  }
}
