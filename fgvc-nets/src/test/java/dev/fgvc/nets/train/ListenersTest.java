package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void tensorBoardReadsEachScalar() throws IOException {
    try (TensorBoardMetrics metrics = TensorBoardMetrics.in(folder)) {
      metrics.step(step(300, 2));
      metrics.epoch(epoch(31));
      metrics.scalar("top-1 error", 1L << 40, 0.125);
    }
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.");

    Map<String, String> scalars = new LinkedHashMap<>();
    ByteBuffer records = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    String version = "";
    while (records.hasRemaining()) {
      int start = records.position();
      int length = (int) records.getLong();
      assertThat(records.getInt()).isEqualTo(maskedChecksum(records, start, 8));
      ByteBuffer event = records.slice(records.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      records.position(records.position() + length);
      assertThat(records.getInt()).isEqualTo(maskedChecksum(records, start + 12, length));
      long step = -1;
      while (event.hasRemaining()) {
        switch (event.get()) {
          case 0x09 -> assertThat(event.getDouble()).isGreaterThan(1.6e9);
          case 0x10 -> step = varint(event);
          case 0x1A -> version = text(event);
          case 0x2A -> readSummary(part(event), step, scalars);
          default -> throw new AssertionError("a field that is not expected");
        }
      }
    }
    assertThat(version).isEqualTo("brain.Event:2");
    assertThat(scalars)
        .containsEntry("loss", "300 2.75")
        .containsEntry("cross_entropy", "300 2.0")
        .containsEntry("auxiliary", "300 0.25")
        .containsEntry("weight_decay", "300 0.5")
        .containsEntry("learning_rate", "300 0.001")
        .containsEntry("epoch_loss", "310 1.5")
        .containsEntry("top-1 error", (1L << 40) + " 0.125")
        .hasSize(7);
  }

  private static void readSummary(ByteBuffer summary, long step, Map<String, String> scalars) {
    while (summary.hasRemaining()) {
      assertThat(summary.get()).isEqualTo((byte) 0x0A);
      ByteBuffer value = part(summary);
      assertThat(value.get()).isEqualTo((byte) 0x0A);
      String tag = text(value);
      assertThat(value.get()).isEqualTo((byte) 0x15);
      scalars.put(tag, step + " " + value.getFloat());
    }
  }

  /** As the format has it: rotated by 15 bits to the right, and a constant added. */
  private static int maskedChecksum(ByteBuffer records, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(records.array(), from, length);
    long value = crc.getValue();
    return (int) (((value >>> 15 | value << 17) & 0xFFFFFFFFL) + 0xa282ead8L);
  }

  private static long varint(ByteBuffer bytes) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static ByteBuffer part(ByteBuffer bytes) {
    int length = (int) varint(bytes);
    ByteBuffer part = bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(bytes.position() + length);
    return part;
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(part(bytes)).toString();
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
