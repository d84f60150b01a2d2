package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.testing.Filler;
import dev.fgvc.nets.weights.KerasFiles.Placed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Models that hold the network as a layer, and the ways in which Keras saves them. */
class KerasModelsTest {

  private static final Predicate<String> HEAD = "predictions"::equals;

  private static final Predicate<String> ALL = layer -> true;

  private static final NetworkGraph GRAPH = narrow(Architecture.INCEPTION_V3);
  private static final Weights WEIGHTS = Filler.weights(GRAPH, 0);

  private static KerasFiles layers;

  @TempDir private Path folder;

  @BeforeAll
  static void nameLayers() throws IOException {
    layers = KerasFiles.of(Architecture.INCEPTION_V3, WEIGHTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layers/ | layers/",
        "layers/functional/layers/ | layers/",
        "layers/sequential/layers/functional/layers/ | layers/",
        "backbone/layers/ | layers/",
      })
  void findsTheNetworkAtAnyDepth(String base, String head) throws IOException {
    Path file =
        KerasFiles.weights(
            folder.resolve("x.weights.h5"),
            ALL,
            new Placed(base, layers.only(HEAD.negate())),
            new Placed(head, layers.only(HEAD)));

    Weights.Transfer transfer = WeightsImport.keras(file).into(GRAPH);

    assertWhole(WEIGHTS, transfer);
    assertThat(transfer.report().remarks())
        .hasSize(base.equals("layers/") ? 0 : 1)
        .allMatch(remark -> remark.startsWith("the file has the variables in its scope '"));
  }

  @ParameterizedTest
  @CsvSource({
    "model_weights/, model_weights/, ''",
    "model_weights/inception_v3/, model_weights/, ''",
    "model_weights/inception_v3/, model_weights/, :0",
    "model_weights/, model_weights/, :0",
    "'', '', :0",
    "inception_v3/, '', :0",
  })
  void findsTheNetworkInWholeModels(String base, String head, String suffix) throws IOException {
    Path file =
        KerasFiles.model(
            folder.resolve("x.h5"),
            suffix,
            new Placed(base, layers.only(HEAD.negate())),
            new Placed(head, layers.only(HEAD)));

    assertWhole(WEIGHTS, WeightsImport.keras(file).into(GRAPH));
  }

  @Test
  void takesTheOnlyOtherFullyConnectedLayerAsTheLast() throws IOException {
    KerasFiles head = layers.only(HEAD).renamed("predictions", "dense_7");
    Path file =
        KerasFiles.weights(
            folder.resolve("x.weights.h5"),
            ALL,
            new Placed("layers/functional/layers/", layers.only(HEAD.negate())),
            new Placed("layers/", head));

    Weights.Transfer transfer = WeightsImport.keras(file).into(GRAPH);

    assertWhole(WEIGHTS, transfer);
    assertThat(transfer.report().remarks())
        .contains(
            "'layers/dense/vars/0', the only fully connected layer of another name, was taken as"
                + " the last layer");
  }

  @Test
  void listsWhatItCannotPlaceByTheNamesOfTheFile() throws IOException {
    KerasFiles head = layers.only(HEAD);
    Path file =
        KerasFiles.model(
            folder.resolve("x.h5"),
            new Placed("model_weights/inception_v3/", layers.only(HEAD.negate())),
            new Placed("model_weights/", head.renamed("predictions", "hidden")),
            new Placed("model_weights/", head.renamed("predictions", "scores")),
            new Placed("optimizer_weights/rms/", layers.only("conv2d_94"::equals)));

    Weights.Transfer transfer = WeightsImport.keras(file).into(GRAPH);

    assertThat(transfer.report().missing())
        .containsExactlyInAnyOrder(
            "InceptionV3/Logits/Conv2d_1c_1x1/weights", "InceptionV3/Logits/Conv2d_1c_1x1/biases");
    assertThat(transfer.report().unused())
        .containsExactlyInAnyOrder(
            "model_weights/hidden/hidden/kernel",
            "model_weights/hidden/hidden/bias",
            "model_weights/scores/scores/kernel",
            "model_weights/scores/scores/bias",
            "optimizer_weights/rms/conv2d_94/kernel");
  }

  @Test
  void readsTheArchiveOfAModel() throws IOException {
    byte[] weights = Files.readAllBytes(flat("x.weights.h5"));
    Path file =
        KerasFiles.zip(
            folder.resolve("x.keras"),
            Map.of("config.json", new byte[2], "model.weights.h5", weights));

    assertWhole(WEIGHTS, WeightsImport.keras(file).into(GRAPH));
  }

