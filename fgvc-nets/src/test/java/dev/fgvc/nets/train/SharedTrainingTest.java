package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.Dataset;
import dev.fgvc.nets.testing.ThreadedGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Training by several processes, which are threads here. A checkpoint holds weights, moving
 * statistics, averages, the optimizer's values and the losses: that its bytes are those of one
 * process's says that all of them are.
 */
class SharedTrainingTest {

  @TempDir private static Path folder;

  private static Dataset dataset;
  private static TrainingRun alone;

  @BeforeAll
  static void trainAlone() throws IOException {
    dataset = SharedRun.dataset(folder.resolve("images"));
    alone = SharedRun.train(SharedRun.trainer(folder.resolve("alone")), dataset, 1);
    assertThat(alone.steps()).isEqualTo(SharedRun.STEPS);
  }

  private static Path checkpoint(Path of, int step) {
    return of.resolve(String.format(Locale.ROOT, "checkpoint-%012d.safetensors", step));
  }

  private static void assertSameCheckpoints(Path actual) throws IOException {
    for (int step = 1; step <= SharedRun.STEPS; step++) {
      assertThat(checkpoint(actual, step))
          .hasSameBinaryContentAs(checkpoint(folder.resolve("alone"), step));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void hasTheBitsOfOneProcess(int size) throws Throwable {
    Path own = folder.resolve("group-of-" + size);

    List<TrainingRun> runs =
        ThreadedGroup.run(
            size,
            group ->
                SharedRun.train(
                    SharedRun.trainer(own).withGroup(group), dataset, 1 + group.rank()));

    assertSameCheckpoints(own);
    for (TrainingRun run : runs) {
      assertThat(run.epochLosses()).isEqualTo(alone.epochLosses());
      assertThat(run.weights().sha256()).isEqualTo(alone.weights().sha256());
      assertThat(run.averagedWeights().sha256()).isEqualTo(alone.averagedWeights().sha256());
    }
  }

  @Test
  void resumesWithAnotherNumberOfProcesses() throws Throwable {
    Path own = folder.resolve("resumed");
    Files.createDirectories(own);
    for (int step = 1; step <= 2; step++) {
      Files.copy(checkpoint(folder.resolve("alone"), step), checkpoint(own, step));
    }

    ThreadedGroup.run(
        3, group -> SharedRun.train(SharedRun.trainer(own).withGroup(group), dataset, 1));

    assertSameCheckpoints(own);
  }

  @Test
  void refusesRunsThatDiffer() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ThreadedGroup.run(
                    2,
                    group ->
                        SharedRun.train(
                            SharedRun.trainer(folder.resolve("differing"))
                                .withSeed(group.rank())
                                .withGroup(group),
                            dataset,
                            1)))
        .withMessageContaining("from rank 0 to rank 1 differ")
        .withMessageContaining("seed: 0, now 1");
  }

  @Test
  void refusesMoreProcessesThanAnUpdateHasBatches() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ThreadedGroup.run(
                    6,
                    group ->
                        SharedRun.train(
                            SharedRun.trainer(folder.resolve("many")).withGroup(group),
                            dataset,
                            1)))
        .withMessageContaining("6 processes share updates of 5 batches");
  }

  @Test
  void rankZerosListenersEndTheRunOfAll() throws Throwable {
    Path own = folder.resolve("stopped");
    List<Integer> heard = new ArrayList<>();

    List<TrainingRun> runs =
        ThreadedGroup.run(
            2,
            group ->
                SharedRun.train(
                    SharedRun.trainer(own)
                        .withGroup(group)
                        .withListener(
                            new TrainingListener() {
                              @Override
                              public Decision epoch(TrainingEpoch epoch) {
                                heard.add(group.rank());
                                return Decision.STOP;
                              }
                            }),
                    dataset,
                    1));

    assertThat(runs).extracting(TrainingRun::steps).containsExactly(3L, 3L);
    assertThat(heard).containsExactly(0);
  }

  @Test
  void dealsOutAnUpdatesBatchesInRounds() throws Throwable {
    List<int[]> batches =
        ThreadedGroup.run(
            2,
            group -> new RunShare(Optional.of(group)).batches(5, 11, SharedRun.BATCHES_PER_UPDATE));

    assertThat(batches.get(0)).containsExactly(5, 7, 9, 10);
    assertThat(batches.get(1)).containsExactly(6, 8);
  }
}
