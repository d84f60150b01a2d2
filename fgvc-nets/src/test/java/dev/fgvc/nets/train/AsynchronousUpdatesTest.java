package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.Dataset;
import dev.fgvc.nets.testing.SilentGroup;
import dev.fgvc.random.SplitMix64;
import dev.fgvc.testing.CpuTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AsynchronousUpdatesTest {

  @TempDir private static Path folder;

  private static Dataset dataset;

  @BeforeAll
  static void drawImages() throws IOException {
    dataset = SharedRun.dataset(folder.resolve("images"));
  }

  /** A run of six updates. */
  private static Trainer trainer(Path checkpoints, int workers) {
    return SharedRun.trainer(checkpoints).withAsynchronousUpdates(AsynchronousUpdates.of(workers));
  }

  private static TrainingRun run(Trainer trainer) {
    return SharedRun.train(trainer, dataset, 1);
  }

  private static void assertSame(TrainingRun actual, TrainingRun expected) {
    assertThat(actual.epochLosses()).isEqualTo(expected.epochLosses());
    assertThat(actual.weights().sha256()).isEqualTo(expected.weights().sha256());
    assertThat(actual.averagedWeights().sha256()).isEqualTo(expected.averagedWeights().sha256());
  }

  @Test
  void oneWorkerHasTheBitsOfOrdinaryTraining() {
    assertSame(
        run(trainer(folder.resolve("one"), 1)), run(SharedRun.trainer(folder.resolve("ordinary"))));
  }

  @Test
  void severalWorkersRepeatTheirRunButHaveAnother() {
    TrainingRun first = run(trainer(folder.resolve("first"), 3));

    assertSame(run(trainer(folder.resolve("second"), 3)), first);
    assertThat(run(trainer(folder.resolve("two"), 2)).weights().sha256())
        .isNotEqualTo(first.weights().sha256());
  }

  @Test
  void resumesWithTheSameBits() throws IOException {
    Path whole = folder.resolve("whole");
    Path resumed = Files.createDirectories(folder.resolve("resumed"));
    run(trainer(whole, 3));
    Files.copy(checkpoint(whole, 2), checkpoint(resumed, 2));

    run(trainer(resumed, 3));

    assertThat(checkpoint(resumed, SharedRun.STEPS))
        .hasSameBinaryContentAs(checkpoint(whole, SharedRun.STEPS));
  }

  private static Path checkpoint(Path of, int step) {
    return of.resolve(String.format(Locale.ROOT, "checkpoint-%012d.safetensors", step));
  }

  @Test
  void refusesCheckpointsOfOtherWorkers() {
    Path own = folder.resolve("own");
    run(trainer(own, 2));

    assertThatIllegalStateException()
        .isThrownBy(() -> run(trainer(own, 3)))
        .withMessageContaining(
            "asynchronous updates: AsynchronousUpdates[workers=2, mostStale=2], now"
                + " AsynchronousUpdates[workers=3, mostStale=4]");
    assertThatIllegalStateException()
        .isThrownBy(() -> run(SharedRun.trainer(own)))
        .withMessageContaining("asynchronous updates: ");
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "4, 3", "4, 4", "4, 6", "8, 14", "3, 40"})
  void stalenessKeepsItsBoundAndIsThatOfTheOthersOnAverage(int workers, int mostStale) {
    int updates = 4000;
    WorkerTurns turns = new WorkerTurns(new AsynchronousUpdates(workers, mostStale), 5);
    int[] read = new int[workers];
    int[] order = new int[updates];
    long sum = 0;
    for (int update = 0; update < updates; update++) {
      order[update] = turns.at(update);
      int staleness = update - read[order[update]];
      assertThat(staleness).isBetween(0, mostStale);
      sum += staleness;
      read[order[update]] = update + 1;
    }

    assertThat((double) sum / updates).isEqualTo(workers - 1, within(0.1));
    assertThat(turns.at(7)).isEqualTo(order[7]);
    assertThat(turns.at(updates - 1)).isEqualTo(order[updates - 1]);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "3, 2", "3, 3", "5, 4", "5, 6", "8, 14", "20, 21", "20, 38", "3, 40"})
  void turnsAreThoseOfTryingEachWorker(int workers, int mostStale) {
    WorkerTurns turns = new WorkerTurns(new AsynchronousUpdates(workers, mostStale), 9);
    SplitMix64 random = new SplitMix64(9 ^ WorkerTurns.SALT);
    int[] age = new int[workers];
    for (int update = 0; update < 500; update++) {
      int[] possible =
          IntStream.range(0, workers)
              .filter(worker -> othersCanBeOnTime(age, worker, mostStale))
              .toArray();
      int expected = possible[random.nextInt(possible.length)];
      Arrays.setAll(age, worker -> worker == expected ? 0 : age[worker] + 1);

      assertThat(turns.at(update)).as("update %d", update).isEqualTo(expected);
    }
  }

  /** Whether all others keep the bound if they take their turns by age after that of a worker. */
  private static boolean othersCanBeOnTime(int[] age, int worker, int mostStale) {
    int[] others =
        IntStream.range(0, age.length).filter(i -> i != worker).map(i -> age[i]).sorted().toArray();
    return IntStream.range(0, others.length)
        .allMatch(i -> others[i] + others.length - i <= mostStale);
  }

  /** Draws that try each worker would take minutes. */
  @Test
  void manyWorkersTakeTurnsWithoutEachBeingTried() throws Throwable {
    WorkerTurns turns = new WorkerTurns(AsynchronousUpdates.of(1024), 1);

    CpuTime.requireAtMost(
        Duration.ofSeconds(30), () -> assertThat(turns.at(20_000)).isBetween(0, 1023));
  }

  @Test
  void workersFinishInAnOrderOfTheSeed() {
    assertThat(order(1)).isEqualTo(order(1)).isNotEqualTo(order(2));
  }

  private static int[] order(long seed) {
    WorkerTurns turns = new WorkerTurns(AsynchronousUpdates.of(4), seed);
    return IntStream.range(0, 50).map(turns::at).toArray();
  }

  @Test
  void refusesWorkersThatCannotBeOnTime() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AsynchronousUpdates(4, 2))
        .withMessageContaining("4 workers cannot all be at most 2 updates late");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AsynchronousUpdates.of(0))
        .withMessageStartingWith("0 workers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AsynchronousUpdates.of(1025))
        .withMessage("1025 workers: from 1 to 1024");
  }

  @Test
  void refusesAGroup() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(trainer(folder.resolve("group"), 2).withGroup(new SilentGroup(0, 1))))
        .withMessageContaining("simulated in one process");
  }
}
