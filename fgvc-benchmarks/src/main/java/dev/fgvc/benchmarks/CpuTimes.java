package dev.fgvc.benchmarks;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The time that processes have taken of all processors since they began, as seen at one moment.
 *
 * @param times of each process
 */
record CpuTimes(Map<ProcessHandle, Duration> times) {

  /** Copies the times. */
  CpuTimes {
    times = Collections.unmodifiableMap(new LinkedHashMap<>(times));
  }

  /**
   * Looks at processes.
   *
   * @throws IllegalStateException if the time of one is not known, as when it has ended
   */
  static CpuTimes of(Stream<ProcessHandle> processes) {
    Map<ProcessHandle, Duration> times = new LinkedHashMap<>();
    processes.forEach(process -> times.put(process, time(process)));
    return new CpuTimes(times);
  }

  private static Duration time(ProcessHandle process) {
    return process
        .info()
        .totalCpuDuration()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the processor time of process "
                        + process.pid()
                        + " is missing: "
                        + (process.isAlive()
                            ? "this system does not tell it"
                            : "the process has ended")));
  }

  /**
   * Returns the seconds that were taken in the meantime; of a new process, all that it has taken.
   *
   * @throws IllegalStateException if a process of the earlier look is not in this one
   */
  double secondsSince(CpuTimes earlier) {
    for (ProcessHandle process : earlier.times.keySet()) {
      if (!times.containsKey(process)) {
        throw new IllegalStateException(
            "the processor time of process "
                + process.pid()
                + " is missing: it was there at the first look and has gone by the second");
      }
    }
    return (nanos() - earlier.nanos()) / 1e9;
  }

  private long nanos() {
    return times.values().stream().mapToLong(Duration::toNanos).sum();
  }
}
