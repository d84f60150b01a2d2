package dev.fgvc.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process that works until it is ended.
 *
 * @param name what messages call it
 * @param log has all that it says
 */
record Daemon(String name, Process process, Path log) {

  private static final int POLL_MILLISECONDS = 50;

  static Daemon start(String name, ProcessBuilder builder, Path log) throws IOException {
    return new Daemon(
        name, builder.redirectErrorStream(true).redirectOutput(log.toFile()).start(), log);
  }

  /**
   * Waits until the process says something.
   *
   * @return what it says
   * @throws IllegalStateException if it ends, or says nothing of the kind in time
   */
  String await(Pattern pattern, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      boolean late = System.nanoTime() - end > 0;
      boolean alive = process.isAlive();
      Matcher found = pattern.matcher(output());
      if (found.find()) {
        return found.group();
      }
      if (!alive) {
        requireRunning();
      }
      if (late) {
        throw new IllegalStateException(
            name
                + " has not said '"
                + pattern
                + "' in "
                + limit.toMillis() / 1e3
                + " s: "
                + output());
      }
      Thread.sleep(POLL_MILLISECONDS);
    }
  }

  private String output() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Refuses to go on without the process.
   *
   * @throws IllegalStateException if it has ended
   */
  void requireRunning() {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          name + " has ended with status " + process.exitValue() + ": " + output());
    }
  }

  /**
   * Ends processes and what they have started: asks them to, and forces those that do not.
   *
   * @param patience how long to wait each time
   * @throws IllegalStateException if one that was forced is still there
   */
  static void end(Duration patience, List<Daemon> daemons) {
    List<ProcessHandle> all =
        daemons.stream()
            .map(daemon -> daemon.process.toHandle())
            .flatMap(process -> Stream.concat(process.descendants(), Stream.of(process)))
            .toList();
    all.forEach(ProcessHandle::destroy);
    if (!haveEnded(all, patience)) {
      all.forEach(ProcessHandle::destroyForcibly);
      if (!haveEnded(all, patience)) {
        throw new IllegalStateException(
            "processes that were killed are still there: "
                + all.stream().filter(ProcessHandle::isAlive).map(ProcessHandle::pid).toList());
      }
    }
  }

  /** An interrupt ends the wait, and the thread stays interrupted. */
  private static boolean haveEnded(List<ProcessHandle> processes, Duration patience) {
    CompletableFuture<Void> end =
        CompletableFuture.allOf(
            processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
    try {
      end.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // nothing fails in waiting
    }
  }
}
