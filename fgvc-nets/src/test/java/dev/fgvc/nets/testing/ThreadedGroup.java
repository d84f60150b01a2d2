package dev.fgvc.nets.testing;

import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.ProcessGroupException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A process group whose processes are threads of this one. Its buckets are small, so that small
 * networks have several.
 */
public final class ThreadedGroup implements ProcessGroup {

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final int rank;
  private final Meeting meeting;

  private ThreadedGroup(int rank, Meeting meeting) {
    this.rank = rank;
    this.meeting = meeting;
  }

  /** Does the same on all ranks; the results in their order, or what one of them has thrown. */
  public static <T> List<T> run(int size, Function<ProcessGroup, T> task) throws Throwable {
    Meeting meeting = new Meeting(size);
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
    return meeting.sent.length;
  }

  @Override
  public long bucketBytes() {
    return 400;
  }

  @Override
  public void abort(String reason) {
    meeting.end("rank " + rank + " has failed and ended the group: " + reason);
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
    meeting.sent[rank] = values.slice();
    meeting.await();
    if (rank != 0) {
      values.slice().put(meeting.sent[0].duplicate());
    }
    meeting.await();
  }

  private void exchange(
      ByteBuffer send, Function<ByteBuffer, ByteBuffer> mine, ByteBuffer receive) {
    meeting.sent[rank] = send.slice();
    meeting.await();
    ByteBuffer target = receive.slice();
    for (ByteBuffer sent : meeting.sent) {
      target.put(mine.apply(sent.duplicate()));
    }
    meeting.await();
  }

  /** Where the ranks wait for each other. */
  private static final class Meeting {

    private final ByteBuffer[] sent;
    private int arrived;
    private long meetings;
    private Optional<String> end = Optional.empty();

    Meeting(int size) {
      sent = new ByteBuffer[size];
    }

    /** Waits for all; a meeting that all have come to counts even if the group has ended since. */
    synchronized void await() {
      requireGoingOn();
      long own = meetings;
      if (++arrived == sent.length) {
        arrived = 0;
        meetings++;
        notifyAll();
      }
      long latest = System.nanoTime() + PATIENCE.toNanos();
      while (meetings == own) {
        requireGoingOn();
        try {
          TimeUnit.NANOSECONDS.timedWait(this, latest - System.nanoTime());
        } catch (InterruptedException e) {
          throw new IllegalStateException("interrupted", e);
        }
        if (System.nanoTime() > latest) {
          throw new IllegalStateException("another rank does not come");
        }
      }
    }

    private void requireGoingOn() {
      end.ifPresent(
          reason -> {
            throw new ProcessGroupException(reason);
          });
    }

    synchronized void end(String reason) {
      end = Optional.of(end.orElse(reason));
      notifyAll();
    }
  }
}
