package dev.fgvc.data;

import dev.fgvc.concurrent.Tasks;
import dev.fgvc.progress.Progress;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** The same work for each image of a data set, on several threads. */
final class ImageWork {

  private static final int REPORT_MILLISECONDS = 100;

  private final String task;
  private final int size;
  private final Progress progress;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();

  private ImageWork(String task, int size, Progress progress) {
    this.task = task;
    this.size = size;
    this.progress = progress;
  }

  /**
   * Does the work and waits for its end.
   *
   * @param task what the progress is called
   * @param size how many images there are
   * @param progress called by this thread
   * @param work takes the place of an image; what it throws ends all work
   * @throws InterruptedIOException if this thread is interrupted; all threads have stopped then,
   *     and this thread stays interrupted
   */
  static void run(String task, int size, int threads, Progress progress, IntConsumer work)
      throws InterruptedIOException {
    new ImageWork(task, size, progress).run(threads, work);
  }

  private void run(int threads, IntConsumer work) throws InterruptedIOException {
    ExecutorService workers = Executors.newFixedThreadPool(threads, Tasks.daemons("fgvc-images"));
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(workers.submit(() -> work(work)));
      }
      for (Future<?> worker : running) {
        await(worker);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(task + " was interrupted");
    } finally {
      Tasks.stop(workers); // at their next image
    }
  }

  private void work(IntConsumer work) {
    for (int at = next.getAndIncrement();
        at < size && !Thread.currentThread().isInterrupted();
        at = next.getAndIncrement()) {
      work.accept(at);
      done.incrementAndGet();
    }
  }

  private void await(Future<?> worker) throws InterruptedException {
    while (true) {
      try {
        worker.get(REPORT_MILLISECONDS, TimeUnit.MILLISECONDS);
        report();
        return;
      } catch (TimeoutException e) {
        report();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException problem) {
          throw problem;
        }
        throw new IllegalStateException(task + " failed at an image", e.getCause());
      }
    }
  }

  private void report() {
    progress.report(task, done.get(), size, "");
  }
}