  @Test
  void namesWhatAnArchiveHoldsThatIsNoModel() throws IOException {
    Path file = KerasFiles.zip(folder.resolve("x.keras"), Map.of("readme.txt", new byte[2]));

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> WeightsImport.keras(file).into(GRAPH))
        .withMessageContaining("lacks model.weights.h5")
        .withMessageContaining("readme.txt");
  }

  @Test
  void refusesAnArchiveThatClaimsMoreThanItHolds() throws IOException {
    Path file =
        KerasFiles.zip(folder.resolve("x.keras"), Map.of("model.weights.h5", new byte[5_000_000]));

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> WeightsImport.keras(file).into(GRAPH))
        .withMessageContaining("claims 5000000 bytes of model.weights.h5");
  }

  @Test
  void asksWhichOfTwoNetworksIsMeant() throws IOException {
    KerasFiles base = layers.only(HEAD.negate());
    Weights zero = Weights.initialize(GRAPH, 3);
    KerasFiles other = KerasFiles.of(Architecture.INCEPTION_V3, zero).only(HEAD.negate());
    Path file =
        KerasFiles.model(
            folder.resolve("x.h5"),
            new Placed("model_weights/left/", base),
            new Placed("model_weights/right/", other));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.keras(file).into(GRAPH))
        .withMessageContaining("choose by scope(...): 'left/' (376 variables), 'right/' (376");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.keras(file).scope("middle").into(GRAPH))
        .withMessageContaining("in the scope 'middle'; it has them in: 'left/'");
    Weights right = WeightsImport.keras(file).scope("right").into(GRAPH).weights();
    String first = "InceptionV3/Conv2d_1a_3x3/weights";
    assertThat(right.tensor(first).toArray()).isEqualTo(zero.tensor(first).toArray());
  }

  @Test
  void refusesNumberedLayersWhoseCountIsAnother() throws IOException {
    Path fewer =
        KerasFiles.weights(
            folder.resolve("fewer.weights.h5"),
            ALL,
            new Placed("layers/", layers.only(name -> !name.equals("conv2d_100"))));
    NetworkGraph other = narrow(Architecture.INCEPTION_RESNET_V2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.keras(fewer).into(GRAPH))
        .withMessageContaining("known by their count")
        .withMessageContaining("It holds 377 tensors: 'layers/");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.keras(flat("x.weights.h5")).into(other))
        .withMessageContaining("known by their count");
  }

  @Test
  void namesTheArchitectureOfAFileOfAnother() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> WeightsImport.keras(flat("x.weights.h5")).into(narrow(Architecture.RESNET_V2_50)))
        .withMessageContaining("not one variable fits resnet_v2_50")
        .withMessageContaining("It holds 378 tensors: 'layers/")
        .withMessageEndingWith("; most are those of inception_v3");
  }

  @ParameterizedTest
  @EnumSource(names = {"INCEPTION_V3", "INCEPTION_RESNET_V2", "RESNET_V2_50"})
  void knowsLayersWithoutNamesByTheirOrder(Architecture architecture) throws IOException {
    NetworkGraph graph = narrow(architecture);
    Weights weights = Filler.weights(graph, 0);
    KerasFiles all = KerasFiles.of(architecture, weights);
    Path file =
        KerasFiles.weights(
            folder.resolve("x.weights.h5"), ALL.negate(), new Placed("layers/", all));
    Path shorter =
        KerasFiles.weights(
            folder.resolve("y.weights.h5"),
            ALL.negate(),
            new Placed("layers/", all.only(name -> !name.matches("conv2d_100|conv3_block1_1_bn"))));

    Weights.Transfer transfer = WeightsImport.keras(file).into(graph);

    assertWhole(weights, transfer);
    assertThat(transfer.report().remarks())
        .anyMatch(remark -> remark.startsWith("the file lacks the names of "));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.keras(shorter).into(graph))
        .withMessageContaining("known by their count")
        .withMessageContaining("the file lacks the names of ");
  }

  /** Keras 3.15 loses the name of the first layer in each shard but the first. */
  @Test
  void readsAllShardsByTheirIndex() throws IOException {
    Path index =
        shards(
            "first_00000.weights.h5",
            "first_00001.weights.h5",
            name -> !name.equals("batch_normalization_140"));

    assertWhole(WEIGHTS, WeightsImport.keras(index).into(GRAPH));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.keras(folder.resolve("first_00001.weights.h5")).into(GRAPH))
        .withMessageContaining("is one shard of several; give their index " + index);
  }

  @Test
  void refusesAnIndexThatItsShardsDoNotFulfil() throws IOException {
    Path index = shards("first_00000.weights.h5", "first_00001.weights.h5", ALL);
    String json = Files.readString(index);

    Files.writeString(index, json.replace("/layers/dense/vars", "/layers/other/vars"));
    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> WeightsImport.keras(index).into(GRAPH))
        .withMessageContaining("names /layers/other/vars, which its shards do not hold");

    Files.writeString(index, json.replace("first_00001", "../first_00001"));
    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> WeightsImport.keras(index).into(GRAPH))
        .withMessageContaining("shards lie in the folder of their index");

    Files.writeString(index, json);
    Files.delete(folder.resolve("first_00001.weights.h5"));
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> WeightsImport.keras(index).into(GRAPH))
        .withMessageContaining("one of the shards that " + index + " names");
  }

  /** All convolutions in one shard, all else in the other. */
  private Path shards(String first, String second, Predicate<String> named) throws IOException {
    Predicate<String> convolutions = name -> name.startsWith("conv2d");
    KerasFiles.weights(
        folder.resolve(first), named, new Placed("layers/", layers.only(convolutions)));
    KerasFiles.weights(
        folder.resolve(second), named, new Placed("layers/", layers.only(convolutions.negate())));
    return Files.writeString(
        folder.resolve("first.weights.json"),
        String.format(
            Locale.ROOT,
            """
            {"metadata": {"total_size": 1.0},
             "weight_map": {"/layers/conv2d/vars": "%s",
                            "/layers/batch_normalization/vars": ["%s"],
                            "/layers/dense/vars": "%s"}}
            """,
            first,
            second,
            second));
  }

  private Path flat(String name) throws IOException {
    return KerasFiles.weights(folder.resolve(name), ALL, new Placed("layers/", layers));
  }

  private static void assertWhole(Weights expected, Weights.Transfer transfer) {
    assertThat(transfer.report().isComplete()).as(transfer.report().toString()).isTrue();
    assertThat(transfer.report().unused()).isEmpty();
    for (String name : expected.names()) {
      assertThat(transfer.weights().tensor(name).toArray())
          .as(name)
          .isEqualTo(expected.tensor(name).toArray());
    }
  }

  private static NetworkGraph narrow(Architecture architecture) {
    return architecture
        .builder()
        .classes(3)
        .widthMultiplier(0.05)
        .auxiliaryHead(false)
        .convention(Convention.KERAS)
        .build();
  }
}
