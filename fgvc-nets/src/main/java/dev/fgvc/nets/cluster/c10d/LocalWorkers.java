package dev.fgvc.nets.cluster.c10d;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.common.util.concurrent.Uninterruptibles;
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
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;

/**
 * Processes of one group on this machine: each runs the same main class on this process's Java and
 * class path, and joins by {@link GlooGroup#join()} or, each with the GPU of its rank, {@link
 * NcclGroup#join()}. They meet by a file in a folder that this user alone can read, and listen on
 * the loopback interface alone. Immutable: each {@code with} method returns new settings.
 *
 * <pre>{@code
 * LocalWorkers.of(TrainBirds.class, 2).withThreads(8).withRestarts(3).run();
 * }</pre>
 */
public final class LocalWorkers {

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
    return new LocalWorkers(
        main,
        count,
        arguments,
        jvmOptions,
        threads,
        GroupBuilder.requireTimeout(value),
        restarts,
        logs);
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
   * process is asked to end, as by a terminal's Ctrl-C: the call then throws nothing before it has
   * ended.
   *
   * @throws ProcessGroupException if a process has failed as often as may be, naming its rank and
   *     status
   * @throws CancellationException if the calling thread is interrupted, or this process is asked to
   *     end; the processes are stopped
   * @throws UncheckedIOException if a process cannot be started
   */
  public void run() {
    CountDownLatch done = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> Uninterruptibles.awaitUninterruptibly(done, ProcessEnd.PATIENCE),
            "fgvc-await-clean-up");
    try {
      ProcessEnd.add(hook);
      runAll();
    } finally {
      done.countDown();
      ProcessEnd.remove(hook);
      ProcessEnd.hold();
    }
  }

  private void runAll() {
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
    try (WorkerProcesses processes = new WorkerProcesses(count)) {
      for (int rank = 0; rank < count; rank++) {
        processes.start(command(folder.resolve("store"), rank, attempt));
      }
      return processes.await();
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
            "gpu=" + rank,
            "store=" + store,
            "attempt=" + attempt,
            "timeout=" + timeout)) {
      command.add("-D" + GroupProperties.PREFIX + property);
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
}
