package dev.fgvc.emd.internal.cost;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Splits rows among the threads of the common pool. */
public final class RowBlocks {

  /** Blocks per thread: enough that a thread which is held up does not hold up the rest. */
  private static final int BLOCKS_PER_THREAD = 8;

  /** Less work than this is done by the caller alone, sooner than another thread wakes up. */
  private static final long PARALLEL_WORK = 250_000;

  /** Blocks of sums: enough for many threads, few enough that adding them up takes no time. */
  private static final int ORDERED_BLOCKS = 16;

  private RowBlocks() {}

  /** Work on rows {@code from} (included) to {@code to} (excluded). */
  @FunctionalInterface
  public interface Task {
    void run(int from, int to);
  }

  /** The same with a state that no other thread uses meanwhile. */
  @FunctionalInterface
  public interface StatefulTask<S> {
    void run(S state, int from, int to);
  }

  /**
   * Runs a task on blocks that cover all rows once.
   *
   * @param width the work in a row, in operations
   */
  public static void run(int rows, long width, Task task) {
    run(rows, width, () -> task, (same, from, to) -> same.run(from, to));
  }

  /**
   * Runs a task on blocks that cover all rows once and do not depend on the number of threads, each
   * with a state of its own: for sums, which round otherwise in another order.
   *
   * @param width the work in a row, in operations
   * @return the states in order of the blocks
   */
  public static <S> List<S> runInOrder(
      int rows, long width, Supplier<S> newState, StatefulTask<S> task) {
    int blocks = rows * width < PARALLEL_WORK ? 1 : Math.min(rows, ORDERED_BLOCKS);
    List<S> states = Stream.generate(newState).limit(blocks).toList();
    run(
        blocks,
        rows * width / blocks,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            task.run(
                states.get(block),
                (int) ((long) rows * block / blocks),
                (int) ((long) rows * (block + 1) / blocks));
          }
        });
    return states;
  }

  /**
   * Runs a task on blocks that cover all rows once.
   *
   * @param width the work in a row, in operations
   * @return the states used, at most one for each thread, in any order
   */
  public static <S> Collection<S> run(
      int rows, long width, Supplier<S> newState, StatefulTask<S> task) {
    if (rows * width < PARALLEL_WORK) {
      S state = newState.get();
      task.run(state, 0, rows);
      return List.of(state);
    }
    int threads = ForkJoinPool.getCommonPoolParallelism() + 1;
    int blocks = Math.min(rows, threads * BLOCKS_PER_THREAD);
    ConcurrentLinkedQueue<S> idle = new ConcurrentLinkedQueue<>();
    IntStream.range(0, blocks)
        .parallel()
        .forEach(
            block -> {
              S taken = idle.poll();
              S state = taken == null ? newState.get() : taken;
              task.run(
                  state,
                  (int) ((long) rows * block / blocks),
                  (int) ((long) rows * (block + 1) / blocks));
              idle.add(state);
            });
    return new ArrayList<>(idle);
  }
}
