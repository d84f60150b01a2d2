package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.weights.TableWriter.Proto;
import dev.fgvc.testing.CpuTime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of many small things, which took minutes where a reader's time grew by their square. */
class ManyTensorsTest {

  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @Test
  void aHeaderOfEmptyTensorsIsReadInItsTime() throws Throwable {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 300_000; i++) {
      header
          .append(i == 0 ? "" : ",")
          .append("\"a.b.")
          .append(i)
          .append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    Path file =
        Files.write(
            folder.resolve("many.safetensors"),
            ByteBuffer.allocate(8 + json.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array());

    CpuTime.requireAtMost(BOUND, () -> assertThat(Weights.read(file).names()).hasSize(300_000));
    CpuTime.requireAtMost(
        BOUND,
        () ->
            assertThatIllegalArgumentException()
                .isThrownBy(
                    () ->
                        WeightsImport.pytorch(file)
                            .into(
                                Architecture.INCEPTION_V3
                                    .builder()
                                    .classes(2)
                                    .widthMultiplier(0.05)
                                    .build()))
                .withMessageContaining("It holds 300000 tensors: 'a.b.0'"));
  }

  @Test
  void aCheckpointOfManyVariablesIsReadInItsTime() throws Throwable {
    int count = 20_000;
    TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    Proto full = new Proto().field(1, new Proto());
    TensorSlice whole = new TensorSlice(List.of(0L), List.of(TensorSlice.FULL));
    Proto variables = new Proto();
    for (int i = 0; i < count; i++) {
      byte[] name = ("v" + i).getBytes(StandardCharsets.UTF_8);
      variables.field(
          1,
          new Proto()
              .field(1, name)
              .field(2, new Proto().field(2, new Proto().field(1, 1)))
              .field(3, 1)
              .field(4, full));
      Proto tensor = new Proto().field(1, 1).field(5, new byte[] {0, 0, (byte) 0x80, 0x3f});
      entries.put(
          whole.key("v" + i),
          new Proto().field(2, new Proto().field(1, name).field(2, full).field(3, tensor)).raw());
    }
    entries.put(new byte[0], new Proto().field(1, variables).raw());
    Path file = Files.write(folder.resolve("many.ckpt"), TableWriter.table(entries));

    CpuTime.requireAtMost(
        BOUND,
        () -> {
          try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(file)) {
            assertThat(checkpoint.names()).hasSize(count);
            for (String name : checkpoint.names()) {
              assertThat(checkpoint.tensor(name).toWeights().toArray()).containsExactly(1);
            }
          }
        });
  }
}
