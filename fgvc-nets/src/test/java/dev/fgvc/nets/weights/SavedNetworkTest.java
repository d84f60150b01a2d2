package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@InOtherLocales
class SavedNetworkTest {

  @TempDir private Path folder;

  private static SavedNetwork network() {
    NetworkGraph graph =
        Architecture.INCEPTION_V3
            .builder()
            .classes(3)
            .widthMultiplier(0.05)
            .resolution(Resolution.square(160))
            .build();
    return new SavedNetwork(
        graph,
        Weights.initialize(graph, 4),
        new Resolution(160, 192),
        Normalization.inception(),
        List.of("Ümlaut \"quoted\"", "b", "c"),
        new Provenance("iNat", "0.045 x 0.94 every 2 epochs", Long.MAX_VALUE, "0.1"));
  }

  @Test
  void bytesAreThoseOfTheFile() throws IOException {
    SavedNetwork network = network();
    Path file = folder.resolve("network.safetensors");
    network.write(file);

    byte[] bytes = network.toBytes();

    assertThat(bytes).isEqualTo(Files.readAllBytes(file));
    SavedNetwork read = SavedNetwork.fromBytes(bytes);
    assertThat(read.graph().nodes()).isEqualTo(network.graph().nodes());
    assertThat(read.weights().sha256()).isEqualTo(network.weights().sha256());
    assertThat(read.classNames()).isEqualTo(network.classNames());
    assertThat(Weights.fromBytes(network.weights().toBytes()).sha256())
        .isEqualTo(network.weights().sha256());
  }

  @Test
  void refusesBytesThatEndEarly() {
    byte[] bytes = network().toBytes();
    for (int length : new int[] {0, 7, 100, bytes.length - 1}) {
      byte[] cut = java.util.Arrays.copyOf(bytes, length);
      assertThatExceptionOfType(WeightsFormatException.class)
          .isThrownBy(() -> SavedNetwork.fromBytes(cut))
          .withMessageContaining("bytes of weights");
      assertThatExceptionOfType(WeightsFormatException.class)
          .isThrownBy(() -> Weights.fromBytes(cut));
    }
  }

