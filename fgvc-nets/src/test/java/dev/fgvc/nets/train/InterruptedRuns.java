package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A run of twelve steps that an exception ends, and that goes on in the same process. */
abstract class InterruptedRuns {

  static final NetworkGraph GRAPH = KilledRun.GRAPH;

  @TempDir private static Path images;

  static Dataset dataset;

  @TempDir Path folder;

  /** Ends the run at a step, as a caller's exception would. */
  static final class Recorder implements TrainingListener {

    private final long lastStep;
    final List<String> losses = new ArrayList<>();
    final List<String> damaged = new ArrayList<>();
    long resumedAt;
    String resumedState = "";

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
  static void drawImages() throws IOException {
    dataset = KilledRun.dataset(images);
  }

  static Recipe recipe() {
    return Recipe.preTraining(2).withBatchSize(4);
  }

  static Trainer trainer() {
    return Trainer.of(Engine.torch(), recipe()).withSeed(3);
  }

  static TrainingRun train(Trainer trainer) {
    return train(trainer, dataset);
  }

  static TrainingRun train(Trainer trainer, Dataset images) {
    return trainer.train(
        "test", GRAPH, Weights.initialize(GRAPH, 1), images, Resolution.square(32));
  }

  static TrainingRun train(Trainer trainer, ImageTransform transform) {
    return trainer.train("test", GRAPH, Weights.initialize(GRAPH, 1), dataset, transform);
  }

  Checkpoints checkpoints() {
    return Checkpoints.in(folder).every(2);
  }

  void interruptAt(long step) {
    Recorder recorder = new Recorder(step);
    assertThatExceptionOfType(IllegalCallerException.class)
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints()).withListener(recorder)));
  }

  /** The checkpoints, from the oldest to the newest. */
  List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
  }

  /** The losses of a run that nothing interrupts. */
  static List<String> uninterruptedLosses() {
    Recorder recorder = new Recorder(-1);
    train(trainer().withListener(recorder));
    return recorder.losses;
  }
}
