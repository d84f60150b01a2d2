package dev.fgvc.nets.engine.torch.runtime;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.concurrent.Tasks;
import dev.fgvc.nets.engine.torch.memory.MallocArenaHeaps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  /** Held while threads are started, when libtorch's common number of threads is 1. */
  private static final Object STARTING = new Object();

  private SingleThreadWorkers() {}

  /** How many of some tasks can be done at once; 1 where no threads may be started. */
  public static int most(int tasks) {
    return ProcessSettings.mayChange() ? Math.min(tasks, threads()) : 1;
  }

  /**
   * libtorch's number of threads for the caller. One that asks for the first time gets the common
   * number, so it waits while that is 1.
   */
  public static int threads() {
    synchronized (STARTING) {
      return torch.get_num_threads();
    }
  }

  /**
   * Starts threads. libtorch's setting is the thread's own, but threads that come to libtorch later
   * begin with the one made last, which has to be the common one again. Other callers wait
   * meanwhile: they would take the 1 for the common number, and leave it behind.
   */
  public static ExecutorService start(int count) {
    synchronized (STARTING) {
      return startAlone(count);
    }
  }

  private static ExecutorService startAlone(int count) {
    ThreadFactory daemons = Tasks.daemons("fgvc-torch");
    // On a thread of its own, as the setting is that of the thread which makes it, too.
    ExecutorService keeper = Executors.newSingleThreadExecutor(daemons);
    ExecutorService threads =
        Executors.newFixedThreadPool(count, work -> daemons.newThread(() -> work(work)));
    Optional<Integer> common = Optional.empty();
    try {
      common =
          Optional.of(Uninterruptibles.getUninterruptibly(keeper.submit(torch::get_num_threads)));
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
      common.ifPresent(number -> keeper.execute(() -> ProcessSettings.shareAgain(number)));
      keeper.shutdown();
      Uninterruptibles.awaitTerminationUninterruptibly(keeper);
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