  @Test
  void everythingComesBackAsItWas() throws IOException {
    SavedNetwork network = network();
    Path file = folder.resolve("network.safetensors");

    network.write(file);
    SavedNetwork read = SavedNetwork.read(file);

    assertThat(read.graph().nodes()).isEqualTo(network.graph().nodes());
    assertThat(read.graph().parameters()).isEqualTo(network.graph().parameters());
    assertThat(read.resolution()).isEqualTo(network.resolution());
    assertThat(read.normalization()).isEqualTo(network.normalization());
    assertThat(read.classNames()).isEqualTo(network.classNames());
    assertThat(read.provenance()).isEqualTo(network.provenance());
    assertThat(read.weights().names()).containsExactlyElementsOf(network.weights().names());
    for (String name : read.weights().names()) {
      assertThat(read.weights().tensor(name).toArray())
          .isEqualTo(network.weights().tensor(name).toArray());
    }
    assertThat(Weights.read(file).names()).isEqualTo(read.weights().names());
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "format | other | 'format': expected 'fgvc-network', found 'other'",
        "version | 9 | 'version': expected '1', found '9'",
        "classes | 4 | 'classes': expected '3', found '4'",
        "graph | {} | \"format\" is missing",
        "resolution | {\"height\":-1,\"width\":5} | describe no network",
        "resolution | 7 | describe no network",
        "normalization | {\"mean\":[0,0,0],\"deviation\":[1,1,0]} | deviations above 0",
        "class_names | [\"one\"] | 1 class names for 3 classes",
        "provenance | {\"seed\":\"x\"} | describe no network",
        "provenance | [[[[ | describe no network",
        "inference | {\"upright\":true} | describe no network",
        "inference | {\"upright\":true,\"temperature\":0} | temperature 0.0 must be positive"
      })
  void refusesDamagedMetadata(String key, String text, String problem) throws IOException {
    SavedNetwork network = network();
    Map<String, String> metadata = new LinkedHashMap<>(NetworkMetadata.of(network));
    metadata.put(key, text);
    Path file = folder.resolve("damaged.safetensors");
    network.weights().write(file, metadata);

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> SavedNetwork.read(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(problem);
  }

  @Test
  void howToUseItTravelsWithIt() throws IOException {
    SavedNetwork network = network().withTemperature(1.7).withUpright(false);
    Path file = folder.resolve("calibrated.safetensors");
    network.write(file);
    SavedNetwork read = SavedNetwork.read(file);
    assertThat(read.temperature()).isEqualTo(1.7);
    assertThat(read.upright()).isFalse();
    assertThat(read.transform()).hasToString("central crop 0.875 to 160x192");
    assertThat(network().transform()).hasToString("central crop 0.875 to 160x192, upright");
    assertThat(read.className(1)).isEqualTo("b");

    Map<String, String> older = new LinkedHashMap<>(NetworkMetadata.of(network));
    older.remove("inference");
    network.weights().write(file, older);
    assertThat(SavedNetwork.read(file).temperature()).isEqualTo(1);
    assertThat(SavedNetwork.read(file).upright()).isTrue();
  }

  @Test
  void tensorsAloneAreReadAsWeightsOnly() throws IOException {
    Path file = folder.resolve("weights.safetensors");
    network().weights().write(file);

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> SavedNetwork.read(file))
        .withMessageContaining("metadata lack 'format'")
        .withMessageContaining("Weights.read");
  }

  @Test
  void refusesPartsThatDoNotFit() {
    SavedNetwork good = network();
    Map<String, WeightTensor> more = new HashMap<>();
    good.weights().names().forEach(name -> more.put(name, good.weights().tensor(name)));
    more.put("stray", WeightTensor.of(List.of(), new float[1]));

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new SavedNetwork(
                    good.graph(),
                    Weights.of(more),
                    good.resolution(),
                    good.normalization(),
                    List.of(),
                    Provenance.unknown()))
        .withMessageContaining("tensors for");
  }

  @Test
  void npzHoldsEveryTensorUnderItsName() throws IOException {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    tensors.put("a/weights", WeightTensor.of(List.of(2, 3), new float[] {1, 2, 3, 4, 5, 6}));
    tensors.put("a/biases", WeightTensor.of(List.of(1), new float[] {7}));
    tensors.put("scalar", WeightTensor.of(List.of(), new float[] {8}));
    Path file = folder.resolve("weights.npz");

    Weights.of(tensors).writeNpz(file);

    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.stream().map(ZipEntry::getName))
          .containsExactly("a/weights.npy", "a/biases.npy", "scalar.npy");
      assertThat(header(zip, "a/weights.npy")).contains("'<f4'", "'shape': (2, 3), }");
      assertThat(header(zip, "a/biases.npy")).contains("'shape': (1,), }");
      assertThat(header(zip, "scalar.npy")).contains("'shape': (), }").endsWith("\n");
      ByteBuffer npy = npy(zip, "a/weights.npy");
      assertThat(npy.limit() % 64).isEqualTo(24);
      assertThat(npy.getFloat(npy.limit() - 4)).isEqualTo(6);
      assertThat(npy.getFloat(npy.limit() - 24)).isEqualTo(1);
    }
  }

  private static String header(ZipFile zip, String entry) throws IOException {
    ByteBuffer npy = npy(zip, entry);
    return new String(npy.array(), 10, npy.getShort(8), StandardCharsets.US_ASCII);
  }

  private static ByteBuffer npy(ZipFile zip, String entry) throws IOException {
    byte[] bytes = zip.getInputStream(zip.getEntry(entry)).readAllBytes();
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
