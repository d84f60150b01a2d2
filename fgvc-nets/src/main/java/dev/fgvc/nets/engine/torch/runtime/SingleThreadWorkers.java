package dev.fgvc.nets.engine.torch.runtime;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.concurrent.Tasks;
import dev.fgvc.nets.engine.torch.memory.MallocArenaHeaps;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;

/**
 * Threads on each of which libtorch computes alone. Where threads share each layer instead, they
 * wait for each other at its end, and for the one that prepares the next.
 */
@SuppressWarnings("try") // heaps are held for what their closing does
public final class SingleThreadWorkers {

  private SingleThreadWorkers() {}

  /** How many of some tasks can be done at once; 1 where no threads may be started. */
  public static int most(int tasks) {
    return ProcessSettings.mayChange() ? Math.min(tasks, torch.get_num_threads()) : 1;
  }

  /**
   * Starts threads. libtorch's setting is the thread's own, but threads that come to libtorch later
   * begin with the one made last, which has to be the caller's again.
   */
  public static ExecutorService start(int count) {
    int before = torch.get_num_threads();
    ThreadFactory daemons = Tasks.daemons("fgvc-torch");
    ExecutorService threads =
        Executors.newFixedThreadPool(count, work -> daemons.newThread(() -> work(work)));
    try {
      List<Future<?>> settings = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        settings.add(threads.submit(ProcessSettings::computeAlone));
      }
      for (Future<?> setting : settings) {
        Uninterruptibles.getUninterruptibly(setting);
      }
      return threads;
    } catch (ExecutionException e) {
      threads.shutdown();
      throw new IllegalStateException("libtorch's threads cannot be set", e);
    } catch (OutOfMemoryError e) {
      threads.shutdown(); // the system has no more threads
      throw e;
    } finally {
      ProcessSettings.shareAgain(before);
    }
  }

  private static void work(Runnable work) {
    try (MallocArenaHeaps heaps = ProcessSettings.retainArenaHeaps()) {
      work.run();
    }
  }

  /**
   * Does all tasks on as many threads as asked. If one fails or the caller is interrupted, those
   * under way are interrupted and waited for, and no other begins.
   *
   * @return the results in the order of the tasks
   * @throws CancellationException if the caller is interrupted; it stays so
   */
  public static <T> List<T> run(int count, List<Supplier<T>> tasks) {
    ExecutorService threads = TorchLibrary.LIBTORCH.call("starting threads", () -> start(count));
    try {
      return Tasks.await(tasks.stream().map(task -> threads.submit(task::get)).toList());
    } finally {
      Tasks.stop(threads);
    }
  }
}
