package dev.fgvc.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.util.DoubleComparator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Python side relies on: the protocol, and that each work computes what its name says. */
class WorkerTest {

  @TempDir Path folder;

  @Test
  void transportOfTwoPointsIsFoundByHandToo() throws IOException {
    // Half of the source at 0, half at 4 on a line; the target is at 1 alone: (1 + 3) / 2.
    writeDomains();
    for (String work : List.of("emd", "emd-streamed")) {
      List<JsonObject> answers = conversation(work, "run\nrun\nend\n");
      assertThat(answers).hasSize(3);
      assertThat(answers.get(0).get("ready").getAsBoolean()).isTrue();
      for (JsonObject answer : answers.subList(1, 3)) {
        assertThat(answer.getAsJsonArray("values").get(0).getAsDouble()).isCloseTo(2, within(1e-9));
        assertThat(answer.get("seconds").getAsDouble()).isPositive();
      }
    }
  }

  @Test
  void distancesAreGivenRowByRow() throws IOException {
    writeDomains();
    JsonObject answer = conversation("distance", "run\n").get(1);
    assertThat(answer.getAsJsonArray("values"))
        .extracting(JsonElement::getAsDouble)
        .usingComparatorForType(new DoubleComparator(1e-9), Double.class)
        .containsExactly(1.0, 3.0);
  }

  @Test
  void namesAllWorkWhenAskedForUnknown() {
    assertThatThrownBy(() -> Works.prepare("emdd", new Settings(Map.of())))
        .hasMessageContaining("emdd")
        .hasMessageContaining("emd-streamed");
    assertThatThrownBy(() -> Works.prepare("emd", new Settings(Map.of())))
        .hasMessageContaining("folder");
  }

  private List<JsonObject> conversation(String name, String commands) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Work work = Works.prepare(name, new Settings(Map.of("folder", folder.toString())))) {
      Worker.answer(
          work,
          new BufferedReader(new StringReader(commands)),
          new PrintStream(out, true, StandardCharsets.UTF_8));
    }
    return out.toString(StandardCharsets.UTF_8)
        .lines()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  private void writeDomains() throws IOException {
    write("source.npy", "(2, 1)", 0, 4);
    write("source-counts.npy", "(2,)", 5, 5);
    write("target.npy", "(1, 1)", 1);
    write("target-counts.npy", "(1,)", 7);
  }

  private void write(String name, String shape, double... values) throws IOException {
    String header = "{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }";
    header = header + " ".repeat(117 - header.length()) + "\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + header.length() + 8 * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) 1).put((byte) 0).putShort((short) header.length());
    bytes.put(header.getBytes(StandardCharsets.US_ASCII));
    for (double value : values) {
      bytes.putDouble(value);
    }
    Files.write(folder.resolve(name), bytes.array());
  }
}
