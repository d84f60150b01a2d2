package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandAugment;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.RandomErasing;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.Mixing;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs go on from their checkpoints as if nothing had interrupted them. */
class CheckpointTest extends InterruptedRuns {

  private static List<String> uninterrupted;

  @BeforeAll
  static void runOnceToTheEnd() {
    uninterrupted = uninterruptedLosses();
  }

  @Test
  @InOtherLocales
  void goesOnWhereTheLastCheckpointWasWritten() {
    interruptAt(5);
    Recorder rest = new Recorder(-1);
    TrainingRun run = train(trainer().withCheckpoints(checkpoints()).withListener(rest));

    assertThat(rest.resumedAt).isEqualTo(4);
    assertThat(rest.resumedState).isEqualTo("4 heard");
    assertThat(rest.losses).isEqualTo(uninterrupted.subList(4, 12));
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

    assertThat(whole.losses).isNotEqualTo(uninterrupted).startsWith(half.losses.get(0));
    assertThat(rest.losses).isEqualTo(whole.losses.subList(4, whole.losses.size()));
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

    assertThat(files())
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "checkpoint-000000000008.safetensors",
            "checkpoint-000000000010.safetensors",
            "checkpoint-000000000012.safetensors");
  }

  @Test
  void aFinishedRunKeepsNoMoreFilesThanItWasTo() throws IOException {
    train(trainer().withCheckpoints(checkpoints()));
    // As after a kill between writing a checkpoint and removing the oldest.
    Path newest = folder.resolve("checkpoint-000000000012.safetensors");
    Files.copy(newest, folder.resolve("checkpoint-000000000008.safetensors"));

    train(trainer().withCheckpoints(checkpoints()));

    assertThat(files()).hasSize(2).contains(newest);
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
    assertThat(heard).isEqualTo(uninterrupted);
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
