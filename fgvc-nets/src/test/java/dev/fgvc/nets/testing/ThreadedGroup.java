package dev.fgvc.nets.testing;

import dev.fgvc.nets.engine.ProcessGroup;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A process group whose processes are threads of this one. */
public final class ThreadedGroup implements ProcessGroup {

  private static final int PATIENCE_MINUTES = 10;

  /** The state that all ranks share. */
  private record Meeting(ByteBuffer[] sent, CyclicBarrier barrier) {}

  private final int rank;
  private final Meeting meeting;

  private ThreadedGroup(int rank, Meeting meeting) {
    this.rank = rank;
    this.meeting = meeting;
  }

  /** Does the same on all ranks; the results in their order, or what one of them has thrown. */
  public static <T> List<T> run(int size, Function<ProcessGroup, T> task) throws Throwable {
    Meeting meeting = new Meeting(new ByteBuffer[size], new CyclicBarrier(size));
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        ThreadedGroup group = new ThreadedGroup(i, meeting);
        running.add(threads.submit(() -> task.apply(group)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> each : running) {
        results.add(each.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause();
    } finally {
      threads.shutdownNow();
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return meeting.sent().length;
  }

  @Override
  public void allToAll(ByteBuffer send, ByteBuffer receive) {
    int part = send.remaining() / size();
    exchange(send, sent -> sent.slice(rank * part, part), receive);
  }

  @Override
  public void allGather(ByteBuffer send, ByteBuffer receive) {
    exchange(send, Function.identity(), receive);
  }

  @Override
  public void broadcast(ByteBuffer values) {
    meeting.sent()[rank] = values.slice();
    await();
    if (rank != 0) {
      values.slice().put(meeting.sent()[0].duplicate());
    }
    await();
  }

  private void exchange(
      ByteBuffer send, Function<ByteBuffer, ByteBuffer> mine, ByteBuffer receive) {
    meeting.sent()[rank] = send.slice();
    await();
    ByteBuffer target = receive.slice();
    for (ByteBuffer sent : meeting.sent()) {
      target.put(mine.apply(sent.duplicate()));
    }
    await();
  }

  private void await() {
    try {
      meeting.barrier().await(PATIENCE_MINUTES, TimeUnit.MINUTES);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("rank " + rank + " waits alone", e);
    }
  }
}
