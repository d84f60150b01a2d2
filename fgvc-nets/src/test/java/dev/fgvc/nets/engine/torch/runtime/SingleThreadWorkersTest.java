package dev.fgvc.nets.engine.torch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tasks side by side, each on a thread on which libtorch computes alone. */
class SingleThreadWorkersTest {

  private static final int SIDE = 75;

  private static Engine engine;

  @BeforeAll
  static void findTorch() {
    engine = Engine.torch();
  }

  @Test
  void givesResultsInTheOrderOfTheTasks() {
    List<Supplier<Integer>> tasks = new ArrayList<>();
    IntStream.range(0, 20).forEach(i -> tasks.add(() -> i * i));
    assertThat(engine.sideBySide(tasks))
        .isEqualTo(IntStream.range(0, 20).map(i -> i * i).boxed().toList());
    assertThat(engine.sideBySide(List.of())).isEmpty();
  }

  @Test
  void eachTaskComputesAloneAndTheCallerAsBefore() {
    int before = torch.get_num_threads();
    assertThat(SingleThreadWorkers.run(2, List.of(torch::get_num_threads, torch::get_num_threads)))
        .containsExactly(1, 1);
    assertThat(torch.get_num_threads()).isEqualTo(before);
  }

  /**
   * Each begins with libtorch's common number, as threads do that come to it for the first time.
   */
  @Test
  void startingFromSeveralThreadsAtOnceLeavesTheNumberOfThreadsAsItWas() throws Exception {
    int before = torch.get_num_threads();
    torch.set_num_threads(3);
    try {
      for (int i = 0; i < 200; i++) {
        assertThat(startAtOnce(4)).containsOnly(3);
        FutureTask<Integer> later = new FutureTask<>(torch::get_num_threads);
        new Thread(later).start();
        assertThat(later.get()).isEqualTo(3);
      }
    } finally {
      torch.set_num_threads(before);
    }
  }

  /** How many of three tasks each caller finds can be done at once, before it starts threads. */
  private static List<Integer> startAtOnce(int count) throws Exception {
    CyclicBarrier together = new CyclicBarrier(count);
    List<FutureTask<Integer>> callers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      FutureTask<Integer> caller =
          new FutureTask<>(
              () -> {
                together.await();
                int most = SingleThreadWorkers.most(3);
                SingleThreadWorkers.start(2).shutdown();
                return most;
              });
      new Thread(caller).start();
      callers.add(caller);
    }
    List<Integer> found = new ArrayList<>();
    for (FutureTask<Integer> caller : callers) {
      found.add(caller.get());
    }
    return found;
  }

  @Test
  void tasksWithinTasksFollowEachOther() {
    Supplier<String> outer =
        () ->
            String.join(
                " ",
                engine.sideBySide(
                    List.of(
                        () -> Thread.currentThread().getName(),
                        () -> Thread.currentThread().getName())));
    assertThat(SingleThreadWorkers.run(2, List.of(outer, outer)))
        .containsOnly("fgvc-torch fgvc-torch");
  }

  @Test
  void afterAFailureNoOtherTaskBeginsAndNoneIsLeftRunning() throws InterruptedException {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    CountDownLatch busy = new CountDownLatch(1);
    List<Supplier<Integer>> tasks = new ArrayList<>();
    tasks.add(
        () -> {
          awaitUnlessInterrupted(busy, interrupted);
          throw new IllegalArgumentException("the task's own");
        });
    tasks.add(
        () -> {
          busy.countDown();
          return awaitUnlessInterrupted(new CountDownLatch(1), interrupted);
        });
    IntStream.range(0, 50).forEach(i -> tasks.add(begun::incrementAndGet));

    assertThatThrownBy(() -> SingleThreadWorkers.run(2, tasks))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the task's own");
    int then = begun.get();
    assertThat(interrupted).hasValue(1);
    Thread.sleep(50);
    assertThat(begun).hasValue(then);
  }

  @Test
  void interruptingTheCallerEndsTheTasks() throws InterruptedException {
    AtomicInteger interrupted = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(2);
    Supplier<Integer> endless =
        () -> {
          running.countDown();
          return awaitUnlessInterrupted(new CountDownLatch(1), interrupted);
        };
    AtomicInteger cancelled = new AtomicInteger();
    Thread caller =
        new Thread(
            () -> {
              try {
                SingleThreadWorkers.run(2, List.of(endless, endless));
              } catch (CancellationException e) {
                cancelled.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
              }
            });
    caller.start();
    running.await();
    caller.interrupt();
    caller.join();
    assertThat(interrupted).hasValue(2);
    assertThat(cancelled).hasValue(1);
  }

  private static int awaitUnlessInterrupted(CountDownLatch latch, AtomicInteger interrupted) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      interrupted.incrementAndGet();
    }
    return 0;
  }

  /** Dropout included: each network draws for itself. */
  @Test
  void whatIsLearntSideBySideIsWhatIsLearntAlone() {
    assumeTrue(torch.get_num_threads() > 1, "one core: nothing runs side by side");
    List<Supplier<Weights>> tasks = List.of(() -> learn(0), () -> learn(1));
    List<Weights> alone = SingleThreadWorkers.run(1, tasks);
    List<Weights> together = engine.sideBySide(tasks);
    for (int seed = 0; seed < 2; seed++) {
      for (String name : alone.get(seed).names()) {
        assertThat(together.get(seed).tensor(name).toArray())
            .isEqualTo(alone.get(seed).tensor(name).toArray());
      }
    }
  }

  private static Weights learn(long seed) {
    NetworkGraph graph =
        Architecture.INCEPTION_V3
            .builder()
            .classes(3)
            .widthMultiplier(0.05)
            .auxiliaryHead(false)
            .build();
    Random random = new Random(seed);
    FloatBuffer pixels = FloatBuffer.allocate(4 * 3 * SIDE * SIDE);
    while (pixels.hasRemaining()) {
      pixels.put(2 * random.nextFloat() - 1);
    }
    Images images = new Images(pixels.flip(), 4, Resolution.square(SIDE));
    TrainingOptions options = TrainingOptions.paper().toBuilder().seed(seed).build();
    try (TrainableNetwork network =
        engine.compileForTraining(graph, Weights.initialize(graph, seed), options)) {
      for (int step = 0; step < 3; step++) {
        network.step(images, new int[] {0, 1, 2, 0}, 0.01);
      }
      return network.weights();
    }
  }
}
