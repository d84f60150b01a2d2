package dev.fgvc.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.benchmarks.Settings;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.InOtherLocales;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.util.DoubleComparator;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests what the Python side relies on: the protocol, and that each work computes what its name
 * says.
 */
class WorkerTest {

  @TempDir Path folder;

  @Test
  @InOtherLocales
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
  @InOtherLocales
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

  @Test
  void saysWhichDeviceIsNotThere() throws IOException {
    writeDomains();
    Map<String, String> settings = Map.of("engine", "torch", "device", "cuda:99");
    List<JsonObject> answers = conversation("distance", settings, "run\n");
    assertThat(answers).hasSize(1);
    assertThat(answers.get(0).get("unavailable").getAsString()).contains("CUDA", "index=99");
  }

  @Test
  void libtorchsDistancesAreTheSame() throws IOException {
    writeDomains();
    JsonObject answer = conversation("distance", Map.of("engine", "torch"), "run\n").get(1);
    assertThat(answer.getAsJsonArray("values"))
        .extracting(JsonElement::getAsDouble)
        .usingComparatorForType(new DoubleComparator(1e-9), Double.class)
        .containsExactly(1.0, 3.0);
  }

  /** A network of few channels, whose class means are those of its features, and its logits. */
  @Test
  void bytesGiveTheClassMeansOfTheirFeatures() throws IOException {
    NetworkGraph graph = Architecture.RESNET_V2_50.builder().classes(7).build();
    int count = 64;
    int side = 32;
    Weights.initialize(graph, 1).write(folder.resolve("weights.safetensors"));
    byte[] pixels = new byte[count * side * side * 3];
    new Random(1).nextBytes(pixels);
    Files.write(folder.resolve("images.u8"), pixels);
    ByteImages images = new ByteImages(ByteBuffer.wrap(pixels), count, Resolution.square(side));
    FloatBuffer floats = images.toFloats().pixels();
    ByteBuffer normalised =
        ByteBuffer.allocate(4 * floats.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    normalised.asFloatBuffer().put(floats.duplicate());
    Files.write(folder.resolve("images.f32"), normalised.array());
    ByteBuffer labels = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    IntStream.range(0, count).forEach(image -> labels.putInt(image % 50));
    Files.write(folder.resolve("labels.i32"), labels.array());
    Files.writeString(
        folder.resolve("inputs.json"),
        "{\"network\":\"resnet_v2_50\",\"batch\":64,\"side\":32,\"classes\":7}");

    Map<String, String> settings = Map.of("precision", "fp32", "batches", "1", "images", "bytes");
    List<Double> means = values(conversation("class-means", settings, "run\n").get(1));
    List<Double> logits = values(conversation("inference", settings, "run\n").get(1));

    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      FMatrixRMaj features = network.features(images);
      for (int k = 0; k < means.size(); k++) {
        // Class 0 has images 0 and 50.
        double mean = (features.get(0, k) + features.get(50, k)) / 2;
        assertThat(means.get(k)).isCloseTo(mean, within(1e-4 * Math.max(1, Math.abs(mean))));
      }
      assertThat(logits)
          .hasSize(7 * count)
          .first()
          .isEqualTo((double) network.logits(images).get(0, 0));
    }
  }

  private static List<Double> values(JsonObject answer) {
    return answer.getAsJsonArray("values").asList().stream().map(JsonElement::getAsDouble).toList();
  }

  private List<JsonObject> conversation(String name, String commands) throws IOException {
    return conversation(name, Map.of(), commands);
  }

  private List<JsonObject> conversation(String name, Map<String, String> settings, String commands)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Map<String, String> all = new HashMap<>(settings);
    all.put("folder", folder.toString());
    Worker.answer(
        name,
        new Settings(all),
        new BufferedReader(new StringReader(commands)),
        new PrintStream(out, true, StandardCharsets.UTF_8));
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
