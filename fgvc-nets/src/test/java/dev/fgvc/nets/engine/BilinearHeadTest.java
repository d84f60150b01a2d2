package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.nets.weights.Provenance;
import dev.fgvc.nets.weights.SavedNetwork;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bilinear heads on both engines: against PyTorch, against differences and against each other. */
class BilinearHeadTest {

  private static final Resolution SIZE = new Resolution(3, 2);
  private static final int[] LABELS = {2, 0};

  /** A 1x1 convolution to six channels, negative values among them, a head and four classes. */
  private static NetworkGraph graph(Head head) {
    GraphBuilder builder = GraphBuilder.named("b");
    Window cell = Window.square(1, 1, Padding.SAME);
    Initializer start = new Initializer.TruncatedNormal(1);
    Node net = builder.convolution(builder.input(3), "b/conv", 6, cell, false, start);
    Node features = builder.features(net, head);
    return builder.build(features, builder.fullyConnected(features, "b/logits", 4));
  }

  private static Head head(JsonObject reference) {
    int dimension = reference.get("dimension").getAsInt();
    int reduction = reference.get("reduction").getAsInt();
    Head head =
        dimension > 0
            ? Head.compactBilinear(dimension, reference.get("seed").getAsLong())
            : Head.bilinear();
    return reduction > 0 ? head.reducedTo(reduction) : head;
  }

