package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.file.MaskedCrc32c;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.GraphFile;
import dev.fgvc.nets.arch.GraphFormatException;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.weights.TableWriter.Proto;
import dev.fgvc.testing.MutationFuzzer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged weights files of every kind: only documented exceptions, a heap that is a small multiple
 * of the file, and no reader that runs in circles. {@code -Dfgvc.fuzz.files=20000} tries that many
 * files of each kind.
 */
class WeightsFuzzTest {

  private static final int FILES = 250;

  @TempDir private Path folder;

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("x.safetensors");
    MutationFuzzer.Outcome outcome =
        MutationFuzzer.of(file, Weights::read)
            .allowing(WeightsFormatException.class)
            .withWords("\"dtype\"", "\"F32\"", "\"BF16\"", "\"shape\"", "\"data_offsets\"", "[]")
            .run(List.of(written(weights()), written(Map.of())), MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  @Test
  void networksOfPyTorch() throws IOException {
    Map<String, WeightTensor> state = new LinkedHashMap<>();
    weights().forEach((name, tensor) -> state.put("module." + name.replace('/', '.'), tensor));
    MutationFuzzer.Outcome outcome =
        MutationFuzzer.of(
                folder.resolve("x.safetensors"), file -> readAll(PyTorchTensors.open(file)))
            .allowing(WeightsFormatException.class)
            .withWords("module.", "\"I64\"", "\"shape\"", "[2,3,4,5]")
            .run(List.of(written(state)), MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  @Test
  void indexesOfShards() throws IOException {
    Files.write(folder.resolve("m-00001-of-00002.safetensors"), written(weights()));
    byte[] index =
        text(
            """
            {"metadata": {"total_size": 1.0},
             "weight_map": {"tiny/conv/weights": "m-00001-of-00002.safetensors",
                            "tiny/conv/biases": ["m-00001-of-00002.safetensors"]}}
            """);
    MutationFuzzer.Outcome outcome =
        MutationFuzzer.of(
                folder.resolve("m.safetensors.index.json"),
                file -> readAll(PyTorchTensors.open(file)))
            .allowing(WeightsFormatException.class)
            .allowing(NoSuchFileException.class)
            .withWords("weight_map", "m-00001-of-00002.safetensors", "\"tiny/conv/biases\":", "..")
            .run(List.of(index), MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  @Test
  void checkpointsOfTensorFlow() throws IOException {
    Path file = folder.resolve("x.index");
    Files.write(folder.resolve("x.data-00000-of-00001"), DATA);
    byte[] content = bundle(entry(1, 0, 8, 2).raw());
    MutationFuzzer fuzzer =
        MutationFuzzer.of(file, index -> readAll(CheckpointTensors.open(index)))
            .allowing(WeightsFormatException.class)
            .allowing(NoSuchFileException.class);

    fuzzer.run(List.of(table(content)), MutationFuzzer.files(FILES));
    fuzzer.packedBy(WeightsFuzzTest::table).run(List.of(content), MutationFuzzer.files(FILES));
    MutationFuzzer.Outcome outcome =
        fuzzer
            .packedBy(entry -> table(bundle(entry)))
            .run(List.of(entry(1, 0, 8, 2).raw()), MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  @Test
  void checkpointsOfTensorFlowsFirstForm() {
    byte[] content = slices(variables());
    MutationFuzzer fuzzer =
        MutationFuzzer.of(folder.resolve("x.ckpt"), file -> readAll(CheckpointTensors.open(file)))
            .allowing(WeightsFormatException.class);

    fuzzer.run(List.of(table(content)), MutationFuzzer.files(FILES));
    fuzzer.packedBy(WeightsFuzzTest::table).run(List.of(content), MutationFuzzer.files(FILES));
    MutationFuzzer.Outcome outcome =
        fuzzer
            .packedBy(variables -> table(slices(variables)))
            .run(List.of(variables()), MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  @Test
  void modelsOfKeras() throws IOException {
    MutationFuzzer.Outcome outcome =
        MutationFuzzer.of(folder.resolve("keras.h5"), file -> readAll(KerasTensors.open(file)))
            .allowing(WeightsFormatException.class)
            .run(
                List.of(resource("keras-model.h5"), resource("keras-3.weights.h5")),
                MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  @Test
  void hdf5FilesOfEveryLayout() throws IOException {
    MutationFuzzer.of(
            folder.resolve("layouts.h5"),
            file -> {
              try (KerasTensors tensors = KerasTensors.open(file)) {
                for (String name : tensors.names()) {
                  // links and values that no weights can have are refused, one by one
                  tryToRead(tensors, name);
                }
              }
            })
        .allowing(WeightsFormatException.class)
        .run(List.of(resource("odd-values.h5")), MutationFuzzer.files(FILES));
  }

  @Test
  void archivesOfKeras() throws IOException {
    byte[] zip =
        Files.readAllBytes(
            KerasFiles.zip(
                folder.resolve("whole.keras"),
                Map.of("model.weights.h5", resource("keras-3.weights.h5"))));
    MutationFuzzer.of(folder.resolve("x.keras"), file -> readAll(KerasTensors.open(file)))
        .allowing(WeightsFormatException.class)
        .run(List.of(zip), MutationFuzzer.files(FILES));
  }

  @Test
  void graphs() {
    MutationFuzzer.Outcome outcome =
        MutationFuzzer.of(folder.resolve("graph.json"), GraphFile::read)
            .allowing(GraphFormatException.class)
            .withWords(
                "\"operation\":",
                "\"convolution\"",
                "\"inputs\":[0]",
                "\"scope\":",
                "\"stride\":",
                "\"padding\":\"SAME\"",
                "\"start\":",
                "\"channels\":",
                "{\"constant\":0}")
            .run(List.of(text(GraphFile.toJson(graph()))), MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  @Test
  void savedNetworks() throws IOException {
    Path file = folder.resolve("network.safetensors");
    new SavedNetwork(
            graph(),
            Weights.initialize(graph(), 1),
            Resolution.square(8),
            Normalization.inception(),
            List.of("a", "b"),
            new Provenance("data", "recipe", 1, "0.1"))
        .write(file);
    byte[] whole = Files.readAllBytes(file);
    MutationFuzzer.Outcome outcome =
        MutationFuzzer.of(file, SavedNetwork::read)
            .allowing(WeightsFormatException.class)
            .withWords("\\\"height\\\":", "\"classes\":", "\"graph\":", "\\\"mean\\\":[", "1e400")
            .run(List.of(whole), MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  /** Everything that an import would touch. */
  private static void readAll(ForeignTensors opened) throws IOException {
    try (ForeignTensors tensors = opened) {
      tensors.scopes(Set.of("kernel", "conv2d#1/kernel", "tiny.conv.weights", "a", "v"));
      ForeignNames.contents(tensors);
      for (String name : tensors.names()) {
        tensors.shape(name);
        tensors.tensor(name);
      }
    } catch (IllegalArgumentException e) {
      // two names for one variable; an import puts the file before it
      assertThat(e).hasMessageContaining("are one variable");
    }
  }

  private static void tryToRead(ForeignTensors tensors, String name) throws IOException {
    try {
      tensors.shape(name);
      tensors.tensor(name);
    } catch (WeightsFormatException e) {
      assertThat(e).hasMessageContaining("layouts.h5: ");
    }
  }

  private byte[] written(Map<String, WeightTensor> tensors) throws IOException {
    Path file = folder.resolve("sample.safetensors");
    Weights.of(tensors).write(file);
    return Files.readAllBytes(file);
  }

  private static Map<String, WeightTensor> weights() {
    Weights weights = Weights.initialize(graph(), 1);
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    weights.names().forEach(name -> tensors.put(name, weights.tensor(name)));
    return tensors;
  }

  private static NetworkGraph graph() {
    GraphBuilder graph = GraphBuilder.named("tiny");
    Initializer start = new Initializer.TruncatedNormal(0.3);
    Node net = graph.input(3);
    net = graph.convolution(net, "tiny/conv", 4, Window.square(3, 2, Padding.SAME), true, start);
    net = graph.batchNorm(net, "tiny/conv/BatchNorm", true, 1e-3, 0.9);
    Node features = graph.globalAveragePool(net);
    return graph.build(
        features, graph.fullyConnected(features, "tiny/logits", 2), Optional.empty());
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream stream = WeightsFuzzTest.class.getResourceAsStream(name)) {
      return stream.readAllBytes();
    }
  }

  private static final byte[] DATA =
      ByteBuffer.allocate(24)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putFloat(1)
          .putFloat(2)
          .putFloat(3)
          .putFloat(4)
          .putFloat(5)
          .putFloat(6)
          .array();

  /** With right checksums around any content. */
  private static byte[] table(byte[] content) {
    return new TableWriter().block(text("z"), content, false).finish();
  }

  /** The index of a checkpoint with a variable of its own, a partitioned one and a text. */
  private static byte[] bundle(byte[] first) {
    TreeMap<byte[], byte[]> index = new TreeMap<>(Arrays::compareUnsigned);
    index.put(new byte[0], new Proto().field(1, 1).field(2, 0).raw());
    index.put(text("a"), first);
    index.put(text("b"), entry(1, 0, 0, 4).field(7, slice(0, 2)).field(7, slice(2, 2)).raw());
    index.put(new TensorSlice(List.of(0L), List.of(2L)).key("b"), entry(1, 8, 8, 2).raw());
    index.put(new TensorSlice(List.of(2L), List.of(2L)).key("b"), entry(1, 16, 8, 2).raw());
    return TableWriter.content(index);
  }

  private static Proto entry(int type, int offset, int size, long... shape) {
    Proto sides = new Proto();
    for (long side : shape) {
      sides.field(2, new Proto().field(1, side));
    }
    return new Proto()
        .field(1, type)
        .field(2, sides)
        .field(4, offset)
        .field(5, size)
        .fixed32(6, MaskedCrc32c.of(ByteBuffer.wrap(DATA).slice(offset, size)));
  }

  /** A checkpoint of the first form: a variable whole, and one in two slices. */
  private static byte[] slices(byte[] variables) {
    TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    entries.put(new byte[0], new Proto().field(1, variables).raw());
    put(entries, "v", 0, -1, DATA);
    put(entries, "w", 0, 2, Arrays.copyOf(DATA, 8));
    put(entries, "w", 2, 2, Arrays.copyOf(DATA, 8));
    return TableWriter.content(entries);
  }

  private static byte[] variables() {
    return new Proto()
        .field(1, variable("v", 6, slice(0, -1)))
        .field(1, variable("w", 4, slice(0, 2), slice(2, 2)))
        .raw();
  }

  private static Proto variable(String name, int side, Proto... slices) {
    Proto variable =
        new Proto()
            .field(1, text(name))
            .field(2, new Proto().field(2, new Proto().field(1, side)))
            .field(3, 1);
    for (Proto slice : slices) {
      variable.field(4, slice);
    }
    return variable;
  }

  private static void put(
      Map<byte[], byte[]> entries, String name, long start, long length, byte[] values) {
    Proto tensor = new Proto().field(1, 1).field(5, values);
    Proto data = new Proto().field(1, text(name)).field(2, slice(start, length)).field(3, tensor);
    entries.put(
        new TensorSlice(List.of(start), List.of(length)).key(name),
        new Proto().field(2, data).raw());
  }

  private static Proto slice(long start, long length) {
    Proto extent = new Proto();
    if (length >= 0) {
      extent.field(1, start).field(2, length);
    }
    return new Proto().field(1, extent);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
