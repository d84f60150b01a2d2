package dev.fgvc.nets.engine.torch.training;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.concurrent.Tasks;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.runtime.SideStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Makes the exchanges of a group on a thread of its own, one after the other in the order in which
 * they were asked for, which must be the same for all processes. Once one has failed, those after
 * it are not made, and fail too.
 *
 * <p>On a GPU they have a stream of their own, too: an exchange comes after what was to be computed
 * when it was asked for, and not after what has been added since.
 */
final class ExchangeThread implements AutoCloseable {

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Tasks.daemons("fgvc-exchange"));
  private final SideStream stream;

  /** After the last exchange, in the work of its stream. */
  private final SideStream.Mark exchanged;

  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

  /**
   * Creates the thread and its stream; no exchange is under way.
   *
   * @param device of the tensors that are exchanged
   */
  ExchangeThread(Device device) {
    stream = new SideStream(device);
    exchanged = stream.mark();
  }

  /** Makes an exchange while the caller goes on. */
  void start(Runnable exchange) {
    SideStream.Mark computed = stream.mark();
    stream.markComputed(computed);
    last =
        last.thenRunAsync(() -> stream.run(computed, exchange, exchanged), thread)
            .whenComplete((nothing, failure) -> computed.close());
  }

  /** Waits for all exchanges that were started; throws what one of them has thrown. */
  void await() {
    try {
      last.join();
    } catch (CompletionException e) {
      Throwables.throwIfUnchecked(e.getCause());
      throw e;
    }
  }

  /** Makes an exchange after those that were started, and waits for it. */
  void run(Runnable exchange) {
    start(exchange);
    await();
  }

  boolean isIdle() {
    return last.isDone();
  }

  /** Waits for all exchanges, and forgets that one has failed. */
  void reset() {
    last = last.exceptionally(failure -> null);
    await();
  }

  @Override
  public void close() {
    thread.shutdown();
    Uninterruptibles.awaitTerminationUninterruptibly(thread);
    exchanged.close();
    stream.close();
  }
}
