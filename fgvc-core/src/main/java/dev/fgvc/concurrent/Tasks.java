package dev.fgvc.concurrent;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;

/** Waits for tasks, passes their exceptions on to the caller, and stops their threads. */
public final class Tasks {

  private Tasks() {}

  /**
   * Waits for tasks one after the other.
   *
   * @param <T> what a task gives
   * @param tasks under way
   * @return the results in the order of the tasks
   * @throws CancellationException if this thread is interrupted, which it stays; the tasks go on
   * @throws IllegalStateException if a task has thrown a checked exception; whatever else the first
   *     of those that failed has thrown is thrown as it is
   */
  public static <T> List<T> await(List<Future<T>> tasks) {
    List<T> results = new ArrayList<>();
    try {
      for (Future<T> task : tasks) {
        results.add(task.get());
      }
    } catch (ExecutionException e) {
      throw unchecked(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted with tasks under way");
    }
    return results;
  }

  /**
   * Waits for a task, even if this thread is interrupted meanwhile, which it then stays.
   *
   * @param <T> what the task gives
   * @param task under way
   * @return the result
   * @throws IllegalStateException if the task has thrown a checked exception; whatever else it has
   *     thrown is thrown as it is
   */
  public static <T> T awaitUninterruptibly(Future<T> task) {
    try {
      return Uninterruptibles.getUninterruptibly(task);
    } catch (ExecutionException e) {
      throw unchecked(e.getCause());
    }
  }

  /**
   * Throws the exception of a task as it is, or returns an unchecked one for a checked one.
   *
   * @param failure the cause of an {@link ExecutionException}
   * @return an exception with the failure as its cause
   */
  public static IllegalStateException unchecked(Throwable failure) {
    Throwables.throwIfUnchecked(failure);
    return new IllegalStateException(failure);
  }

  /**
   * Makes threads that keep no process from ending.
   *
   * @param name of each
   * @return the factory, for an executor
   */
  public static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Interrupts the tasks that are under way, lets no other begin, and waits until all threads have
   * ended, even if this one is interrupted.
   *
   * @param threads of all tasks
   */
  public static void stop(ExecutorService... threads) {
    stop(List.of(threads));
  }

  /**
   * The same for threads in a list.
   *
   * @param threads of all tasks
   */
  public static void stop(List<ExecutorService> threads) {
    threads.forEach(ExecutorService::shutdownNow);
    threads.forEach(Uninterruptibles::awaitTerminationUninterruptibly);
  }
}
