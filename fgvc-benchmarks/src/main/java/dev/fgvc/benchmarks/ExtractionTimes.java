package dev.fgvc.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The times of a process that extracts twice, in seconds. The process says where it is by a line on
 * its standard output, and then waits for one on its standard input: what its work has taken can
 * only be seen while it, and whatever works for it, is there.
 *
 * @param extraction the second extraction
 * @param cpu of all processors, for the second extraction
 * @param whole from the start to the end of the first extraction
 */
record ExtractionTimes(double extraction, double cpu, double whole) {

  private static final String KEPT = "kept";
  private static final String SECONDS = "seconds ";

  /** Starts a process. */
  @FunctionalInterface
  interface Start {
    Process start() throws IOException;
  }

  /** Tells, in the process, that the first extraction is done and its features are kept. */
  static void sayKept() throws IOException {
    say(KEPT);
  }

  /** Tells, in the process, that the second extraction is done. */
  static void sayExtracted(double seconds) throws IOException {
    say(SECONDS + seconds);
  }

  private static void say(String line) throws IOException {
    System.out.println(line);
    if (System.in.read() < 0) {
      throw new IllegalStateException("whoever measures this process has gone");
    }
  }

  /**
   * Runs a process to its end.
   *
   * @param name what messages call it
   * @param start starts it, with its standard error in a file
   * @param errors that file
   * @param others do a part of its work
   * @throws IllegalStateException if it fails, or a processor time is not known
   */
  static ExtractionTimes of(
      String name, Start start, Path errors, Supplier<Stream<ProcessHandle>> others)
      throws IOException, InterruptedException {
    double extraction = 0;
    double cpu = 0;
    double whole = 0;
    CpuTimes first = CpuTimes.of(Stream.empty());
    long begin = System.nanoTime();
    Process process = start.start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (line != null) {
        if (line.equals(KEPT)) {
          whole = (System.nanoTime() - begin) / 1e9;
          first = cpuTimes(process, others);
          letGoOn(process);
        } else if (line.startsWith(SECONDS)) {
          extraction = Double.parseDouble(line.substring(SECONDS.length()));
          cpu = cpuTimes(process, others).secondsSince(first);
          letGoOn(process);
        }
        line = lines.readLine();
      }
      if (process.waitFor() != 0 || whole == 0 || extraction == 0) {
        throw new IllegalStateException(
            name + " has failed, " + process + ": " + Files.readString(errors));
      }
    } finally {
      process.destroyForcibly();
    }
    return new ExtractionTimes(extraction, cpu, whole);
  }

  private static CpuTimes cpuTimes(Process process, Supplier<Stream<ProcessHandle>> others) {
    return CpuTimes.of(Stream.concat(Stream.of(process.toHandle()), others.get()));
  }

  private static void letGoOn(Process process) {
    try {
      Writer input = process.outputWriter(StandardCharsets.UTF_8);
      input.write('\n');
      input.flush();
    } catch (IOException e) {
      // It has ended, and its exit status tells how.
    }
  }
}
