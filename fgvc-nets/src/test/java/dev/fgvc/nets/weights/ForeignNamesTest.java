package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonObject;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.testing.Filler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** State dictionaries of models that wrap the network or hold it as a part. */
class ForeignNamesTest {

  private static final NetworkGraph GRAPH =
      Architecture.INCEPTION_V3
          .builder()
          .classes(3)
          .widthMultiplier(0.05)
          .auxiliaryHead(false)
          .convention(Convention.PYTORCH)
          .build();

  private static final Weights WEIGHTS = Filler.weights(GRAPH, 0);

  private static Map<String, WeightTensor> state;

  @TempDir private Path folder;

  @BeforeAll
  static void nameTensors() throws IOException {
    state = StateDictionary.of(Architecture.INCEPTION_V3, WEIGHTS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "module.",
        "_orig_mod.",
        "_orig_mod.module.",
        "model.",
        "model._orig_mod.",
        "backbone.",
        "encoder.0.",
        "timm_model.",
        "my.own.Scope_1.",
      })
  void findsTheNetworkInAnyScope(String scope) throws IOException {
    Weights.Transfer transfer = into(write("x", state, name -> scope + name));

    assertWhole(transfer);
    assertThat(transfer.report().remarks())
        .singleElement()
        .asString()
        .startsWith("the file has the variables in its scope '" + scope.split("\\.")[0]);
  }

  @Test
  void readsThroughWrappersInsideNames() throws IOException {
    Path file =
        write(
            "fsdp",
            state,
            name ->
                "_fsdp_wrapped_module."
                    + name.replaceFirst(
                        "\\.", "._fsdp_wrapped_module._checkpoint_wrapped_module."));

    assertWhole(into(file));
  }

  @Test
  void findsTheLastLayerOutsideTheBackbone() throws IOException {
    Path same = write("a", state, name -> name.startsWith("fc.") ? name : "backbone." + name);
    Path other =
        write(
            "b",
            state,
            name -> name.startsWith("fc.") ? "head.1" + name.substring(2) : "backbone." + name);

    assertWhole(into(same));
    Weights.Transfer transfer = into(other);
    assertWhole(transfer);
    assertThat(transfer.report().remarks())
        .contains(
            "'head.1.weight', the only fully connected layer of another name, was taken as the last"
                + " layer");
    assertThat(WeightsImport.pytorch(other).into(GRAPH).report().unused()).isEmpty();
  }

  @Test
  void guessesNoLastLayerAmongSeveral() throws IOException {
    Map<String, WeightTensor> two = new LinkedHashMap<>(state);
    for (String part : List.of(".weight", ".bias")) {
      WeightTensor values = two.remove("fc" + part);
      two.put("hidden" + part, values);
      two.put("scores" + part, values);
    }

    Weights.Transfer transfer = into(write("x", two, name -> name));

    assertThat(transfer.report().missing()).hasSize(2).allMatch(name -> name.contains("/Logits/"));
    assertThat(transfer.report().unused())
        .containsExactlyInAnyOrder("hidden.weight", "hidden.bias", "scores.weight", "scores.bias");
  }

