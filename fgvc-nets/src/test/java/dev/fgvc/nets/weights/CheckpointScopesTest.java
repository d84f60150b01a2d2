package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.testing.Filler;
import dev.fgvc.nets.weights.TableWriter.Proto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of TensorFlow in which the network lies within a scope. */
class CheckpointScopesTest {

  private static final NetworkGraph GRAPH = graph();
  private static final Weights WEIGHTS = Filler.weights(GRAPH, 0);

  @TempDir private Path folder;

  @Test
  void findsTheNetworkInAnyScope() throws IOException {
    Map<String, WeightTensor> variables = new LinkedHashMap<>();
    for (String name : WEIGHTS.names()) {
      variables.put("FeatureExtractor/tower_0/" + name, WEIGHTS.tensor(name));
    }
    variables.put("BoxPredictor/weights", WeightTensor.of(List.of(1), new float[1]));

    Weights.Transfer transfer = WeightsImport.tensorFlow(write(variables)).into(GRAPH);

    assertThat(transfer.report().isComplete()).isTrue();
    assertThat(transfer.report().unused()).containsExactly("BoxPredictor/weights");
    assertThat(transfer.report().remarks())
        .containsExactly("the file has the variables in its scope 'FeatureExtractor/tower_0/'");
    for (Parameter parameter : GRAPH.parameters()) {
      assertThat(transfer.weights().tensor(parameter.name()).toArray())
          .isEqualTo(WEIGHTS.tensor(parameter.name()).toArray());
    }
  }

  @Test
  void prefersMovingAveragesInAScopeToo() throws IOException {
    Map<String, WeightTensor> variables = new LinkedHashMap<>();
    for (String name : WEIGHTS.names()) {
      WeightTensor tensor = WEIGHTS.tensor(name);
      variables.put("net/" + name, WeightTensor.of(tensor.shape(), new float[tensor.size()]));
      variables.put("net/" + name + "/ExponentialMovingAverage", tensor);
    }
    Path file = write(variables);
    String first = "Tiny/conv/weights";

    assertThat(WeightsImport.tensorFlow(file).into(GRAPH).weights().tensor(first).toArray())
        .isEqualTo(WEIGHTS.tensor(first).toArray());
    assertThat(
            WeightsImport.tensorFlow(file)
                .ignoreMovingAverages()
                .into(GRAPH)
                .weights()
                .tensor(first)
                .toArray())
        .containsOnly(0);
  }

  @Test
  void saysWhatACheckpointByObjectsIs() throws IOException {
    WeightTensor one = WeightTensor.of(List.of(1), new float[1]);
    Path file =
        write(
            Map.of(
                "_CHECKPOINTABLE_OBJECT_GRAPH",
                one,
                "layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE",
                one));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsImport.tensorFlow(file).into(GRAPH))
        .withMessageContaining("whose first is 'Tiny/conv/weights'")
        .withMessageContaining("'layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE'")
        .withMessageContaining("as a checkpoint of TensorFlow 2 by objects has them");
  }

  private static NetworkGraph graph() {
    GraphBuilder graph = GraphBuilder.named("Tiny");
    Initializer start = new Initializer.TruncatedNormal(0.3);
    Node net = graph.input(3);
    net = graph.convolution(net, "Tiny/conv", 4, Window.square(3, 2, Padding.SAME), true, start);
    Node features = graph.globalAveragePool(net);
    return graph.build(
        features, graph.fullyConnected(features, "Tiny/Logits", 2), Optional.empty());
  }

  /** In TensorFlow's first form, a file by itself. */
  private Path write(Map<String, WeightTensor> variables) throws IOException {
    TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    Proto list = new Proto();
    variables.forEach(
        (name, tensor) -> {
          Proto shape = new Proto();
          Proto slice = new Proto();
          tensor.shape().forEach(side -> shape.field(2, new Proto().field(1, side)));
          tensor.shape().forEach(side -> slice.field(1, new Proto()));
          Proto values = new Proto().field(1, 1).field(5, bytes(tensor));
          byte[] text = name.getBytes(StandardCharsets.UTF_8);
          list.field(1, new Proto().field(1, text).field(2, shape).field(3, 1).field(4, slice));
          int rank = tensor.shape().size();
          TensorSlice whole =
              new TensorSlice(
                  Collections.nCopies(rank, 0L), Collections.nCopies(rank, TensorSlice.FULL));
          entries.put(
              whole.key(name),
              new Proto()
                  .field(2, new Proto().field(1, text).field(2, slice).field(3, values))
                  .raw());
        });
    entries.put(new byte[0], new Proto().field(1, list).raw());
    return Files.write(folder.resolve("x.ckpt"), TableWriter.table(entries));
  }

  private static byte[] bytes(WeightTensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(tensor.values());
    return bytes.array();
  }
}
