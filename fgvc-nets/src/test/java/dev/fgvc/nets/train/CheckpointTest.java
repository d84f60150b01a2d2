package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandAugment;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.RandomErasing;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.Mixing;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.TensorFile;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that end by an exception and go on in the same process. */
class CheckpointTest {

  private static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50
          .builder()
          .classes(2)
          .widthMultiplier(0.1)
          .batchNormDecay(0.8)
          .build();

  private static final String OPTIONS_OF_AN_EARLIER_VERSION =
      "TrainingOptions[optimizer=RmsProp[decay=0.9, momentum=0.9, epsilon=1.0],"
          + " weightDecay=4.0E-5, labelSmoothing=0.1, auxiliaryWeight=0.4,"
          + " movingAverageDecay=0.9999, batchNormWarmUp=false, trainableScopes=[],"
          + " frozenScopes=[], device=Device[kind=CPU, index=0], dropout=true, seed=0,"
          + " clipNorm=0.0, bfloat16=false, classWeights=[], logitOffsets=[], labelMargins=[],"
          + " logitScale=1.0, rateFactors={}]";

  @TempDir private static Path images;

  private static Dataset dataset;
  private static Recorder uninterrupted;

  @TempDir private Path folder;

  /** Ends the run at a step, as a caller's exception would. */
  private static final class Recorder implements TrainingListener {

    private final long lastStep;
    private final List<String> losses = new ArrayList<>();
    private final List<String> damaged = new ArrayList<>();
    private long resumedAt;
    private String resumedState = "";

    Recorder(long lastStep) {
      this.lastStep = lastStep;
    }

    @Override
    public void resumed(long step, String state) {
      resumedAt = step;
      resumedState = state;
    }

    @Override
    public void step(TrainingStep step) {
      losses.add(step.step() + " " + Double.toHexString(step.loss().total()));
      if (step.step() == lastStep) {
        throw new IllegalCallerException("the end of this process");
      }
    }

    @Override
    public void damagedCheckpoint(Path file, String reason) {
      damaged.add(file.getFileName() + " " + reason);
    }

    @Override
    public String state() {
      return losses.size() + " heard";
    }
  }

  @BeforeAll
  static void runOnceToTheEnd() throws IOException {
    dataset = KilledRun.dataset(images);
    uninterrupted = new Recorder(-1);
    train(trainer().withListener(uninterrupted));
  }

  private static Recipe recipe() {
    return Recipe.preTraining(2).withBatchSize(4);
  }

  private static Trainer trainer() {
    return Trainer.of(Engine.torch(), recipe()).withSeed(3);
  }

  private static TrainingRun train(Trainer trainer) {
    return train(trainer, dataset);
  }

  private static TrainingRun train(Trainer trainer, Dataset images) {
    return trainer.train(
        "test", GRAPH, Weights.initialize(GRAPH, 1), images, Resolution.square(32));
  }

  private Checkpoints checkpoints() {
    return Checkpoints.in(folder).every(2);
  }

