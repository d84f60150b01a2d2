package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.testing.Filler;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each architecture against what the authors' own network code computes. */
class ReferenceNetworkTest {

  private static final int CLASSES = 200;

  @ParameterizedTest
  @EnumSource
  void hasTheAuthorsVariables(Architecture architecture) throws IOException {
    JsonObject reference = Reference.json(architecture + ".variables.json");
    List<String> expected = new ArrayList<>();
    for (JsonElement element : reference.getAsJsonArray("variables")) {
      JsonObject variable = element.getAsJsonObject();
      expected.add(
          variable.get("name").getAsString()
              + variable.get("shape").toString().replace(",", ", ")
              + variable.get("trainable")
              + variable.get("weightDecay"));
    }
    List<String> actual =
        graph(architecture).parameters().stream().map(ReferenceNetworkTest::describe).toList();
    assertThat(actual).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static String describe(Parameter parameter) {
    return parameter.name() + parameter.shape() + parameter.trainable() + parameter.weightDecay();
  }

  /** Every network at every resolution that the fixtures give. */
  static Stream<Arguments> allResolutions() {
    return Stream.of(Architecture.values())
        .flatMap(
            architecture -> sides(architecture).mapToObj(side -> Arguments.of(architecture, side)));
  }

  private static IntStream sides(Architecture architecture) {
    if (architecture == Architecture.INCEPTION_V3) {
      return IntStream.of(299, 448, 560);
    }
    return architecture.name().startsWith("RESNET")
        ? IntStream.of(224, 299, 448)
        : IntStream.of(299, 448);
  }

  @ParameterizedTest
  @MethodSource("allResolutions")
  void torchComputesTheAuthorsLogitsAndFeatures(Architecture architecture, int side)
      throws IOException {
    compare(Engine.torch(), InferenceOptions.defaults(), architecture, side, 1e-4);
  }

  @ParameterizedTest
  @MethodSource("allResolutions")
  void nd4jComputesTheAuthorsLogitsAndFeatures(Architecture architecture, int side)
      throws IOException {
    compare(Engine.nd4j(), InferenceOptions.defaults(), architecture, side, 1e-3);
  }

  static void compare(
      Engine engine, InferenceOptions options, Architecture architecture, int side, double bound)
      throws IOException {
    float[] logits = Reference.npy("slim/" + architecture + "." + side + ".logits.npy");
    float[] features = Reference.npy("slim/" + architecture + "." + side + ".features.npy");
    NetworkGraph graph = graph(architecture);
    Weights weights = Filler.weights(graph, 0);
    try (Network network = engine.compile(graph, weights, options)) {
      Images images = Filler.images(side);
      assertThat(Reference.relativeError(network.logits(images).data, logits)).isLessThan(bound);
      assertThat(Reference.relativeError(network.features(images).data, features))
          .isLessThan(bound);
    }
  }

  /** Large enough for the convolutions that multiply less, and often enough for fitted kernels. */
  @ParameterizedTest
  @EnumSource(
      value = Architecture.class,
      names = {"INCEPTION_V4", "INCEPTION_RESNET_V2_SE", "RESNET_V2_50"})
  void torchMakesTheSameOfALargeBatchEachTime(Architecture architecture) throws IOException {
    float[] logits = Reference.npy("slim/" + architecture + ".299.logits.npy");
    NetworkGraph graph = graph(architecture);
    Images two = Filler.images(299);
    int copies = 4;
    FloatBuffer pixels = FloatBuffer.allocate(copies * two.pixels().remaining());
    float[] expected = new float[copies * logits.length];
    for (int i = 0; i < copies; i++) {
      pixels.put(two.pixels().duplicate());
      System.arraycopy(logits, 0, expected, i * logits.length, logits.length);
    }
    Images many = new Images(pixels.flip(), copies * two.count(), two.resolution());
    try (Network network = Engine.torch().compile(graph, Filler.weights(graph, 0))) {
      float[] first = network.logits(many).data;
      assertThat(Reference.relativeError(first, expected)).isLessThan(1e-5);
      for (int pass = 1; pass < 4; pass++) {
        assertThat(network.logits(many).data).as("pass %d", pass).isEqualTo(first);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("allResolutions")
  void hasTheAuthorsEndpointShapesAndCosts(Architecture architecture, int side) throws IOException {
    JsonObject reference = Reference.json(architecture + "." + side + ".endpoints.json");
    NetworkGraph graph = graph(architecture);
    Resolution resolution = Resolution.square(side);
    JsonObject endpoints = reference.getAsJsonObject("endpoints");
    for (Map.Entry<String, JsonElement> endpoint : endpoints.entrySet()) {
      if (endpoint.getKey().matches(LEFT_TO_USERS)) {
        continue; // a softmax and a reshape, which the graph leaves to its users
      }
      String shape =
          endpoint
              .getValue()
              .getAsJsonObject()
              .get("shape")
              .toString()
              .replaceFirst("^\\[2,(\\d+)]$", "[2,1,1,$1]");
      MapShape actual = graph.outputShape(ours(endpoint.getKey(), architecture), resolution);
      assertThat("[2," + actual.height() + "," + actual.width() + "," + actual.channels() + "]")
          .as(endpoint.getKey())
          .isEqualTo(shape);
    }
    assertThat(graph.multiplyAdds(resolution))
        .isEqualTo(reference.get("multiplyAddsPerImage").getAsLong());
  }

  /** Their Inception-v3 calls its pooled map otherwise where it pools over any size. */
  private static String ours(String endpoint, Architecture architecture) {
    return architecture == Architecture.INCEPTION_V3
        ? endpoint.replace("global_pool", "AvgPool_1a")
        : endpoint;
  }

  /** The authors' name for an end point of theirs that the graph leaves to its users. */
  private static final String LEFT_TO_USERS = "[Pp]redictions|.*/spatial_squeeze";

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "INCEPTION.*")
  void computesTheAuthorsAuxiliaryLogits(Architecture architecture) throws IOException {
    compareAuxiliaryLogits(InferenceOptions.defaults(), architecture);
  }

  static void compareAuxiliaryLogits(InferenceOptions options, Architecture architecture)
      throws IOException {
    float[] reference = Reference.npy("slim/" + architecture + ".299.auxLogits.npy");
    NetworkGraph graph = graph(architecture);
    try (Network network = Engine.torch().compile(graph, Filler.weights(graph, 0), options)) {
      assertThat(
              Reference.relativeError(network.auxiliaryLogits(Filler.images(299)).data, reference))
          .isLessThan(1e-4);
    }
  }

  @ParameterizedTest
  @EnumSource
  void computesTheAuthorsEndpoints(Architecture architecture) throws IOException {
    JsonObject reference = Reference.json(architecture + ".299.endpoints.json");
    NetworkGraph graph = graph(architecture);
    Images images = Filler.images(299);
    List<String> names =
        reference.getAsJsonObject("endpoints").keySet().stream()
            .filter(name -> !name.matches(LEFT_TO_USERS))
            .toList();
    SoftAssertions softly = new SoftAssertions();
    try (Network network = Engine.torch().compile(graph, Filler.weights(graph, 0))) {
      for (List<String> some : Lists.partition(names, 30)) { // all at once would take 2 GB
        List<FMatrixRMaj> maps =
            network.outputs(some.stream().map(graph::endpoint).toList(), images);
        for (int i = 0; i < some.size(); i++) {
          String name = some.get(i);
          MapShape shape = graph.outputShape(name, images.resolution());
          EndpointStatistics.of(maps.get(i), shape)
              .compareWith(
                  reference.getAsJsonObject("endpoints").getAsJsonObject(name), name, softly);
        }
      }
    }
    softly.assertAll();
  }

  private static NetworkGraph graph(Architecture architecture) {
    return architecture.builder().classes(CLASSES).build();
  }
}
