package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.TensorFile;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Checkpoints of other runs are refused, and those of earlier versions unless they tell too little.
 */
class CheckpointIdentityTest extends InterruptedRuns {

  private static final String OPTIONS_OF_AN_EARLIER_VERSION =
      "TrainingOptions[optimizer=RmsProp[decay=0.9, momentum=0.9, epsilon=1.0],"
          + " weightDecay=4.0E-5, labelSmoothing=0.1, auxiliaryWeight=0.4,"
          + " movingAverageDecay=0.9999, batchNormWarmUp=false, trainableScopes=[],"
          + " frozenScopes=[], device=Device[kind=CPU, index=0], dropout=true, seed=0,"
          + " clipNorm=0.0, bfloat16=false, classWeights=[], logitOffsets=[], labelMargins=[],"
          + " logitScale=1.0, rateFactors={}]";

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
                train(
                    trainer().withCheckpoints(checkpoints()), RandomCrop.of(Resolution.square(40))))
        .withMessageContaining("transform: random crop");
  }

  @Test
  void renamesNothingInAnotherRunsFolder() throws IOException {
    interruptAt(5);
    List<Path> files = files();
    Files.write(files.get(1), new byte[100]);

    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withSeed(4).withCheckpoints(checkpoints())))
        .withMessageContaining("seed: 3, now 4");

    assertThat(files()).isEqualTo(files);
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
    train(trainer().withCheckpoints(checkpoints()), moved);
    SampleImages.write(moved.path(17), 41, 41);

    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints()), moved))
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
  void refusesCheckpointsOfAVersionThatDidNotNoteTheStart() throws IOException {
    interruptAt(3);
    Path file = files().get(0);
    changeTexts(file, texts -> assertThat(texts.remove("run/start weights")).isNotNull());

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
    changeTexts(files().get(0), texts -> texts.put("run/options", OPTIONS_OF_AN_EARLIER_VERSION));
    Recorder recorder = new Recorder(-1);

    train(trainer().withCheckpoints(checkpoints()).withListener(recorder));

    assertThat(recorder.resumedAt).isEqualTo(2);
    TrainingOptions synchronised = recipe().options().toBuilder().syncBatchNorm(true).build();
    assertThat(identity(recipe()).get("options")).isEqualTo(OPTIONS_OF_AN_EARLIER_VERSION);
    assertThat(identity(recipe().withOptions(synchronised)).get("options"))
        .contains("syncBatchNorm=true");
  }

  private static void changeTexts(Path checkpoint, Consumer<Map<String, String>> change)
      throws IOException {
    TensorFile now = TensorFile.read(checkpoint);
    Map<String, String> texts = new HashMap<>(now.texts());
    change.accept(texts);
    new TensorFile(now.tensors(), texts).write(checkpoint);
  }

  private static Map<String, String> identity(Recipe recipe) {
    return Trainer.of(Engine.torch(), recipe)
        .identity(
            GRAPH, Weights.initialize(GRAPH, 1), dataset, RandomCrop.of(Resolution.square(32)));
  }
}