  private static Weights weights(NetworkGraph graph, JsonObject variables) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    for (Parameter parameter : graph.parameters()) {
      float[] values = floats(variables.getAsJsonArray(parameter.name()));
      tensors.put(parameter.name(), WeightTensor.of(parameter.shape(), values));
    }
    return Weights.of(tensors);
  }

  private static float[] floats(JsonArray array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).getAsFloat();
    }
    return values;
  }

  private static Images images(JsonObject reference) {
    return new Images(FloatBuffer.wrap(floats(reference.getAsJsonArray("images"))), 2, SIZE);
  }

  private static JsonObject reference() throws IOException {
    try (InputStream bytes = BilinearHeadTest.class.getResourceAsStream("bilinear.json");
        Reader text =
            new InputStreamReader(Objects.requireNonNull(bytes), StandardCharsets.UTF_8)) {
      return JsonParser.parseReader(text).getAsJsonObject();
    }
  }

  private static TrainingOptions.Builder plain() {
    return TrainingOptions.paper().toBuilder().weightDecay(0).movingAverageDecay(0).dropout(false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void featuresLossAndGradientsArePyTorchs(String name) throws IOException {
    Engine engine = Engine.named(name);
    JsonObject reference = reference();
    Images images = images(reference);
    for (JsonElement element : reference.getAsJsonArray("cases")) {
      JsonObject expected = element.getAsJsonObject();
      NetworkGraph graph = graph(head(expected));
      Weights start = weights(graph, expected.getAsJsonObject("variables"));
      try (Network network = engine.compile(graph, start)) {
        assertThat(
                Reference.relativeError(
                    network.features(images).data, floats(expected.getAsJsonArray("features"))))
            .as("features of %s", graph.nodes())
            .isLessThan(1e-6);
      }
      try (TrainableNetwork network = engine.compileForTraining(graph, start, plain().build())) {
        StepLoss loss = network.accumulate(images, LABELS);
        assertThat(loss.crossEntropy()).isCloseTo(expected.get("loss").getAsDouble(), within(1e-6));
        JsonObject gradients = expected.getAsJsonObject("gradients");
        for (String variable : gradients.keySet()) {
          assertThat(
                  Reference.relativeError(
                      network.gradients().tensor(variable).toArray(),
                      floats(gradients.getAsJsonArray(variable))))
              .as("gradient of %s in %s", variable, graph.nodes())
              .isLessThan(1e-5);
        }
      }
    }
  }

  /** The reference's derivatives could share a slip with the engines'; differences cannot. */
  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void gradientsAreThoseOfDifferences(String name) throws IOException {
    JsonObject reference = reference();
    Images images = images(reference);
    String variable = "b/conv/weights";
    float step = 1f / 256;
    for (int index : new int[] {0, 2}) {
      JsonObject expected = reference.getAsJsonArray("cases").get(index).getAsJsonObject();
      NetworkGraph graph = graph(head(expected));
      Weights start = weights(graph, expected.getAsJsonObject("variables"));
      float[] gradient = gradient(name, graph, start, images).tensor(variable).toArray();
      float[] differences = new float[gradient.length];
      for (int i = 0; i < gradient.length; i++) {
        double above = loss(name, graph, moved(start, variable, i, step), images);
        double below = loss(name, graph, moved(start, variable, i, -step), images);
        differences[i] = (float) ((above - below) / (2 * step));
      }
      assertThat(Reference.relativeError(gradient, differences))
          .as("%s", head(expected))
          .isLessThan(2e-3);
    }
  }

  private static Weights gradient(String name, NetworkGraph graph, Weights start, Images images) {
    try (TrainableNetwork network =
        Engine.named(name).compileForTraining(graph, start, plain().build())) {
      network.accumulate(images, LABELS);
      return network.gradients();
    }
  }

  private static double loss(String name, NetworkGraph graph, Weights start, Images images) {
    try (TrainableNetwork network =
        Engine.named(name).compileForTraining(graph, start, plain().build())) {
      return network.accumulate(images, LABELS).crossEntropy();
    }
  }

  private static Weights moved(Weights weights, String variable, int index, float step) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    for (String name : weights.names()) {
      WeightTensor tensor = weights.tensor(name);
      float[] values = tensor.toArray();
      if (name.equals(variable)) {
        values[index] += step;
      }
      tensors.put(name, WeightTensor.of(tensor.shape(), values));
    }
    return Weights.of(tensors);
  }

  @ParameterizedTest
  @EnumSource
  void anyArchitectureTakesABilinearHeadOnBothEngines(Architecture architecture) {
    int side = architecture.variableScope().startsWith("resnet") ? 33 : 80;
    for (Head head : List.of(Head.bilinear().reducedTo(8), Head.compactBilinear(100, 3))) {
      NetworkGraph graph =
          architecture.builder().classes(3).widthMultiplier(0.05).head(head).build();
      Weights weights = Weights.initialize(graph, 1);
      Images images = Noise.images(2, side, 1);
      List<float[]> features = new ArrayList<>();
      for (String engine : List.of("torch", "nd4j")) {
        try (Network network = Engine.named(engine).compile(graph, weights)) {
          features.add(network.features(images).data);
        }
      }
      assertThat(features.get(0)).hasSize(2 * graph.featureDimension());
      assertThat(squaredNorm(features.get(0))).isCloseTo(2, within(1e-4));
      assertThat(Reference.relativeError(features.get(0), features.get(1)))
          .as("%s", head)
          .isLessThan(1e-4);
    }
  }

  private static double squaredNorm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return sum;
  }

  @Test
  void bothEnginesTrainThroughAWholeNetworkAlike() {
    for (Head head : List.of(Head.bilinear().reducedTo(8), Head.compactBilinear(100, 3))) {
      NetworkGraph graph =
          Architecture.RESNET_V2_50.builder().classes(4).widthMultiplier(0.05).head(head).build();
      Weights start = Weights.initialize(graph, 1);
      Images images = Noise.images(2, 65, 1);
      Weights torch = gradient("torch", graph, start, images);
      Weights nd4j = gradient("nd4j", graph, start, images);
      for (String variable :
          List.of("resnet_v2_50/logits/weights", "resnet_v2_50/postnorm/gamma")) {
        // Sums near 0, which sketches have, multiply the rounding of the layers before.
        assertThat(
                Reference.relativeError(
                    torch.tensor(variable).toArray(), nd4j.tensor(variable).toArray()))
            .as("%s of %s", variable, head)
            .isLessThan(head.equals(Head.bilinear().reducedTo(8)) ? 1e-3 : 1e-2);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void imagesThatActivateNothingHaveFiniteFeaturesAndGradients(String name) {
    for (Head head : List.of(Head.bilinear(), Head.compactBilinear(16, 1))) {
      NetworkGraph graph = graph(head);
      Weights start = Weights.initialize(graph, 1);
      Images black = new Images(FloatBuffer.wrap(new float[2 * 3 * 6]), 2, SIZE);
      try (Network network = Engine.named(name).compile(graph, start)) {
        assertThat(network.features(black).data).containsOnly(0);
      }
      Weights gradients = gradient(name, graph, start, black);
      assertThat(gradients.tensor("b/conv/weights").toArray()).containsOnly(0);
      assertThat(gradients.tensor("b/logits/biases").toArray()).doesNotContain(Float.NaN);
    }
  }

  @Test
  void aSavedNetworkHasTheSameFeatures() {
    NetworkGraph graph = graph(Head.compactBilinear(64, Long.MIN_VALUE + 3));
    SavedNetwork saved =
        new SavedNetwork(
            graph,
            Weights.initialize(graph, 1),
            SIZE,
            Normalization.inception(),
            List.of("a", "b", "c", "d"),
            new Provenance("none", "none", 1, "0.1"));
    SavedNetwork read = SavedNetwork.fromBytes(saved.toBytes());
    Images images = Noise.images(2, 5, 1);
    try (Network before = Engine.torch().compile(graph, saved.weights());
        Network after = Engine.torch().compile(read.graph(), read.weights())) {
      assertThat(after.features(images).data).isEqualTo(before.features(images).data);
    }
  }

  /** Several parts, as a batch of large activations is sketched, give what one gives. */
  @Test
  void imagesAreSketchedAloneOrTogetherAlike() {
    NetworkGraph graph = graph(Head.compactBilinear(1 << 16, 5));
    Weights weights = Weights.initialize(graph, 1);
    Images three = Noise.images(3, 6, 2);
    try (Network network = Engine.torch().compile(graph, weights)) {
      float[] together = network.features(three).data;
      for (int i = 0; i < 3; i++) {
        float[] alone = network.features(three.part(i, 1).toFloats()).data;
        float[] row = new float[alone.length];
        System.arraycopy(together, i * row.length, row, 0, row.length);
        assertThat(Reference.relativeError(row, alone)).isLessThan(1e-6);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void bfloat16RoundsWhatFloat32Pools(Precision precision) throws IOException {
    JsonObject reference = reference();
    for (JsonElement element : reference.getAsJsonArray("cases")) {
      JsonObject expected = element.getAsJsonObject();
      NetworkGraph graph = graph(head(expected));
      Weights start = weights(graph, expected.getAsJsonObject("variables"));
      InferenceOptions options = InferenceOptions.defaults().withPrecision(precision);
      try (Network network = Engine.torch().compile(graph, start, options)) {
        assertThat(
                Reference.relativeError(
                    network.features(images(reference)).data,
                    floats(expected.getAsJsonArray("features"))))
            .isLessThan(precision == Precision.BF16 ? 3e-2 : 1e-6);
      }
    }
  }
}
