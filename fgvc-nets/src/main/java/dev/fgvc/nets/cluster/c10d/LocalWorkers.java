package dev.fgvc.nets.cluster.c10d;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.fgvc.nets.engine.ProcessGroupException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Processes of one group on this machine: each runs the same main class on this process's Java and
 * class path, and joins by {@link GlooGroup#join()}. They meet by a file in a folder that this user
 * alone can read, and listen on the loopback interface alone. Immutable: each {@code with} method
 * returns new settings.
 *
 * <pre>{@code
 * LocalWorkers.of(TrainBirds.class, 2).withThreads(8).withRestarts(3).run();
 * }</pre>
 */
public final class LocalWorkers {

  /** For a process to end by itself, before it is killed. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Class<?> main;
  private final int count;
  private final List<String> arguments;
  private final List<String> jvmOptions;
  private final int threads;
  private final Duration timeout;
  private final int restarts;
  private final Optional<Path> logs;

  private LocalWorkers(
      Class<?> main,
      int count,
      List<String> arguments,
      List<String> jvmOptions,
      int threads,
      Duration timeout,
      int restarts,
      Optional<Path> logs) {
    this.main = main;
    this.count = count;
    this.arguments = arguments;
    this.jvmOptions = jvmOptions;
    this.threads = threads;
    this.timeout = timeout;
    this.restarts = restarts;
    this.logs = logs;
  }

  /**
   * Processes with one thread each, a time-out of ten minutes and no restarts.
   *
   * @param main a class with a main method
   * @param count of processes, at least 1
   * @return the settings
   */
  public static LocalWorkers of(Class<?> main, int count) {
    requireAtLeast(1, count, "processes");
    return new LocalWorkers(
        main, count, List.of(), List.of(), 1, Duration.ofMinutes(10), 0, Optional.empty());
  }

  private static void requireAtLeast(int least, int value, String what) {
    if (value < least) {
      throw new IllegalArgumentException(value + " " + what + ": at least " + least);
    }
  }

  /**
   * The same with arguments.
   *
   * @param values for the main method of each process
   * @return new settings
   */
  public LocalWorkers withArguments(List<String> values) {
    return new LocalWorkers(
        main, count, List.copyOf(values), jvmOptions, threads, timeout, restarts, logs);
  }

  /**
   * The same with options of the virtual machine; this process's own are not handed down.
   *
   * @param values such as {@code -Xmx2g} and {@code --enable-native-access=ALL-UNNAMED}
   * @return new settings
   */
  public LocalWorkers withJvmOptions(List<String> values) {
    return new LocalWorkers(
        main, count, arguments, List.copyOf(values), threads, timeout, restarts, logs);
  }

  /**
   * The same with other numbers of threads. Results depend on it, in their last bits.
   *
   * @param value of libtorch in each process, by the variable OMP_NUM_THREADS; at least 1, and best
   *     all cores divided by the number of processes
   * @return new settings
   */
  public LocalWorkers withThreads(int value) {
    requireAtLeast(1, value, "threads");
    return new LocalWorkers(main, count, arguments, jvmOptions, value, timeout, restarts, logs);
  }

  /**
   * The same with another time-out.
   *
   * @param value as {@link GlooGroup.Builder#timeout}
   * @return new settings
   */
  public LocalWorkers withTimeout(Duration value) {
    return new LocalWorkers(main, count, arguments, jvmOptions, threads, value, restarts, logs);
  }

  /**
   * The same starting all processes again when one has failed: training with checkpoints goes on
   * from the newest.
   *
   * @param most how often at most, at least 0
   * @return new settings
   */
  public LocalWorkers withRestarts(int most) {
    requireAtLeast(0, most, "restarts");
    return new LocalWorkers(main, count, arguments, jvmOptions, threads, timeout, most, logs);
  }

  /**
   * The same with what the processes print in files.
   *
   * @param folder gets {@code rank-0.log} and so on, where each start adds to what is there; made
   *     if it is not there. Unless set, all goes where this process's output goes
   * @return new settings
   */
  public LocalWorkers withLogs(Path folder) {
    return new LocalWorkers(
        main, count, arguments, jvmOptions, threads, timeout, restarts, Optional.of(folder));
  }

  /**
   * Starts the processes and waits until all have ended with status 0. When one fails the others,
   * which notice it, are given a few seconds to say so, and then stopped. All are stopped when this
   * process is asked to end.
   *
   * @throws ProcessGroupException if a process has failed as often as may be, naming its rank and
   *     status
   * @throws CancellationException if the calling thread is interrupted; the processes are stopped
   * @throws UncheckedIOException if a process cannot be started
   */
  public void run() {
    try {
      Path folder = Files.createTempDirectory("fgvc-group");
      try {
        Optional<String> failure = attempt(folder, 0);
        for (int again = 1; again <= restarts && failure.isPresent(); again++) {
          failure = attempt(folder, again);
        }
        if (failure.isPresent()) {
          throw new ProcessGroupException(failure.get());
        }
      } finally {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the processes cannot be started: " + e, e);
    }
  }

  /** Runs all processes once; says which has failed, if one has. */
  private Optional<String> attempt(Path folder, int attempt) throws IOException {
    List<Process> processes = new ArrayList<>();
    Thread stop = new Thread(() -> stop(processes), "fgvc-stop-workers");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      for (int rank = 0; rank < count; rank++) {
        synchronized (processes) {
          processes.add(command(folder.resolve("store"), rank, attempt).start());
        }
      }
      return await(processes);
    } finally {
      stop(processes);
      removeHook(stop);
    }
  }

  private ProcessBuilder command(Path store, int rank, int attempt) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    for (String property :
        List.of(
            "rank=" + rank,
            "size=" + count,
            "store=" + store,
            "attempt=" + attempt,
            "timeout=" + timeout)) {
      command.add("-D" + GlooGroup.PROPERTIES + property);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    if (logs.isPresent()) {
      Files.createDirectories(logs.get());
      File log = logs.get().resolve("rank-" + rank + ".log").toFile();
      builder.redirectErrorStream(true).redirectOutput(Redirect.appendTo(log));
    }
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    return builder;
  }

  private static Optional<String> await(List<Process> processes) {
    List<Process> running = new ArrayList<>(processes);
    try {
      while (!running.isEmpty()) {
        CompletableFuture.anyOf(
                running.stream().map(Process::onExit).toArray(CompletableFuture[]::new))
            .get();
        Optional<Process> failed =
            running.stream()
                .filter(process -> !process.isAlive() && process.exitValue() != 0)
                .findFirst();
        if (failed.isPresent()) {
          awaitAll(processes);
          return Optional.of(failure(processes, failed.get()));
        }
        running.removeIf(process -> !process.isAlive());
      }
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for processes");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // nothing fails in waiting
    }
  }

  private static String failure(List<Process> processes, Process failed) {
    return String.format(
        Locale.ROOT,
        "rank %d of %d ended with status %d, and the others were stopped: see what they printed",
        processes.indexOf(failed),
        processes.size(),
        failed.exitValue());
  }

  /** Gives processes some time to end. */
  private static void awaitAll(List<Process> processes) throws InterruptedException {
    long end = System.nanoTime() + GRACE.toNanos();
    for (Process process : processes) {
      process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  private static void stop(List<Process> processes) {
    List<Process> all;
    synchronized (processes) {
      all = List.copyOf(processes);
    }
    all.forEach(Process::destroy);
    try {
      awaitAll(all);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(Process::destroyForcibly);
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This process is ending, and the hook runs.
    }
  }
}
