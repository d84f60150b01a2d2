package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fgvc.data.Dataset;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.ProcessGroupException;
import dev.fgvc.nets.testing.ThreadedGroup;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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

  static Stream<Arguments> settingsOfRanks() {
    Recipe recipe = SharedRun.RECIPE;
    return Stream.of(
        settings("seed: 3 and 4", (trainer, rank) -> trainer.withSeed(3 + rank)),
        settings(
            "batches: 2 x 5 and 3 x 5",
            (trainer, rank) -> trainer.withRecipe(recipe.withBatchSize(2 + rank))),
        settings(
            "epochs: 2 and 3", (trainer, rank) -> trainer.withRecipe(recipe.withEpochs(2 + rank))),
        settings(
            "options: ",
            (trainer, rank) ->
                trainer.withRecipe(
                    recipe.withOptions(recipe.options().toBuilder().bfloat16(rank == 1).build()))),
        settings(
            "damaged images: ",
            (trainer, rank) -> trainer.withDamagedImages(DamagedImages.skip(rank))),
        settings(
            "order: ",
            (trainer, rank) -> trainer.withSampler(data -> Sampler.natural(data, rank))));
  }

  private static Arguments settings(
      String difference, BiFunction<Trainer, Integer, Trainer> ofRank) {
    return arguments(difference, ofRank);
  }

  @ParameterizedTest
  @MethodSource("settingsOfRanks")
  void refusesSettingsThatDiffer(String difference, BiFunction<Trainer, Integer, Trainer> ofRank)
      throws Throwable {
    Trainer trainer = SharedRun.trainer(folder.resolve("differing"));

    assertAllRefuse(
        group -> SharedRun.train(ofRank.apply(trainer, group.rank()).withGroup(group), dataset, 1),
        difference);
  }

  @Test
  void refusesImagesThatDiffer() throws Throwable {
    Dataset others = Dataset.of("others", dataset.classNames(), dataset.images().subList(0, 21));

    assertAllRefuse(
        group ->
            SharedRun.train(
                SharedRun.trainer(folder.resolve("differing")).withGroup(group),
                group.rank() == 0 ? dataset : others,
                1),
        "data set: 22 images of 2 classes #");
  }

  private static void assertAllRefuse(Function<ProcessGroup, TrainingRun> run, String difference)
      throws Throwable {
    List<Throwable> thrown = ThreadedGroup.run(2, group -> catchThrowable(() -> run.apply(group)));

    assertThat(thrown)
        .allSatisfy(
            each ->
                assertThat(each)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("rank 0 and rank 1 differ in ")
                    .hasMessageContaining(difference));
  }

  /** Rank 1 waits for rank 0 to begin. */
  @Test
  @SuppressWarnings("try") // the lock is held until the group has ended
  void endsOnAllRanksWhenAnotherRunHasTheFolder() throws Throwable {
    Path held = Files.createDirectories(folder.resolve("held"));
    Trainer trainer = SharedRun.trainer(held);
    List<Throwable> thrown;
    try (FileChannel file =
            FileChannel.open(
                held.resolve("training.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = file.lock()) {
      thrown =
          ThreadedGroup.run(
              2,
              group -> catchThrowable(() -> SharedRun.train(trainer.withGroup(group), dataset, 1)));
    }

    String reason = "another run writes its checkpoints to " + held;
    assertThat(thrown.get(0)).isInstanceOf(IllegalStateException.class).hasMessage(reason);
    assertThat(thrown.get(1))
        .isInstanceOf(ProcessGroupException.class)
        .hasMessageStartingWith("rank 0 has failed and ended the group: ")
        .hasMessageContaining(reason);
  }

  /** Two ranks never have a batch. */
  @Test
  void trainsOnFewerBatchesThanRanks() throws Throwable {
    Dataset few = Dataset.of("few", dataset.classNames(), dataset.images().subList(0, 6));
    TrainingRun one = SharedRun.train(SharedRun.trainer(folder.resolve("few")), few, 1);

    List<TrainingRun> runs =
        ThreadedGroup.run(
            SharedRun.BATCHES_PER_UPDATE,
            group ->
                SharedRun.train(
                    SharedRun.trainer(folder.resolve("few-shared")).withGroup(group), few, 1));

    assertThat(one.steps()).isEqualTo(2);
    assertThat(runs)
        .allSatisfy(run -> assertThat(run.weights().sha256()).isEqualTo(one.weights().sha256()));
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

  private static Trainer withSyncBatchNorm(Path checkpoints) {
    Recipe recipe = SharedRun.RECIPE;
    return SharedRun.trainer(checkpoints)
        .withRecipe(recipe.withOptions(recipe.options().toBuilder().syncBatchNorm(true).build()));
  }

  /** The last update of an epoch has a batch for one rank alone. */
  @Test
  void synchronisedNormsResumeWithTheSameBits() throws Throwable {
    Path whole = folder.resolve("synchronised");
    Path resumed = Files.createDirectories(folder.resolve("synchronised-resumed"));

    List<TrainingRun> runs = trainTogether(withSyncBatchNorm(whole));
    for (int step = 1; step <= 2; step++) {
      Files.copy(checkpoint(whole, step), checkpoint(resumed, step));
    }
    trainTogether(withSyncBatchNorm(resumed));

    assertThat(checkpoint(resumed, SharedRun.STEPS))
        .hasSameBinaryContentAs(checkpoint(whole, SharedRun.STEPS));
    assertThat(runs)
        .allSatisfy(
            run ->
                assertThat(run.weights().sha256())
                    .isEqualTo(runs.get(0).weights().sha256())
                    .isNotEqualTo(alone.weights().sha256()));
  }

  private static List<TrainingRun> trainTogether(Trainer trainer) throws Throwable {
    return ThreadedGroup.run(
        SharedRun.BATCHES_PER_UPDATE,
        group -> SharedRun.train(trainer.withGroup(group), dataset, 1));
  }

  @Test
  void refusesSynchronisedNormsOverSeveralRounds() {
    Trainer trainer = withSyncBatchNorm(folder.resolve("rounds"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SharedRun.train(trainer, dataset, 1))
        .withMessageContaining("updates of 5 batches cannot be made by 1 processes");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ThreadedGroup.run(
                    2, group -> SharedRun.train(trainer.withGroup(group), dataset, 1)))
        .withMessageContaining("updates of 5 batches cannot be made by 2 processes");
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
