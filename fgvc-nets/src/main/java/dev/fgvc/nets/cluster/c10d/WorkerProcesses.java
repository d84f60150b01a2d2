package dev.fgvc.nets.cluster.c10d;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The processes of one attempt of a {@link LocalWorkers}, by their rank; closing ends them. */
final class WorkerProcesses implements AutoCloseable {

  /** For a process to end by itself, before it is killed; and for a killed one to be gone. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  /** The signals by which a terminal, or who shuts a system down, ends many processes at once. */
  private static final Set<Integer> SIGNALS_TO_MANY = Set.of(1, 2, 15);

  /** A process that a signal ends has 128 and the signal's number as its status. */
  private static final int SIGNALS = 128;

  private final int count;
  private final List<Process> processes = new ArrayList<>();
  private final Thread hook = new Thread(this::stop, "fgvc-stop-workers");
  private boolean stopped;

  /**
   * Waits for the processes to be started, and stops them when this process is asked to end.
   *
   * @throws CancellationException if this process is ending already
   */
  WorkerProcesses(int count) {
    this.count = count;
    ProcessEnd.add(hook);
  }

  /**
   * Starts the next rank.
   *
   * @return its process, which stays this one's to end
   * @throws CancellationException if this process is ending, which stops all
   */
  synchronized Process start(ProcessBuilder next) throws IOException {
    requireGoingOn();
    Process process = next.start();
    processes.add(process);
    return process;
  }

  private synchronized void requireGoingOn() {
    if (stopped || ProcessEnd.hasBegun()) {
      throw new CancellationException("this process is ending");
    }
  }

  private synchronized List<Process> started() {
    return List.copyOf(processes);
  }

  /**
   * Waits until all have ended; says which have failed, if one has.
   *
   * @throws CancellationException if the calling thread is interrupted, or if this process is
   *     ending, which stops all: the status of a stopped process is no failure
   */
  Optional<String> await() {
    List<Process> all = started();
    List<Process> running = new ArrayList<>(all);
    try {
      while (!running.isEmpty()) {
        CompletableFuture.anyOf(
                running.stream().map(Process::onExit).toArray(CompletableFuture[]::new))
            .get();
        List<Process> failed = running.stream().filter(WorkerProcesses::hasFailed).toList();
        if (!failed.isEmpty()) {
          awaitAll(all);
          awaitOwnSignal(failed);
          requireGoingOn();
          return Optional.of(failure(all, failed));
        }
        running.removeIf(process -> !process.isAlive());
      }
      requireGoingOn();
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for processes");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // nothing fails in waiting
    }
  }

  private static boolean hasFailed(Process process) {
    return !process.isAlive() && process.exitValue() != 0;
  }

  /** Where a process was ended by a signal that this one may be about to get, waits for it. */
  private static void awaitOwnSignal(List<Process> failed) throws InterruptedException {
    boolean signalled =
        failed.stream()
            .anyMatch(process -> SIGNALS_TO_MANY.contains(process.exitValue() - SIGNALS));
    long end = System.nanoTime() + ProcessEnd.SIGNAL_DELAY.toNanos();
    while (signalled && !ProcessEnd.hasBegun() && System.nanoTime() < end) {
      Thread.sleep(10);
    }
  }

  /** The first to fail, one that was killed before any, as the others fail because of it. */
  private String failure(List<Process> all, List<Process> first) {
    Process failed =
        first.stream()
            .min(Comparator.comparing(process -> process.exitValue() <= SIGNALS))
            .orElseThrow();
    String others =
        all.stream()
            .filter(process -> process != failed && hasFailed(process))
            .map(process -> ", rank " + all.indexOf(process) + " with " + process.exitValue())
            .collect(Collectors.joining());
    return String.format(
        Locale.ROOT,
        "rank %d of %d ended with status %d%s, and the others were stopped: see what they printed",
        all.indexOf(failed),
        count,
        failed.exitValue(),
        others);
  }

  /** Gives processes some time to end. */
  private static void awaitAll(List<Process> processes) throws InterruptedException {
    long end = System.nanoTime() + GRACE.toNanos();
    for (Process process : processes) {
      process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  /** Those that are killed are waited for, since they hold the folder of the checkpoints. */
  private void stop() {
    List<Process> all;
    synchronized (this) {
      stopped = true;
      all = started();
    }
    try {
      all.forEach(Process::destroy);
      awaitAll(all);
      all.forEach(Process::destroyForcibly);
      awaitAll(all);
    } catch (InterruptedException e) {
      all.forEach(Process::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    ProcessEnd.remove(hook);
  }
}
