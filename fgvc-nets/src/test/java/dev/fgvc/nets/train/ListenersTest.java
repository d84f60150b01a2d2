package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InOtherLocales
class ListenersTest {

  @TempDir private Path folder;

  private static TrainingStep step(long step, double loss) {
    return new TrainingStep(
        "test", (int) (step / 10), step, 100, new StepLoss(loss, 0.25, 0.5), 1e-3);
  }

  private static TrainingEpoch epoch(int epoch) {
    return new TrainingEpoch(
        "test", epoch, 10L * epoch, 1.5, List.of(), () -> Weights.of(Map.of()));
  }

  @Test
  void stopsWhenNothingFallsAnyMore() {
    Iterator<Double> errors = List.of(0.9, 0.8, 0.85, Double.NaN, 0.7, 0.7, 0.71, 0.72).iterator();
    List<Integer> best = new ArrayList<>();
    EarlyStopping stopping =
        EarlyStopping.of(epoch -> errors.next(), 3).onBest(epoch -> best.add(epoch.epoch()));
    List<TrainingListener.Decision> decisions = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      decisions.add(stopping.epoch(epoch(i)));
    }

    assertThat(decisions.subList(0, 7)).containsOnly(TrainingListener.Decision.CONTINUE);
    assertThat(decisions.get(7)).isEqualTo(TrainingListener.Decision.STOP);
    assertThat(best).containsExactly(0, 1, 4);
    assertThat(stopping.best()).isEqualTo(0.7);
    assertThatIllegalArgumentException().isThrownBy(() -> EarlyStopping.of(epoch -> 0, 0));
  }

  @Test
  void patienceGoesOnWhenTheRunResumes() {
    EarlyStopping before = EarlyStopping.of(epoch -> 0.5 + epoch.epoch(), 3);
    before.epoch(epoch(0));
    before.epoch(epoch(1));
    EarlyStopping after = EarlyStopping.of(epoch -> 0.5 + epoch.epoch(), 3);
    after.resumed(20, before.state());

    assertThat(after.best()).isEqualTo(0.5);
    assertThat(after.epoch(epoch(2))).isEqualTo(TrainingListener.Decision.CONTINUE);
    assertThat(after.epoch(epoch(3))).isEqualTo(TrainingListener.Decision.STOP);
  }

  @Test
  void patienceBeginsAnewWithAnotherRun() {
    EarlyStopping stopping = EarlyStopping.of(epoch -> epoch.epoch() % 10, 2);
    for (int first : new int[] {0, 50}) {
      stopping.started();
      assertThat(stopping.best()).isInfinite();
      assertThat(stopping.epoch(epoch(first))).isEqualTo(TrainingListener.Decision.CONTINUE);
      assertThat(stopping.epoch(epoch(first + 1))).isEqualTo(TrainingListener.Decision.CONTINUE);
      assertThat(stopping.epoch(epoch(first + 2))).isEqualTo(TrainingListener.Decision.STOP);
    }
    stopping.resumed(20, "");

    assertThat(stopping.best()).as("of a run that it was not part of").isInfinite();
  }

  @Test
  void aStoppedRunStaysStopped() throws IOException {
    NetworkGraph graph =
        Architecture.RESNET_V2_50.builder().classes(2).widthMultiplier(0.1).build();
    Trainer trainer =
        Trainer.of(Engine.torch(), Recipe.preTraining(5).withBatchSize(12))
            .withCheckpoints(Checkpoints.in(folder.resolve("checkpoints")));
    for (int again = 0; again < 2; again++) {
      TrainingRun run =
          trainer
              .withListener(EarlyStopping.of(epoch -> 1, 1))
              .train(
                  "stopping",
                  graph,
                  Weights.initialize(graph, 1),
                  KilledRun.dataset(folder.resolve("images")),
                  Resolution.square(32));

      assertThat(run.epochLosses()).hasSize(2);
      assertThat(run.steps()).isEqualTo(4);
    }
  }

  @Test
  void tablesDropWhatIsMadeAgain() throws IOException {
    Path file = folder.resolve("metrics.csv");
    try (CsvMetrics metrics = CsvMetrics.to(file)) {
      for (int i = 1; i <= 12; i++) {
        metrics.step(step(i, i));
      }
    }
    Files.writeString(file, Files.readString(file) + "13,1,0.0");
    try (CsvMetrics metrics = CsvMetrics.to(file)) {
      metrics.resumed(10, "");
      metrics.step(step(11, 99));
    }

    List<String> rows = Files.readAllLines(file);
    assertThat(rows).hasSize(12);
    assertThat(rows.get(0))
        .isEqualTo("step,epoch,learning_rate,loss,cross_entropy,auxiliary,weight_decay");
    assertThat(rows.get(10)).isEqualTo("10,1,0.001,10.75,10.0,0.25,0.5");
    assertThat(rows.get(11)).isEqualTo("11,1,0.001,99.75,99.0,0.25,0.5");
    Files.writeString(file, "something else\n");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> CsvMetrics.to(file))
        .withMessageContaining("metrics.csv does not start with");
  }

  @Test
  void aTableThatWasBegunBeforeTheFirstCheckpointBeginsAnew() throws IOException {
    Path file = folder.resolve("metrics.csv");
    Files.write(folder.resolve("metrics.csv." + UUID.randomUUID() + ".partial"), new byte[9]);
    for (int start = 0; start < 3; start++) {
      try (CsvMetrics metrics = CsvMetrics.to(file)) {
        metrics.started();
        for (int i = 1; i <= 3; i++) {
          metrics.step(step(i, i));
        }
      }
    }

    assertThat(Files.readAllLines(file))
        .extracting(row -> row.split(",")[0])
        .containsExactly("step", "1", "2", "3");
    assertThat(file.getParent()).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void aTableNeverHasAStepTwiceWhateverWasInIt() throws IOException {
    Path file = folder.resolve("metrics.csv");
    try (CsvMetrics metrics = CsvMetrics.to(file)) {
      for (int step : new int[] {1, 2, 3, 1, 2, 3, 4}) {
        metrics.step(step(step, step));
      }
    }
    Files.write(file, new byte[] {0, 0, (byte) 0xFF}, StandardOpenOption.APPEND);
    try (CsvMetrics metrics = CsvMetrics.to(file)) {
      metrics.resumed(3, "");
      metrics.step(step(4, 4));
    }

    assertThat(Files.readAllLines(file))
        .extracting(row -> row.split(",")[0])
        .containsExactly("step", "1", "2", "3", "4");
  }

  @Test
  void aRunMayBeTriedAgainWithTheSameMetricsAndAnotherMayNotUseThem() throws IOException {
    Path file = folder.resolve("metrics.csv");
    TrainingStep another = new TrainingStep("another", 0, 1, 100, new StepLoss(1, 0, 0), 1e-3);
    try (CsvMetrics table = CsvMetrics.to(file);
        TensorBoardMetrics events = TensorBoardMetrics.in(folder)) {
      for (TrainingListener metrics : List.of(table, events)) {
        metrics.started();
        metrics.step(step(1, 1));
        metrics.step(step(2, 2));
        metrics.resumed(1, "");
        metrics.step(step(2, 2));
        metrics.started();
        assertThatIllegalStateException()
            .isThrownBy(() -> metrics.step(another))
            .withMessageContaining("holds the figures of 'test', and 'another' is another run");
      }
    }

    assertThat(Files.readAllLines(file))
        .extracting(row -> row.split(",")[0])
        .containsExactly("step", "1", "2");
    assertThat(EventFiles.in(folder).scalars.get("loss")).containsExactly("1 1.75", "2 2.75");
  }

  @Test
  void tensorBoardReadsEachScalar() throws IOException {
    try (TensorBoardMetrics metrics = TensorBoardMetrics.in(folder)) {
      metrics.step(step(300, 2));
      metrics.epoch(epoch(31));
      metrics.scalar("top-1 error", 1L << 40, 0.125);
    }

    EventFiles events = EventFiles.in(folder);
    assertThat(events.version).isEqualTo("brain.Event:2");
    assertThat(events.scalars)
        .containsEntry("loss", List.of("300 2.75"))
        .containsEntry("cross_entropy", List.of("300 2.0"))
        .containsEntry("auxiliary", List.of("300 0.25"))
        .containsEntry("weight_decay", List.of("300 0.5"))
        .containsEntry("learning_rate", List.of("300 0.001"))
        .containsEntry("epoch_loss", List.of("310 1.5"))
        .containsEntry("top-1 error", List.of((1L << 40) + " 0.125"))
        .hasSize(7);
  }

  @Test
  void tensorBoardDropsWhatIsMadeAgain() throws IOException {
    for (int resumedAt : new int[] {0, 0, 5, 3}) {
      try (TensorBoardMetrics metrics = TensorBoardMetrics.in(folder)) {
        if (resumedAt == 0) {
          metrics.started();
        } else {
          metrics.resumed(resumedAt, "");
        }
        for (int i = resumedAt + 1; i <= resumedAt + 6; i++) {
          metrics.step(step(i, i));
        }
      }
    }

    assertThat(EventFiles.in(folder).scalars.get("loss"))
        .extracting(line -> line.split(" ")[0])
        .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9");
  }

  @Test
  void eventFilesMadeInARowHaveNamesInTheirOrderWhateverTheClock() throws IOException {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      TensorBoardMetrics.in(folder).close();
      try (Stream<Path> files = Files.list(folder)) {
        List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
        assertThat(names).hasSize(i + 1);
        assertThat(names.subList(0, i)).isEqualTo(made);
        made = names;
      }
    }
    assertThat(made.get(0)).startsWith("events.out.tfevents.");
    Instant now = Instant.ofEpochSecond(1_700_000_000L, 999_999_999);
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(EventFileName.next(empty, now))
        .hasToString("events.out.tfevents.1700000000.999999999.fgvc");
    Files.createFile(empty.resolve("events.out.tfevents.1700000000.999999999.fgvc"));
    assertThat(EventFileName.next(empty, now.minusSeconds(100)))
        .hasToString("events.out.tfevents.1700000001.000000000.fgvc");
    Files.createFile(empty.resolve("events.out.tfevents.1800000000.host.17.0.v2"));
    assertThat(EventFileName.next(empty, now))
        .hasToString("events.out.tfevents.1800000001.000000000.fgvc");
    Files.createFile(empty.resolve("events.out.tfevents.of somebody"));
    assertThat(EventFileName.next(empty, now))
        .hasToString("events.out.tfevents.1800000001.000000000.fgvc");
  }

  @Test
  void theCosineStartsWithItsWarmUpAndEndsAtTheLowestRate() {
    LearningRate rate = LearningRate.cosine(0.4, 0.01, 2, 10);
    // With 10 steps an epoch: 20 steps up, 80 down.
    assertThat(rate.at(0, 10)).isCloseTo(0.02, within(1e-12));
    assertThat(rate.at(19, 10)).isCloseTo(0.4, within(1e-12));
    assertThat(rate.at(20, 10)).isCloseTo(0.4, within(1e-12));
    assertThat(rate.at(60, 10)).isCloseTo(0.205, within(1e-12));
    assertThat(rate.at(100, 10)).isCloseTo(0.01, within(1e-12));
    assertThat(rate.at(5000, 10)).isCloseTo(0.01, within(1e-12));
    assertThatIllegalArgumentException().isThrownBy(() -> LearningRate.cosine(0.1, 0.2, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> LearningRate.cosine(0.1, 0, 5, 5));
  }
}