  @Test
  void asksWhichOfTwoNetworksIsMeant() throws IOException {
    Map<String, WeightTensor> both = new LinkedHashMap<>();
    state.forEach((name, tensor) -> both.put("student." + name, tensor));
    state.forEach(
        (name, tensor) ->
            both.put(
                "ema.module." + name, WeightTensor.of(tensor.shape(), new float[tensor.size()])));
    Path file = write("x", both, name -> name);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> into(file))
        .withMessageContaining("choose by scope(...): 'ema.' (472 variables), 'student.' (472");
    Weights.Transfer chosen = WeightsImport.pytorch(file).scope("student").into(GRAPH);
    assertThat(chosen.report().isComplete()).isTrue();
    assertThat(chosen.weights().tensor("InceptionV3/Conv2d_1a_3x3/weights").toArray())
        .isEqualTo(WEIGHTS.tensor("InceptionV3/Conv2d_1a_3x3/weights").toArray());
    assertThat(chosen.report().unused())
        .hasSize(472)
        .allMatch(name -> name.startsWith("ema.module."));
  }

  @Test
  void countersOfWholeNumbersAreListedAsUnused() throws IOException {
    Map<String, List<Long>> counters = new LinkedHashMap<>();
    List<String> names =
        state.keySet().stream()
            .filter(name -> name.endsWith("running_mean"))
            .map(name -> name.replace("running_mean", "num_batches_tracked"))
            .toList();
    names.forEach(name -> counters.put("module." + name, List.of()));
    Path file = writeWithCounters("x", state, "module.", counters.keySet());

    Weights.Transfer transfer = into(file);

    assertThat(transfer.report().isComplete()).isTrue();
    assertThat(transfer.report().unused()).containsExactlyInAnyOrderElementsOf(counters.keySet());
    assertThat(transfer.report().remarks())
        .contains("94 of the unused are counters (.num_batches_tracked), which no network needs");
    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file))
        .withMessageContaining("num_batches_tracked' is of type int64 []")
        .withMessageContaining("WeightsImport.pytorch");
  }

  @Test
  void reportsTheNamesOfAFileThatDoesNotFit() throws IOException {
    Path file = write("x", Map.of("blocks.0.attn.qkv.weight", scalar()), name -> name);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> into(file))
        .withMessageContaining(file.toString())
        .withMessageContaining("It holds 1 tensor: 'blocks.0.attn.qkv.weight'");
    Path v4 =
        write(
            "v4",
            StateDictionary.of(
                Architecture.INCEPTION_V4,
                Weights.initialize(
                    Architecture.INCEPTION_V4
                        .builder()
                        .classes(2)
                        .widthMultiplier(0.05)
                        .auxiliaryHead(false)
                        .build(),
                    0)),
            name -> "model." + name);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> into(v4))
        .withMessageEndingWith("; most are those of inception_v4");
  }

  @Test
  void readsAllShardsByTheirIndex() throws IOException {
    Map<String, WeightTensor> first = new LinkedHashMap<>();
    Map<String, WeightTensor> second = new LinkedHashMap<>();
    JsonObject map = new JsonObject();
    state.forEach(
        (name, tensor) -> {
          boolean even = map.size() % 2 == 0;
          (even ? first : second).put(name, tensor);
          map.addProperty(
              name, even ? "m-00001-of-00002.safetensors" : "m-00002-of-00002.safetensors");
        });
    Path shard = write("m-00001-of-00002", first, name -> name);
    write("m-00002-of-00002", second, name -> name);
    JsonObject index = new JsonObject();
    index.add("metadata", new JsonObject());
    index.add("weight_map", map);
    Path file = Files.writeString(folder.resolve("m.safetensors.index.json"), index.toString());

    assertWhole(into(file));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> into(shard))
        .withMessageContaining("is one shard of 2; give their index " + file);

    map.addProperty("fc.other", "m-00002-of-00002.safetensors");
    Files.writeString(file, index.toString());
    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> into(file))
        .withMessageContaining("names fc.other, which its shards do not hold");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "80 02 8a 0a 6c fc 9c 46 f9 | a pickle of PyTorch",
        "89 48 44 46 0d 0a 1a 0a 00 | an HDF5 file",
        "93 4e 55 4d 50 59 01 00 76 | a NumPy array",
        "1f 8b 08 00 00 00 00 00 00 | compressed by gzip",
        "76 65 72 73 69 6f 6e 20 68 74 74 70 73 3a 2f 2f 67 69 74 2d 6c 66 73 | git lfs pull",
        "3c 21 44 4f 43 54 59 50 45 20 68 74 6d 6c 3e | a page of HTML",
        "7b 22 61 22 3a 20 31 2c 20 22 | JSON",
      })
  void saysWhatAFileIs(String bytes, String kind) throws IOException {
    String[] hex = bytes.split(" ");
    byte[] content = new byte[hex.length];
    for (int i = 0; i < hex.length; i++) {
      content[i] = (byte) Integer.parseInt(hex[i], 16);
    }
    Path file = Files.write(folder.resolve("x.safetensors"), content);

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> Weights.read(file))
        .withMessageContaining("; it is ")
        .withMessageContaining(kind);
  }

  @Test
  void saysThatAZipIsOfPyTorch() throws IOException {
    Path file =
        KerasFiles.zip(
            folder.resolve("x.pt"), Map.of("x/data.pkl", new byte[9], "x/0", new byte[4]));

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> into(file))
        .withMessageContaining("a pickle of PyTorch")
        .withMessageContaining("safetensors.torch.save_file");
    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> WeightsImport.keras(file).into(GRAPH))
        .withMessageContaining("lacks model.weights.h5");
    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> WeightsImport.tensorFlow(file).into(GRAPH))
        .withMessageContaining("a pickle of PyTorch");
  }

  private static Weights.Transfer into(Path file) throws IOException {
    return WeightsImport.pytorch(file).into(GRAPH);
  }

  private Path write(String name, Map<String, WeightTensor> tensors, UnaryOperator<String> rename)
      throws IOException {
    Map<String, WeightTensor> renamed = new LinkedHashMap<>();
    tensors.forEach((tensor, values) -> renamed.put(rename.apply(tensor), values));
    Path file = folder.resolve(name + ".safetensors");
    Weights.of(renamed).write(file);
    return file;
  }

  /** With an int64 scalar of each given name after the tensors, as PyTorch saves them. */
  private Path writeWithCounters(
      String name, Map<String, WeightTensor> tensors, String scope, Iterable<String> counters)
      throws IOException {
    List<String> descriptions = new ArrayList<>();
    ByteBuffer data = ByteBuffer.allocate(1 << 21).order(ByteOrder.LITTLE_ENDIAN);
    for (Map.Entry<String, WeightTensor> tensor : tensors.entrySet()) {
      int begin = data.position();
      for (float value : tensor.getValue().toArray()) {
        data.putFloat(value);
      }
      descriptions.add(
          description(
              scope + tensor.getKey(), "F32", tensor.getValue().shape(), begin, data.position()));
    }
    for (String counter : counters) {
      int begin = data.position();
      data.putLong(7);
      descriptions.add(description(counter, "I64", List.of(), begin, data.position()));
    }
    byte[] header = ("{" + String.join(",", descriptions) + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + header.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header).put(data.flip());
    return Files.write(folder.resolve(name + ".safetensors"), file.array());
  }

  private static String description(
      String name, String type, List<Integer> shape, int begin, int end) {
    return String.format(
        Locale.ROOT,
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
        name,
        type,
        shape,
        begin,
        end);
  }

  private static WeightTensor scalar() {
    return WeightTensor.of(List.of(1), new float[1]);
  }

  private static void assertWhole(Weights.Transfer transfer) {
    assertThat(transfer.report().isComplete()).as(transfer.report().toString()).isTrue();
    assertThat(transfer.report().unused()).isEmpty();
    for (String name : WEIGHTS.names()) {
      assertThat(transfer.weights().tensor(name).toArray())
          .as(name)
          .isEqualTo(WEIGHTS.tensor(name).toArray());
    }
  }
}
