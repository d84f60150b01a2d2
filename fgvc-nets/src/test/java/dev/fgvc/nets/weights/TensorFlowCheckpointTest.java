package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.testing.InOtherLocales;
import dev.fgvc.testing.SharedFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against checkpoints that TensorFlow itself has written. */
@InOtherLocales
class TensorFlowCheckpointTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"toy_v2.ckpt", "toy_v2_sharded.ckpt", "toy_v1.ckpt", "toy_v1_sharded.ckpt"})
  void everyTensorHasTheBytesThatTensorFlowWrote(String checkpoint) throws Exception {
    JsonObject description = description();
    Map<String, JsonObject> tensors = new LinkedHashMap<>();
    description
        .getAsJsonArray("tensors")
        .forEach(tensor -> tensors.put(text(tensor, "name"), tensor.getAsJsonObject()));
    List<String> held = new ArrayList<>();
    for (JsonElement candidate : description.getAsJsonArray("checkpoints")) {
      if (text(candidate, "path").equals(checkpoint)) {
        candidate.getAsJsonObject().getAsJsonArray("holds").forEach(n -> held.add(n.getAsString()));
      }
    }

    try (TensorFlowCheckpoint read = TensorFlowCheckpoint.open(fixture(checkpoint))) {
      assertThat(read.names()).containsExactlyInAnyOrderElementsOf(held);
      for (String name : held) {
        JsonObject expected = tensors.get(name);
        RawTensor tensor = read.tensor(name);
        assertThat(tensor.type()).hasToString(expected.get("dtype").getAsString());
        assertThat(tensor.shape()).isEqualTo(read.shape(name));
        assertThat(tensor.shape().toString())
            .isEqualTo(expected.get("shape").toString().replace(",", ", "));
        assertThat(sha256(tensor)).as(name).isEqualTo(expected.get("sha256").getAsString());
      }
      assertThat(read.globalStep().orElseThrow()).isGreaterThan(1L << 31);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "toy_v2.ckpt.index",
        "toy_v2_sharded.ckpt.data-00001-of-00002",
        "toy_v1_sharded.ckpt-00000-of-00002",
        "toy_v1_sharded.ckpt-?????-of-00002"
      })
  void anyFileOfACheckpointOpensIt(String file) throws IOException {
    try (TensorFlowCheckpoint read = TensorFlowCheckpoint.open(fixture(file))) {
      assertThat(read.shape("Toy/embedding/weights")).containsExactly(10, 4);
    }
  }

  @Test
  void halvesBecomeWeightsAndWholeNumbersAreRefused() throws IOException {
    try (TensorFlowCheckpoint read = TensorFlowCheckpoint.open(fixture("toy_v2.ckpt"))) {
      assertThat(read.tensor("Toy/bfloat16/weights").toWeights().size()).isEqualTo(15);
      assertThat(read.tensor("Toy/double").toWeights().size()).isEqualTo(7);
      RawTensor whole = read.tensor("Toy/int");
      assertThatIllegalArgumentException()
          .isThrownBy(whole::toWeights)
          .withMessage("int32 holds no weights");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> read.tensor("Toy/absent"))
          .withMessageContaining("Toy/absent");
    }
  }

  @Test
  void namesAMissingShard() throws IOException {
    copy("toy_v1_sharded.ckpt-00001-of-00002");
    assertThatExceptionOfType(FileNotFoundException.class)
        .isThrownBy(() -> TensorFlowCheckpoint.open(folder.resolve("toy_v1_sharded.ckpt")))
        .withMessageContaining("toy_v1_sharded.ckpt-00000-of-00002");
    assertThatExceptionOfType(FileNotFoundException.class)
        .isThrownBy(() -> TensorFlowCheckpoint.open(folder.resolve("absent.ckpt")))
        .withMessageContaining("absent.ckpt");
  }

  @Test
  void aFlippedBitInTheDataIsFoundWhereItIs() throws IOException {
    copy("toy_v2.ckpt.index");
    Path data = copy("toy_v2.ckpt.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[bytes.length / 2] ^= 4;
    Files.write(data, bytes);

    try (TensorFlowCheckpoint read = TensorFlowCheckpoint.open(folder.resolve("toy_v2.ckpt"))) {
      assertThatExceptionOfType(WeightsFormatException.class)
          .isThrownBy(
              () -> {
                for (String name : read.names()) {
                  read.tensor(name);
                }
              })
          .withMessageContaining("checksum")
          .satisfies(e -> assertThat(e.file()).isEqualTo(data))
          .satisfies(e -> assertThat(e.offset()).isPresent());
    }
  }

  private Path copy(String file) throws IOException {
    return Files.copy(fixture(file), folder.resolve(file));
  }

  private static JsonObject description() throws IOException {
    return JsonParser.parseString(Files.readString(fixture("toy.json"))).getAsJsonObject();
  }

  private static Path fixture(String name) {
    return SharedFiles.require("fixtures/checkpoint/toy.json").resolveSibling(name);
  }

  private static String text(JsonElement json, String member) {
    return json.getAsJsonObject().get(member).getAsString();
  }

  private static String sha256(RawTensor tensor) throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(tensor.bytes());
    return HexFormat.of().formatHex(digest.digest());
  }
}