  private void interruptAt(long step) {
    Recorder recorder = new Recorder(step);
    assertThatExceptionOfType(IllegalCallerException.class)
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints()).withListener(recorder)));
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private List<String> lossesAfter(int step) {
    return uninterrupted.losses.subList(step, uninterrupted.losses.size());
  }

  @Test
  @InOtherLocales
  void goesOnWhereTheLastCheckpointWasWritten() {
    interruptAt(5);
    Recorder rest = new Recorder(-1);
    TrainingRun run = train(trainer().withCheckpoints(checkpoints()).withListener(rest));

    assertThat(rest.resumedAt).isEqualTo(4);
    assertThat(rest.resumedState).isEqualTo("4 heard");
    assertThat(rest.losses).isEqualTo(lossesAfter(4));
    assertThat(run.steps()).isEqualTo(12);
    assertThat(run.epochLosses()).isEqualTo(train(trainer()).epochLosses());
  }

  @Test
  void mixedAndAugmentedRunsGoOnBitByBitAndOnlyAsTheyBegan() {
    ImageTransform transform =
        RandomErasing.of(RandAugment.of(RandomCrop.of(Resolution.square(32))))
            .withFill(RandomErasing.Fill.NOISE);
    Recipe mixed = recipe().withMixing(Mixing.of(0.8, 1));
    Recorder whole = new Recorder(-1);
    Recorder half = new Recorder(5);
    Recorder rest = new Recorder(-1);
    train(trainer().withRecipe(mixed).withListener(whole), transform);
    Trainer kept = trainer().withRecipe(mixed).withCheckpoints(checkpoints());
    assertThatExceptionOfType(IllegalCallerException.class)
        .isThrownBy(() -> train(kept.withListener(half), transform));

    assertThatIllegalStateException()
        .isThrownBy(() -> train(kept.withRecipe(mixed.withMixing(Mixing.mixup(0.8))), transform))
        .withMessageContaining("mixing: ");
    assertThatIllegalStateException()
        .isThrownBy(() -> train(kept, RandomCrop.of(Resolution.square(32))))
        .withMessageContaining("transform: ");
    train(kept.withListener(rest), transform);

    assertThat(whole.losses).isNotEqualTo(uninterrupted.losses).startsWith(half.losses.get(0));
    assertThat(rest.losses).isEqualTo(whole.losses.subList(4, whole.losses.size()));
  }

  private static TrainingRun train(Trainer trainer, ImageTransform transform) {
    return trainer.train("test", GRAPH, Weights.initialize(GRAPH, 1), dataset, transform);
  }

  @Test
  void aFinishedRunIsReadBackAndCanGoOnForMoreEpochs() {
    TrainingRun run = train(trainer().withCheckpoints(checkpoints()));
    Recorder again = new Recorder(-1);
    TrainingRun read = train(trainer().withCheckpoints(checkpoints()).withListener(again));

    assertThat(again.losses).isEmpty();
    assertThat(read.epochLosses()).isEqualTo(run.epochLosses());
    assertSame(read.averagedWeights(), run.averagedWeights());
    Recorder more = new Recorder(-1);
    Trainer longer =
        Trainer.of(Engine.torch(), recipe().withEpochs(3))
            .withSeed(3)
            .withCheckpoints(checkpoints())
            .withListener(more);
    assertThat(train(longer).epochLosses())
        .hasSize(3)
        .startsWith(run.epochLosses().toArray(Double[]::new));
    assertThat(more.losses).hasSize(6);
    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints())))
        .withMessageContaining("has finished 3 epochs in its checkpoint, the recipe has only 2");
  }

  private static void assertSame(Weights actual, Weights expected) {
    for (String name : expected.names()) {
      WeightTensor tensor = actual.tensor(name);
      assertThat(tensor.toArray()).as(name).isEqualTo(expected.tensor(name).toArray());
    }
  }

  @Test
  @InOtherLocales
  void keepsTheNewestFiles() throws IOException {
    train(trainer().withCheckpoints(checkpoints().keep(3)));

    assertThat(files(".safetensors"))
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "checkpoint-000000000008.safetensors",
            "checkpoint-000000000010.safetensors",
            "checkpoint-000000000012.safetensors");
  }

  @Test
  void aDamagedNewestIsNoticedWhereverItIsDamaged() throws IOException {
    interruptAt(5);
    Path newest = folder.resolve("checkpoint-000000000004.safetensors");
    byte[] whole = Files.readAllBytes(newest);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 12; i++) {
      byte[] bytes = whole.clone();
      if (i % 3 == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      } else {
        int end = i % 3 == 1 ? 4000 : bytes.length;
        bytes[random.nextInt(end)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(newest, bytes);
      Recorder rest = new Recorder(4);

      assertThatExceptionOfType(IllegalCallerException.class)
          .as("seed %d, damage %d", seed, i)
          .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints()).withListener(rest)));

      assertThat(rest.damaged).hasSize(1);
      assertThat(rest.damaged.get(0)).startsWith("checkpoint-000000000004.safetensors.damaged");
      assertThat(rest.resumedAt).isEqualTo(2);
      assertThat(rest.losses).isEqualTo(lossesAfter(2).subList(0, 2));
    }
  }

  /** A supervisor starts the same command again and again. */
  @Test
  void refusesAtEveryStartWhenNoneIsWholeAndRenamesNothing() throws IOException {
    interruptAt(5);
    List<Path> files = files(".safetensors");
    for (Path file : files) {
      Files.write(file, new byte[100]);
    }
    for (int start = 0; start < 3; start++) {
      Recorder recorder = new Recorder(-1);

      assertThatIllegalStateException()
          .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints()).withListener(recorder)))
          .withMessageContaining("no checkpoint in " + folder + " is whole")
          .withMessageContaining("checkpoint-000000000002.safetensors")
          .withMessageContaining("checkpoint-000000000004.safetensors");

      assertThat(recorder.losses).isEmpty();
      assertThat(recorder.damaged).isEmpty();
      assertThat(files(".safetensors")).isEqualTo(files).hasSize(2);
    }
  }

  @Test
  void refusesAFolderThatHoldsNothingButDamagedOnesSetAside() throws IOException {
    interruptAt(3);
    Path file = files(".safetensors").get(0);
    Files.move(file, file.resolveSibling(file.getFileName() + ".damaged"));

    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints())))
        .withMessageContaining("no checkpoint in " + folder + " is whole")
        .withMessageContaining("set aside as damaged");
  }

  @Test
  void aFileThatCannotBeReadIsNotDamaged() throws IOException {
    interruptAt(5);
    Path newest = folder.resolve("checkpoint-000000000004.safetensors");
    Path away = Files.move(newest, folder.resolve("away"));
    // Nobody reads a folder as a file, not even who may read everything.
    Files.createDirectory(newest);
    for (int start = 0; start < 2; start++) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints())))
          .withMessageContaining(newest + " cannot be read")
          .withMessageContaining("make it readable");
    }

    assertThat(newest).isDirectory();
    Files.delete(newest);
    Files.move(away, newest);
    Recorder rest = new Recorder(-1);
    train(trainer().withCheckpoints(checkpoints()).withListener(rest));
    assertThat(rest.losses).isEqualTo(lossesAfter(4));
  }

  @Test
  void aFileWithoutPermissionIsLeftAloneAndNamed() throws IOException {
    interruptAt(5);
    Path newest = folder.resolve("checkpoint-000000000004.safetensors");
    assumeTrue(newest.toFile().setReadable(false), "no permissions here");
    assumeFalse(Files.isReadable(newest), "this user may read every file");

    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints())))
        .withMessageContaining(newest + " cannot be read");

    assertThat(newest).exists();
  }

  @Test
  void renamesNothingInAnotherRunsFolder() throws IOException {
    interruptAt(5);
    List<Path> files = files(".safetensors");
    Files.write(files.get(1), new byte[100]);

    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withSeed(4).withCheckpoints(checkpoints())))
        .withMessageContaining("seed: 3, now 4");

    assertThat(files(".safetensors")).isEqualTo(files);
  }

  @Test
  void refusesCheckpointsOfAVersionThatDidNotNoteTheStart() throws IOException {
    interruptAt(3);
    Path file = files(".safetensors").get(0);
    TensorFile now = TensorFile.read(file);
    Map<String, String> texts = new HashMap<>(now.texts());
    assertThat(texts.remove("run/start weights")).isNotNull();
    new TensorFile(now.tensors(), texts).write(file);

    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints())))
        .withMessageContaining("written by an earlier version")
        .withMessageContaining("start weights");

    assertThat(file).exists();
  }

  /** Options that are off are no part of a run, as earlier versions had none of the later ones. */
  @Test
  void goesOnFromCheckpointsWhoseOptionsAreThoseOfAnEarlierVersion() throws IOException {
    interruptAt(3);
    Path file = files(".safetensors").get(0);
    TensorFile now = TensorFile.read(file);
    Map<String, String> texts = new HashMap<>(now.texts());
    texts.put("run/options", OPTIONS_OF_AN_EARLIER_VERSION);
    new TensorFile(now.tensors(), texts).write(file);
    Recorder recorder = new Recorder(-1);

    train(trainer().withCheckpoints(checkpoints()).withListener(recorder));

    assertThat(recorder.resumedAt).isEqualTo(2);
    TrainingOptions synchronised = recipe().options().toBuilder().syncBatchNorm(true).build();
    assertThat(identity(recipe()).get("options")).isEqualTo(OPTIONS_OF_AN_EARLIER_VERSION);
    assertThat(identity(recipe().withOptions(synchronised)).get("options"))
        .contains("syncBatchNorm=true");
  }

  private static Map<String, String> identity(Recipe recipe) {
    return Trainer.of(Engine.torch(), recipe)
        .identity(
            GRAPH, Weights.initialize(GRAPH, 1), dataset, RandomCrop.of(Resolution.square(32)));
  }

  @Test
  void refusesAnotherRunsCheckpointsAndSaysWhatDiffers() {
    interruptAt(5);

    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withSeed(4).withCheckpoints(checkpoints())))
        .withMessageContaining("seed: 3, now 4");
    Recipe other =
        recipe().withOptions(TrainingOptions.paper().toBuilder().labelSmoothing(0.2).build());
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                train(
                    Trainer.of(Engine.torch(), other.withLearningRate(LearningRate.constant(0.5)))
                        .withSeed(3)
                        .withCheckpoints(checkpoints())))
        .withMessageContaining("learning rates: 0.045, 0.045")
        .withMessageContaining("now 0.5, 0.5")
        .withMessageContaining("labelSmoothing=0.2");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                trainer()
                    .withCheckpoints(checkpoints())
                    .train(
                        "test",
                        GRAPH,
                        Weights.initialize(GRAPH, 1),
                        dataset,
                        Resolution.square(40)))
        .withMessageContaining("transform: random crop");
  }

  @Test
  void aRunThatFailedAtADamagedImageGoesOnAsIfItHadAlwaysBeenLeftOut(@TempDir Path others)
      throws IOException {
    Dataset spoilt = KilledRun.dataset(others);
    Files.writeString(spoilt.path(Sampler.natural(spoilt, 3).epoch(0)[9]), "no picture");
    Trainer skipping = trainer().withDamagedImages(DamagedImages.skip(5));
    Recorder whole = new Recorder(-1);
    TrainingRun always = train(skipping.withListener(whole), spoilt);
    Trainer failing = trainer().withCheckpoints(checkpoints().every(1));

    assertThatExceptionOfType(ImageFormatException.class).isThrownBy(() -> train(failing, spoilt));
    Recorder rest = new Recorder(-1);
    TrainingRun resumed =
        train(failing.withDamagedImages(DamagedImages.skip(1)).withListener(rest), spoilt);

    assertThat(rest.resumedAt).isEqualTo(2);
    assertThat(rest.losses).isEqualTo(whole.losses.subList(2, whole.losses.size()));
    assertSame(resumed.weights(), always.weights());
    assertSame(train(failing, spoilt).weights(), always.weights());
  }

  @Test
  void otherStartWeightsAreAnotherRunAlsoWhereTheFirstHasFinished() {
    train(trainer().withCheckpoints(checkpoints()));

    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                trainer()
                    .withCheckpoints(checkpoints())
                    .train(
                        "test",
                        GRAPH,
                        Weights.initialize(GRAPH, 2),
                        dataset,
                        Resolution.square(32)))
        .withMessageContaining("are another run's")
        .withMessageContaining("start weights: ");
  }

  @Test
  void otherImagesOfTheSameNamesAreAnotherRunAndMovedOnesAreNot() throws IOException {
    interruptAt(5);
    Path elsewhere = folder.resolve("elsewhere");
    Dataset moved = KilledRun.dataset(elsewhere).named("moved");
    trainer()
        .withCheckpoints(checkpoints())
        .train("test", GRAPH, Weights.initialize(GRAPH, 1), moved, Resolution.square(32));
    SampleImages.write(moved.path(17), 41, 41);

    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                trainer()
                    .withCheckpoints(checkpoints())
                    .train(
                        "test", GRAPH, Weights.initialize(GRAPH, 1), moved, Resolution.square(32)))
        .withMessageContaining("data set: 24 images of 2 classes #");
  }

  /** The orders of its first epochs do not tell the blend from another. */
  @Test
  void anotherSamplerIsAnotherRun() {
    Function<Dataset, Sampler> blend =
        images -> Sampler.blend(Sampler.natural(images, 3), Sampler.balanced(images, 3), 1000, 3);
    Recorder recorder = new Recorder(3);
    assertThatExceptionOfType(IllegalCallerException.class)
        .isThrownBy(
            () ->
                train(
                    trainer()
                        .withSampler(blend)
                        .withCheckpoints(checkpoints())
                        .withListener(recorder)));

    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                train(
                    trainer()
                        .withSampler(
                            images ->
                                Sampler.blend(
                                    Sampler.natural(images, 3),
                                    Sampler.balanced(images, 4),
                                    1000,
                                    3))
                        .withCheckpoints(checkpoints())))
        .withMessageContaining("order: 24 images an epoch, from (each image once, seed 3) to");
    train(trainer().withSampler(blend).withCheckpoints(checkpoints()));
  }

  @Test
  void anotherScheduleIsAnotherRunAlsoWhereItDiffersLate() {
    LearningRate rate = LearningRate.exponentialStaircase(0.045, 0.94, 2);
    Recorder recorder = new Recorder(3);
    assertThatExceptionOfType(IllegalCallerException.class)
        .isThrownBy(() -> train(trainer(rate).withListener(recorder)));

    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                train(
                    trainer((step, stepsPerEpoch) -> step == 7 ? 0 : rate.at(step, stepsPerEpoch))))
        .withMessageContaining("learning rates: ");
  }

  private Trainer trainer(LearningRate rate) {
    return Trainer.of(Engine.torch(), recipe().withLearningRate(rate))
        .withSeed(3)
        .withCheckpoints(checkpoints());
  }

  @Test
  void aFinishedRunKeepsNoMoreFilesThanItWasTo() throws IOException {
    train(trainer().withCheckpoints(checkpoints()));
    // As after a kill between writing a checkpoint and removing the oldest.
    Path newest = folder.resolve("checkpoint-000000000012.safetensors");
    Files.copy(newest, folder.resolve("checkpoint-000000000008.safetensors"));

    train(trainer().withCheckpoints(checkpoints()));

    assertThat(files(".safetensors")).hasSize(2).contains(newest);
  }

  /** An exception of a listener ends the run at any step; nothing is heard twice or never. */
  @Test
  void aListenerThatThrowsLosesNoStep() {
    List<String> heard = new ArrayList<>();
    int[] calls = {0};
    TrainingListener sometimes =
        new TrainingListener() {
          @Override
          public void started() {
            heard.clear();
          }

          @Override
          public void resumed(long step, String state) {
            heard.subList((int) step, heard.size()).clear();
          }

          @Override
          public void step(TrainingStep step) {
            heard.add(step.step() + " " + Double.toHexString(step.loss().total()));
            if (++calls[0] % 4 == 3) {
              throw new IllegalCallerException("heard of step " + step.step());
            }
          }

          @Override
          public Decision epoch(TrainingEpoch epoch) {
            if (++calls[0] % 4 == 3) {
              throw new IllegalCallerException("heard of epoch " + epoch.epoch());
            }
            return Decision.CONTINUE;
          }
        };
    Trainer trainer =
        trainer().withCheckpoints(Checkpoints.in(folder).every(1)).withListener(sometimes);
    int failures = 0;
    for (boolean done = false; !done; ) {
      try {
        train(trainer);
        done = true;
      } catch (IllegalCallerException e) {
        failures++;
      }
    }

    assertThat(failures).isGreaterThan(3);
    assertThat(heard).isEqualTo(uninterrupted.losses);
  }

  @Test
  void oneRunAtATimeHasTheFolder() {
    TrainingListener second =
        new TrainingListener() {
          @Override
          public void step(TrainingStep step) {
            train(trainer().withCheckpoints(checkpoints()));
          }
        };

    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints()).withListener(second)))
        .withMessageContaining("another run writes its checkpoints to " + folder);
  }

  @Test
  void aFullDiskLeavesTheCheckpointsBeforeIt() throws IOException {
    interruptAt(3);
    long each = Files.size(files(".safetensors").get(0));
    Configuration disk =
        Configuration.unix().toBuilder().setMaxSize(each * 5 / 2).setBlockSize(4096).build();
    try (FileSystem small = Jimfs.newFileSystem(disk)) {
      Path full = small.getPath("/checkpoints");
      Checkpoints keepAll = Checkpoints.in(full).every(2).keep(9);

      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> train(trainer().withCheckpoints(keepAll)))
          .withMessageContaining("checkpoint-000000000006.safetensors cannot be written")
          .withMessageContaining("bytes and /checkpoints has");

      try (Stream<Path> files = Files.list(full)) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrder(
                "checkpoint-000000000002.safetensors",
                "checkpoint-000000000004.safetensors",
                "training.lock");
      }
      Recorder rest = new Recorder(5);
      assertThatExceptionOfType(IllegalCallerException.class)
          .isThrownBy(() -> train(trainer().withCheckpoints(keepAll).withListener(rest)));
      assertThat(rest.losses).isEqualTo(lossesAfter(4).subList(0, 1));
    }
  }

  @Test
  void whatAKilledProcessLeftHalfWrittenIsCleared() throws IOException {
    Path partial =
        Files.write(folder.resolve("checkpoint-000000000002.safetensors123.partial"), new byte[10]);
    Path foreign = Files.write(folder.resolve("notes.partial"), new byte[10]);

    interruptAt(1);

    assertThat(partial).doesNotExist();
    assertThat(foreign).exists();
  }

  @Test
  void accumulatedBatchesAreOneStep() {
    Recorder recorder = new Recorder(-1);
    Recipe recipe = recipe().withBatchesPerUpdate(4);
    TrainingRun run =
        train(
            Trainer.of(Engine.torch(), recipe)
                .withSeed(3)
                .withCheckpoints(checkpoints())
                .withListener(recorder));

    // Six batches an epoch are an update of four and one of two.
    assertThat(run.steps()).isEqualTo(4);
    assertThat(recorder.losses).hasSize(4);
    assertThat(recipe.updatesPerEpoch(24)).isEqualTo(2);
    assertThatIllegalArgumentException().isThrownBy(() -> recipe().withBatchesPerUpdate(0));
  }

  @Test
  void refusesWrongSettings() {
    assertThatIllegalArgumentException().isThrownBy(() -> checkpoints().every(0));
    assertThatIllegalArgumentException().isThrownBy(() -> checkpoints().keep(0));
  }
}
