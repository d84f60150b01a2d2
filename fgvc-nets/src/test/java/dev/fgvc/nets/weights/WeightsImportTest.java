package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.testing.Filler;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.testing.InOtherLocales;
import dev.fgvc.testing.SharedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsImportTest {

  @TempDir private Path folder;

  @Test
  void foldedGammasGiveTheSameFeaturesAsRealOnes() throws IOException {
    NetworkGraph scaled = narrow(Convention.PYTORCH);
    NetworkGraph folded = narrow(Convention.TF_SLIM);
    Path file = stateDictionary(Architecture.INCEPTION_V4, Filler.weights(scaled, 0));

    Weights.Transfer direct = WeightsImport.pytorch(file).into(scaled);
    Weights.Transfer into = WeightsImport.pytorch(file).into(folded);

    assertThat(direct.report().isComplete()).isTrue();
    assertThat(direct.report().remarks()).isEmpty();
    assertThat(into.report().isComplete()).isTrue();
    assertThat(into.report().unused()).isEmpty();
    assertThat(into.report().remarks())
        .singleElement()
        .asString()
        .startsWith("the gammas of 149 batch norms were folded");
    assertThat(Reference.relativeError(features(folded, into), features(scaled, direct)))
        .isLessThan(1e-5);
  }

  @Test
  void kernelsAndMatricesAreTransposed() throws IOException {
    NetworkGraph graph = narrow(Convention.PYTORCH);
    Weights weights = Filler.weights(graph, 0);

    Weights read =
        WeightsImport.pytorch(stateDictionary(Architecture.INCEPTION_V4, weights))
            .into(graph)
            .weights();

    for (String name : weights.names()) {
      assertThat(read.tensor(name).toArray()).as(name).isEqualTo(weights.tensor(name).toArray());
    }
  }

  @Test
  void drawsTheNetworkThatPyTorchHas() throws IOException {
    NetworkGraph original =
        Architecture.INCEPTION_V3
            .builder()
            .classes(12)
            .auxiliaryHead(false)
            .convention(Convention.PYTORCH)
            .build();
    Path file = stateDictionary(Architecture.INCEPTION_V3, Weights.initialize(original, 5));

    ImportedNetwork network = WeightsImport.pytorch(file).network(Architecture.INCEPTION_V3);

    assertThat(network.graph().classes()).isEqualTo(12);
    assertThat(network.graph().auxiliaryLogits()).isEmpty();
    assertThat(network.graph().nodes()).isEqualTo(original.nodes());
    assertThat(network.graph().nodes())
        .filteredOn(node -> node.operation() instanceof Operation.AveragePool)
        .isNotEmpty()
        .allMatch(node -> ((Operation.AveragePool) node.operation()).countsPadding());
    NetworkGraph slim = Architecture.INCEPTION_V3.builder().classes(12).build();
    Weights.Transfer other = WeightsImport.pytorch(file).into(slim);
    assertThat(other.report().remarks()).anyMatch(remark -> remark.contains("convention(PYTORCH)"));
    assertThat(other.report().requireFreshOnlyIn("AuxLogits")).isSameAs(other.report());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.report().requireFreshOnlyIn("Logits"))
        .withMessageContaining("InceptionV3/AuxLogits/Conv2d_1b_1x1/weights");
  }

  @Test
  void allowsFreshVariablesByWholePartsOfTheirNames() {
    var report =
        new ImportReport(
            List.of(),
            List.of("net/block/unit_20/weights"),
            List.of("net/x"),
            List.of(),
            List.of());
    assertThat(report.requireFreshOnlyIn("block/unit_20/", "net/x")).isSameAs(report);
    assertThat(report.requireFreshOnlyIn("net")).isSameAs(report);
    for (String scope : List.of("block/unit_2", "unit_20", "weights", "bloc")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> report.requireFreshOnlyIn(scope, "x"))
          .withMessageContaining("'net/block/unit_20/weights' is missing");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> report.requireFreshOnlyIn("/"));
  }

  @Test
  @InOtherLocales
  void readsACheckpointWithItsMovingAveragesIntoAnyGraph() throws IOException {
    Path checkpoint = toy("toy_v1.ckpt");
    NetworkGraph graph = toyGraph(5);

    Weights.Transfer averaged = WeightsImport.tensorFlow(checkpoint).into(graph);
    Weights.Transfer plain =
        WeightsImport.tensorFlow(checkpoint).ignoreMovingAverages().into(graph);

    assertThat(averaged.report().isComplete()).isTrue();
    assertThat(averaged.report().remarks())
        .containsExactly("1 of 9 variables are their moving averages");
    assertThat(averaged.report().unused())
        .contains("Toy/conv1/weights", "Toy/conv1/weights/RMSProp", "global_step", "Toy/int")
        .doesNotContain("Toy/conv1/weights/ExponentialMovingAverage");
    assertThat(plain.report().unused())
        .contains("Toy/conv1/weights/ExponentialMovingAverage")
        .doesNotContain("Toy/conv1/weights");
    try (TensorFlowCheckpoint raw = TensorFlowCheckpoint.open(checkpoint)) {
      assertThat(averaged.weights().tensor("Toy/conv1/weights").toArray())
          .isEqualTo(
              raw.tensor("Toy/conv1/weights/ExponentialMovingAverage").toWeights().toArray());
      assertThat(plain.weights().tensor("Toy/conv1/weights").toArray())
          .isEqualTo(raw.tensor("Toy/conv1/weights").toWeights().toArray());
    }
  }

  @Test
  void dropsTheBackgroundClassWhenAskedAndHintsAtItOtherwise() throws IOException {
    Path checkpoint = toy("toy_v2.ckpt");
    NetworkGraph graph = toyGraph(4);

    Weights.Transfer dropped =
        WeightsImport.tensorFlow(checkpoint).dropBackgroundClass().into(graph);
    Weights.Transfer kept = WeightsImport.tensorFlow(checkpoint).into(graph);

    assertThat(dropped.report().isComplete()).isTrue();
    try (TensorFlowCheckpoint raw = TensorFlowCheckpoint.open(checkpoint)) {
      float[] all = raw.tensor("Toy/Logits/weights").toWeights().toArray();
      float[] four = dropped.weights().tensor("Toy/Logits/weights").toArray();
      for (int i = 0; i < four.length; i++) {
        assertThat(four[i]).isEqualTo(all[i / 4 * 5 + 1 + i % 4]);
      }
    }
    assertThat(kept.report().reshaped()).containsExactly("Toy/Logits/weights", "Toy/Logits/biases");
    assertThat(kept.report().toString()).contains("dropBackgroundClass()");
  }

  @Test
  void refusesNetworksThatTheLibraryDoesNotHave() throws IOException {
    NetworkGraph graph = Architecture.INCEPTION_V3_SE.builder().classes(2).build();
    Path file = folder.resolve("x.safetensors");
    Weights.of(Map.of("a", WeightTensor.of(List.of(1), new float[1]))).write(file);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.pytorch(file).into(graph))
        .withMessageContaining("pytorch has no inception_v3_se");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.pytorch(file).into(toyGraph(2)))
        .withMessageContaining("Toy is none of the paper's");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.pytorch(file).network(Architecture.INCEPTION_V3))
        .withMessageContaining("not one variable fits InceptionV3")
        .withMessageEndingWith("It holds 1 tensor: 'a'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.pytorch(file).into(narrow(Convention.PYTORCH)))
        .withMessageContaining("not one variable fits InceptionV4");
  }

  @Test
  void refusesAVariableOfWholeNumbersByName() throws IOException {
    Path file = folder.resolve("flags.safetensors");
    String header =
        "{\"Conv2d_1a_3x3.conv.weight\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    ByteBuffer bytes =
        ByteBuffer.allocate(9 + header.length())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length())
            .put(header.getBytes(StandardCharsets.UTF_8));
    Files.write(file, bytes.array());

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(
            () ->
                WeightsImport.pytorch(file)
                    .into(Architecture.INCEPTION_V3.builder().classes(2).build()))
        .withMessageContaining("Conv2d_1a_3x3.conv.weight")
        .withMessageContaining("int8");
  }

  private static NetworkGraph narrow(Convention convention) {
    return Architecture.INCEPTION_V4
        .builder()
        .classes(6)
        .widthMultiplier(0.1)
        .auxiliaryHead(false)
        .convention(convention)
        .build();
  }

  private static float[] features(NetworkGraph graph, Weights.Transfer transfer) {
    Images images = Filler.images(107);
    try (Network network = Engine.torch().compile(graph, transfer.weights())) {
      return network.features(images).data;
    }
  }

  /** The layers of the checkpoints that TensorFlow wrote. */
  private static NetworkGraph toyGraph(int classes) {
    GraphBuilder graph = GraphBuilder.named("Toy");
    Initializer start = new Initializer.Constant(0);
    Node net = graph.input(3);
    net = graph.convolution(net, "Toy/conv1", 8, Window.square(3, 1, Padding.SAME), false, start);
    net = graph.batchNorm(net, "Toy/conv1/BatchNorm", true, 1e-3, 0.9);
    net = graph.convolution(net, "Toy/conv2", 16, new Window(1, 7, 1, Padding.SAME), true, start);
    Node features = graph.globalAveragePool(net);
    return graph.build(
        features, graph.fullyConnected(features, "Toy/Logits", classes), Optional.empty());
  }

  private static Path toy(String name) {
    return SharedFiles.require("fixtures/checkpoint/toy.json").resolveSibling(name);
  }

  private Path stateDictionary(Architecture architecture, Weights weights) throws IOException {
    Path file = folder.resolve(architecture + ".safetensors");
    Weights.of(StateDictionary.of(architecture, weights)).write(file);
    return file;
  }
}
