package dev.fgvc.loader;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Worker threads claim single images in order, at most {@code prefetch} batches ahead of the
 * consumer. Claiming images rather than batches lets all threads hurry for the batch that is needed
 * next.
 */
final class PrefetchedBatches implements Batches {

  private final BatchRecipe recipe;
  private final BufferPool pool;

  /** The numbers of the batches in the epoch; what follows counts places in here. */
  private final int[] numbers;

  private final int prefetch;
  private final Progress progress;
  private final Consumer<PrefetchedBatches> onClose;
  private final List<Thread> workers = new ArrayList<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition mayClaim = lock.newCondition();
  private final Condition mayTake = lock.newCondition();

  // Guarded by the lock.
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private int claimed;
  private int claimSlot;
  private int next;
  private boolean closed;
  private final Map<Integer, SkippedImage> skipped = new LinkedHashMap<>();
  private @Nullable Throwable workerFailure;

  /** A batch in the making. */
  private static final class Pending {
    final int batch;
    final ByteBuffer buffer;
    final BatchRecipe.Made[] made;
    int missing;
    @Nullable Targets targets;
    boolean complete;
    int failedSlot = Integer.MAX_VALUE;
    @Nullable Throwable failure;

    Pending(int batch, ByteBuffer buffer, int size) {
      this.batch = batch;
      this.buffer = buffer;
      this.made = new BatchRecipe.Made[size];
      this.missing = size;
    }

    int[] positions() {
      return Arrays.stream(made).mapToInt(BatchRecipe.Made::position).toArray();
    }
  }

  /** One image to make. */
  private record Claim(Pending pending, int slot) {}

  PrefetchedBatches(
      BatchRecipe recipe,
      BufferPool pool,
      int[] numbers,
      int prefetch,
      Progress progress,
      Consumer<PrefetchedBatches> onClose) {
    this.recipe = recipe;
    this.pool = pool;
    this.numbers = numbers;
    this.prefetch = prefetch;
    this.progress = progress;
    this.onClose = onClose;
  }

  void start(int threads) {
    for (int i = 0; i < threads; i++) {
      Thread worker = new Thread(this::work, "fgvc-loader-" + i);
      worker.setDaemon(true);
      workers.add(worker);
      worker.start();
    }
  }

  @Override
  public int batchCount() {
    return numbers.length;
  }

  @Override
  public boolean hasNext() {
    lock.lock();
    try {
      return !closed && next < numbers.length;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Batch next() {
    try {
      int due = awaitDue();
      // A listener that throws leaves the batch where it is, for the next call.
      progress.report(
          "loading " + recipe.dataset().name(),
          recipe.imagesBefore(numbers[due] + 1),
          recipe.imagesBefore(numbers[numbers.length - 1] + 1),
          "");
      return take();
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      CancellationException cancelled =
          new CancellationException("interrupted while waiting for a batch");
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  /** Waits for the next batch, which stays where it is; returns its place. */
  private int awaitDue() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      requireMore();
      Pending first = awaitFirst();
      if (first.failure != null) {
        throw rethrown(first.failure);
      }
      noteSkipped(first);
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void requireMore() {
    if (closed || next >= numbers.length) {
      throw new NoSuchElementException(closed ? "the epoch is closed" : "the epoch is over");
    }
  }

  private Batch take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      requireMore();
      Pending first = pending.removeFirst();
      next++;
      mayClaim.signalAll();
      ByteBuffer buffer = first.buffer;
      Targets targets = Objects.requireNonNull(first.targets, "targets");
      return recipe.finish(first.positions(), targets, buffer, () -> pool.giveBack(buffer));
    } finally {
      lock.unlock();
    }
  }

  /** Counted when a batch is due, so that the epoch fails at the same batch with any threads. */
  private void noteSkipped(Pending batch) {
    for (BatchRecipe.Made made : batch.made) {
      made.skipped().forEach(image -> skipped.putIfAbsent(image.position(), image));
    }
    recipe.damaged().requireNoMore(skipped.values());
  }

  @Override
  public List<SkippedImage> skipped() {
    lock.lock();
    try {
      return List.copyOf(skipped.values());
    } finally {
      lock.unlock();
    }
  }

  private Pending awaitFirst() throws InterruptedException {
    while (pending.isEmpty() || !pending.getFirst().complete) {
      if (workerFailure != null) {
        throw rethrown(workerFailure);
      }
      mayTake.await();
      if (closed) {
        throw new CancellationException("closed while waiting for batch " + numbers[next]);
      }
    }
    return pending.getFirst();
  }

  private void work() {
    try {
      for (Claim claim = claim(); claim != null; claim = claim()) {
        Throwable failure = null;
        try {
          Pending batch = claim.pending;
          batch.made[claim.slot] = recipe.make(batch.batch, claim.slot, batch.buffer);
        } catch (IOException | RuntimeException | Error e) {
          failure = e;
        }
        if (finish(claim, failure)) {
          complete(claim.pending);
        }
      }
    } catch (InterruptedException e) {
      // Only close() interrupts a worker, which then has nothing left to do.
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      // Above all: no memory for another buffer. The consumer must not wait for ever.
      failWorker(e);
    }
  }

  private void failWorker(Throwable failure) {
    lock.lock();
    try {
      workerFailure = failure;
      mayTake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Claim claim() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && claimed < numbers.length && claimed >= next + prefetch) {
        mayClaim.await();
      }
      if (closed || claimed >= numbers.length) {
        return null;
      }
      int batch = numbers[claimed];
      if (claimSlot == 0) {
        pending.addLast(new Pending(batch, pool.take(), recipe.sizeOf(batch)));
      }
      Claim claim = new Claim(pending.getLast(), claimSlot);
      if (++claimSlot == recipe.sizeOf(batch)) {
        claimSlot = 0;
        claimed++;
      }
      return claim;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Marks a claim as done. When several images of a batch fail, the failure of the first one is
   * kept, whichever thread was faster.
   *
   * @return whether it was the last image of its batch
   */
  private boolean finish(Claim claim, @Nullable Throwable failure) {
    lock.lock();
    try {
      Pending done = claim.pending;
      if (failure != null && claim.slot < done.failedSlot) {
        done.failedSlot = claim.slot;
        done.failure = failure;
      }
      return --done.missing == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Mixes the images of a batch, on the thread that made the last one, and lets it be taken. */
  private void complete(Pending batch) {
    if (batch.failure == null) {
      batch.targets = recipe.mix(batch.batch, batch.positions(), batch.buffer);
    }
    lock.lock();
    try {
      batch.complete = true;
      mayTake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static RuntimeException rethrown(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof IOException io) {
      return new UncheckedIOException(io);
    }
    return (RuntimeException) failure;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      mayClaim.signalAll();
      mayTake.signalAll();
    } finally {
      lock.unlock();
    }
    workers.forEach(Thread::interrupt);
    // A buffer may go back only when nobody writes to it any more, interrupted or not.
    workers.forEach(Uninterruptibles::joinUninterruptibly);
    pending.forEach(unfinished -> pool.giveBack(unfinished.buffer));
    pending.clear();
    onClose.accept(this);
  }
}
