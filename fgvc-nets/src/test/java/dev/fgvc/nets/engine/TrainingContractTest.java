package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both engines' promises about training, on a network of four layers. */
class TrainingContractTest {

  private static final double DECAY = 0.75;
  private static final NetworkGraph GRAPH = graph();
  private static final Weights START = start();
  private static final int[] LABELS = {0, 2, 1};

  private static NetworkGraph graph() {
    GraphBuilder builder = GraphBuilder.named("net");
    Node node = builder.input(3);
    for (String scope : List.of("net/first", "net/unit_2", "net/unit_20")) {
      node =
          builder.convolution(
              node,
              scope,
              5,
              Window.square(3, 1, Padding.SAME),
              false,
              new Initializer.TruncatedNormal(0.3));
      node = builder.relu(builder.batchNorm(node, scope + "/norm", true, 1e-3, DECAY));
    }
    Node features = builder.globalAveragePool(node);
    Node logits =
        builder.convolution(
            builder.dropout(features, 0.5),
            "net/Logits",
            3,
            Window.square(1, 1, Padding.SAME),
            true,
            new Initializer.TruncatedNormal(1));
    return builder.build(features, logits);
  }

  /** Random variables of all kinds, moving statistics that are not those of any batch included. */
  private static Weights start() {
    Random random = new Random(4);
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    Weights initial = Weights.initialize(GRAPH, 1);
    for (Parameter parameter : GRAPH.parameters()) {
      float[] values = initial.tensor(parameter.name()).toArray();
      for (int i = 0; i < values.length; i++) {
        values[i] += 0.2f * random.nextFloat();
      }
      tensors.put(parameter.name(), WeightTensor.of(parameter.shape(), values));
    }
    return Weights.of(tensors);
  }

  private static Images images(long seed, int count, int side) {
    Random random = new Random(seed);
    float[] pixels = new float[count * 3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat() * 2 - 1;
    }
    return new Images(FloatBuffer.wrap(pixels), count, Resolution.square(side));
  }

  private static TrainingOptions.Builder options() {
    return TrainingOptions.paper().toBuilder().dropout(false).weightDecay(0.01);
  }

  private static TrainableNetwork network(String engine, TrainingOptions options) {
    return Engine.named(engine).compileForTraining(GRAPH, START, options);
  }

  /** The variables that differ from the start, in the order of the graph. */
  private static List<String> changed(Weights weights) {
    List<String> changed = new ArrayList<>();
    for (Parameter parameter : GRAPH.parameters()) {
      float[] before = START.tensor(parameter.name()).toArray();
      if (!Arrays.equals(before, weights.tensor(parameter.name()).toArray())) {
        changed.add(parameter.name());
      }
    }
    return changed;
  }

  private static void requireClose(Weights actual, Weights expected, double bound) {
    assertThat(actual.names()).isEqualTo(expected.names());
    for (String name : expected.names()) {
      float[] a = actual.tensor(name).toArray();
      float[] e = expected.tensor(name).toArray();
      for (int i = 0; i < e.length; i++) {
        assertThat((double) a[i]).as(name).isCloseTo(e[i], within(bound * (1 + Math.abs(e[i]))));
      }
    }
  }

  private static void requireFinite(Weights weights) {
    for (String name : weights.names()) {
      for (float value : weights.tensor(name).toArray()) {
        assertThat(value).as(name).isFinite();
      }
    }
  }

  /** Activations may turn NaN into 0, so neither scores nor the loss would tell. */
  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void refusesPixelsThatAreNoNumbers(String engine) {
    Images broken = images(1, 3, 4);
    broken.pixels().put(5, Float.NaN);
    String place = "image 0 of the batch: channel 0 of row 1, column 1 is NaN";

    try (Network compiled = Engine.named(engine).compile(GRAPH, START)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> compiled.logits(broken))
          .withMessageContaining(place);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> compiled.features(broken))
          .withMessageContaining(place);
    }
    try (TrainableNetwork training = network(engine, options().build())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> training.accumulate(broken, LABELS))
          .withMessageContaining(place);
      assertThat(changed(training.weights())).isEmpty();
    }
  }

  /** The loss and its gradient are linear in the targets. */
  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void aMixedBatchHasTheWeightedSumOfTwoLosses(String engine) {
    int[] others = {1, 2, 0};
    Targets mixed = Targets.mixed(LABELS, others, new double[] {0.25, 0.25, 0.25});
    try (TrainableNetwork both = network(engine, options().build());
        TrainableNetwork first = network(engine, options().build());
        TrainableNetwork second = network(engine, options().build())) {
      double loss = both.accumulate(images(1, 3, 4), mixed).crossEntropy();
      double own = first.accumulate(images(1, 3, 4), LABELS).crossEntropy();
      double other = second.accumulate(images(1, 3, 4), others).crossEntropy();

      assertThat(loss).isCloseTo(0.25 * own + 0.75 * other, within(1e-5));
      for (String name : both.gradients().names()) {
        float[] sum = both.gradients().tensor(name).toArray();
        float[] a = first.gradients().tensor(name).toArray();
        float[] b = second.gradients().tensor(name).toArray();
        for (int i = 0; i < sum.length; i++) {
          assertThat((double) sum[i])
              .as(name)
              .isCloseTo(0.25 * a[i] + 0.75 * b[i], within(1e-4 * (1 + Math.abs(sum[i]))));
        }
      }
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  both.accumulate(
                      images(1, 3, 4),
                      Targets.mixed(LABELS, new int[] {0, 0, 3}, new double[] {1, 1, 1})))
          .withMessageContaining("label 3 of image 2");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void variablesChangeAtTheRatesOfTheirLongestScope(String engine) {
    Map<String, Double> factors = Map.of("net", 0.5, "unit_2/", 2.0, "net/Logits", 0.0);
    try (TrainableNetwork scaled = network(engine, options().rateFactors(factors).build());
        TrainableNetwork half = network(engine, options().build());
        TrainableNetwork twice = network(engine, options().build())) {
      scaled.step(images(1, 3, 4), LABELS, 0.1);
      half.step(images(1, 3, 4), LABELS, 0.05);
      twice.step(images(1, 3, 4), LABELS, 0.2);

      for (String name : START.names()) {
        Weights expected =
            name.startsWith("net/unit_2/")
                ? twice.weights()
                : name.startsWith("net/Logits/") ? START : half.weights();
        float[] values = scaled.weights().tensor(name).toArray();
        float[] wanted = expected.tensor(name).toArray();
        for (int i = 0; i < values.length; i++) {
          assertThat((double) values[i]).as(name).isCloseTo(wanted[i], within(1e-6));
        }
      }
      assertThat(changed(scaled.weights())).contains("net/unit_2/weights", "net/unit_20/weights");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network(engine, options().rateFactors(Map.of("unit", 2.0)).build()))
        .withMessageContaining("rate factor scope 'unit' holds no variable of net");
    Map<String, Double> twice = Map.of("Logits", 2.0, "net/Logits", 3.0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network(engine, options().rateFactors(twice).build()))
        .withMessageContaining("'Logits' and 'net/Logits' are the same in net");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().rateFactors(Map.of("net", -1.0)).build())
        .withMessageContaining("rate factor -1.0");
  }

  @Test
  void layerDecayFallsFromTheLogitsToTheFirstLayer() {
    assertThat(TrainingOptions.layerDecay(GRAPH, 0.5))
        .containsExactly(
            Map.entry("net/first", 0.125),
            Map.entry("net/unit_2", 0.25),
            Map.entry("net/unit_20", 0.5));

    NetworkGraph inception =
        Architecture.INCEPTION_V3.builder().classes(3).widthMultiplier(0.1).build();
    Map<String, Double> factors = TrainingOptions.layerDecay(inception, 0.5);
    assertThat(factors.keySet())
        .startsWith("InceptionV3/Conv2d_1a_3x3", "InceptionV3/Conv2d_2a_3x3")
        .endsWith("InceptionV3/Mixed_7b", "InceptionV3/Mixed_7c")
        .doesNotContain("InceptionV3/AuxLogits", "InceptionV3/Logits");
    assertThat(factors).containsEntry("InceptionV3/Mixed_7c", 0.5);
    NetworkGraph resNet =
        Architecture.RESNET_V2_50.builder().classes(3).widthMultiplier(0.1).build();
    assertThat(TrainingOptions.layerDecay(resNet, 0.5).keySet())
        .containsExactly(
            "resnet_v2_50/conv1",
            "resnet_v2_50/block1",
            "resnet_v2_50/block2",
            "resnet_v2_50/block3",
            "resnet_v2_50/block4",
            "resnet_v2_50/postnorm");
    NetworkGraph reduced =
        Architecture.RESNET_V2_50
            .builder()
            .classes(3)
            .widthMultiplier(0.1)
            .head(Head.bilinear().reducedTo(4))
            .build();
    assertThat(TrainingOptions.layerDecay(reduced, 0.5))
        .isEqualTo(TrainingOptions.layerDecay(resNet, 0.5));
    Map<String, Double> whole =
        TrainingOptions.paper().toBuilder()
            .rateFactors(factors)
            .build()
            .variableRateFactors(inception);
    assertThat(whole)
        .hasSize(inception.parameters().size())
        .containsEntry("InceptionV3/Mixed_7c/Branch_0/Conv2d_0a_1x1/weights", 0.5)
        .containsEntry("InceptionV3/Logits/Conv2d_1c_1x1/weights", 1.0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void anUpdateWithoutABatchRefuses(String engine) {
    try (TrainableNetwork network = network(engine, options().build())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> network.update(0.1))
          .withMessageContaining("no batch of net waits");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.accumulate(images(1, 3, 4), new int[] {0, 9, 1}));
      assertThatIllegalStateException().isThrownBy(() -> network.update(0.1));
      assertThat(changed(network.weights())).isEmpty();

      network.step(images(1, 3, 4), LABELS, 0.1);
      assertThatIllegalStateException().isThrownBy(() -> network.update(0.1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void frozenScopesAreWholePartsOfNamesAndKeepMovingStatistics(String engine) {
    TrainingOptions options = options().frozenScopes(List.of("unit_2", "net/first/norm/")).build();
    try (TrainableNetwork network = network(engine, options)) {
      network.step(images(1, 3, 4), LABELS, 0.1);
      network.step(images(2, 3, 4), LABELS, 0.1);

      for (Weights weights : List.of(network.weights(), network.averagedWeights())) {
        assertThat(changed(weights))
            .containsExactly(
                "net/first/weights",
                "net/unit_20/weights",
                "net/unit_20/norm/beta",
                "net/unit_20/norm/gamma",
                "net/unit_20/norm/moving_mean",
                "net/unit_20/norm/moving_variance",
                "net/Logits/weights",
                "net/Logits/biases");
      }
      assertThat(network.gradients().names())
          .contains("net/first/weights")
          .doesNotContain("net/unit_2/weights", "net/first/norm/beta");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void trainableScopesTrainNothingElse(String engine) {
    TrainingOptions options =
        options()
            .trainableScopes(List.of("net/unit_20", "Logits"))
            .frozenScopes(List.of("net/unit_20/norm", "net/Logits/biases"))
            .build();
    try (TrainableNetwork network = network(engine, options)) {
      network.step(images(1, 3, 4), LABELS, 0.1);

      assertThat(changed(network.weights()))
          .containsExactly("net/unit_20/weights", "net/Logits/weights");
      assertThat(changed(network.averagedWeights()))
          .containsExactly("net/unit_20/weights", "net/Logits/weights");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void frozenNormsNormaliseAsInInference(String engine) {
    TrainingOptions options = options().trainableScopes(List.of("net/Logits")).build();
    Images images = images(1, 3, 4);
    double expected = 0;
    try (Network inference = Engine.named(engine).compile(GRAPH, START)) {
      float[] logits = inference.logits(images).data;
      for (int i = 0; i < LABELS.length; i++) {
        double sum = 0;
        for (int c = 0; c < 3; c++) {
          sum += Math.exp(logits[3 * i + c]);
        }
        for (int c = 0; c < 3; c++) {
          double target = 0.9 * (c == LABELS[i] ? 1 : 0) + 0.1 / 3;
          expected -= target * (logits[3 * i + c] - Math.log(sum)) / LABELS.length;
        }
      }
    }
    try (TrainableNetwork network = network(engine, options)) {
      assertThat(network.accumulate(images, LABELS).crossEntropy())
          .isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void bothEnginesSendGradientsThroughFrozenNorms() {
    for (List<String> frozen :
        List.of(
            List.of("net/unit_2/norm", "net/unit_20/norm"),
            // A frozen norm whose scale and offset are trained.
            List.of("net/unit_2/norm/moving_mean", "net/unit_2/norm/moving_variance"))) {
      TrainingOptions options = options().frozenScopes(frozen).build();
      try (TrainableNetwork torch = network("torch", options);
          TrainableNetwork nd4j = network("nd4j", options)) {
        torch.accumulate(images(1, 3, 4), LABELS);
        nd4j.accumulate(images(1, 3, 4), LABELS);

        requireClose(torch.gradients(), nd4j.gradients(), 1e-5);
        requireClose(torch.weights(), nd4j.weights(), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void refusesScopesThatHoldNothing(String engine) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network(engine, options().frozenScopes(List.of("net/unit")).build()))
        .withMessageContaining("frozen scope 'net/unit' holds no variable of net")
        .withMessageContaining("'net/first', 'net/unit_2', 'net/unit_20', 'net/Logits'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network(engine, options().trainableScopes(List.of("norm")).build()))
        .withMessageContaining(
            "did you mean 'net/first/norm', 'net/unit_2/norm', 'net/unit_20/norm'?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().frozenScopes(List.of("net", "/")))
        .withMessageContaining("frozen scope '/' is empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network(engine, options().frozenScopes(List.of("net")).build()))
        .withMessageContaining("nothing of net is left to train");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                network(
                    engine, options().frozenScopes(List.of("net/unit_2/norm/moving_mean")).build()))
        .withMessageContaining("one of the two moving statistics of net/unit_2/norm");
  }

  @Test
  void oneValueAChannelHasNoVarianceAsTensorFlowHasIt() {
    Images one = images(3, 1, 1);
    List<Weights> results = new ArrayList<>();
    for (String engine : List.of("torch", "nd4j")) {
      try (TrainableNetwork network = network(engine, options().build())) {
        network.step(one, new int[] {1}, 0.1);
        results.add(network.weights());
        requireFinite(network.averagedWeights());

        String norm = "net/unit_20/norm/";
        float[] before = START.tensor(norm + "moving_variance").toArray();
        float[] after = network.weights().tensor(norm + "moving_variance").toArray();
        for (int c = 0; c < before.length; c++) {
          assertThat((double) after[c]).isCloseTo(DECAY * before[c], within(1e-6));
        }
        assertThat(changed(network.weights())).contains(norm + "moving_mean");
      }
    }
    requireClose(results.get(0), results.get(1), 1e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void oneClassHasNoLossAndNoGradient(String engine) {
    GraphBuilder builder = GraphBuilder.named("lone");
    Node features = builder.globalAveragePool(builder.input(3));
    Node logits =
        builder.convolution(
            features,
            "lone/Logits",
            1,
            Window.square(1, 1, Padding.SAME),
            true,
            new Initializer.TruncatedNormal(1));
    NetworkGraph graph = builder.build(features, logits);
    TrainingOptions options = options().weightDecay(0).build();
    try (TrainableNetwork network =
        Engine.named(engine).compileForTraining(graph, Weights.initialize(graph, 1), options)) {
      StepLoss loss = network.accumulate(images(1, 1, 1), new int[] {0});
      assertThat(loss.total()).isZero();
      assertThat(network.gradients().tensor("lone/Logits/weights").toArray()).containsOnly(0);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESNET_V2_50", "INCEPTION_V3"})
  void aBatchOfOneTrainsWithoutNaN(Architecture architecture) {
    // The last maps of the one have a single cell here, the auxiliary head of the other always.
    int side = architecture == Architecture.RESNET_V2_50 ? 32 : 139;
    NetworkGraph graph =
        architecture
            .builder()
            .classes(2)
            .widthMultiplier(0.1)
            .resolution(Resolution.square(side))
            .build();
    try (TrainableNetwork network =
        Engine.torch()
            .compileForTraining(graph, Weights.initialize(graph, 1), TrainingOptions.paper())) {
      for (int step = 0; step < 2; step++) {
        assertThat(network.step(images(step, 1, side), new int[] {1}, 0.01).total()).isFinite();
      }
      requireFinite(network.weights());
      requireFinite(network.averagedWeights());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void movingStatisticsWarmUpWhenAsked(String engine) {
    String name = "net/first/norm/moving_mean";
    double[] decays = {0.1, 2.0 / 11, 3.0 / 12};
    float[] start = START.tensor(name).toArray();
    TrainingOptions options = options().batchNormWarmUp(true).build();
    try (TrainableNetwork network = network(engine, options)) {
      network.accumulate(images(1, 3, 4), LABELS);
      float[] first = network.weights().tensor(name).toArray();
      network.accumulate(images(1, 3, 4), LABELS);
      network.accumulate(images(1, 3, 4), LABELS);
      float[] third = network.weights().tensor(name).toArray();
      for (int c = 0; c < start.length; c++) {
        double batch = (first[c] - decays[0] * start[c]) / (1 - decays[0]);
        double left = decays[0] * decays[1] * decays[2];
        assertThat((double) third[c]).isCloseTo(left * start[c] + (1 - left) * batch, within(1e-5));
      }
    }
    assertThat(options.batchNormDecayAt(DECAY, 1000)).isEqualTo(DECAY);
    assertThat(options().build().batchNormDecayAt(DECAY, 0)).isEqualTo(DECAY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void everyBitOfASeedChangesDropout(String engine) {
    List<Double> losses = new ArrayList<>();
    for (long seed : new long[] {1, 2, 1 + (1L << 32), 1 + (5L << 40), Long.MIN_VALUE + 1}) {
      try (TrainableNetwork network = network(engine, options().dropout(true).seed(seed).build())) {
        losses.add(network.accumulate(images(1, 3, 4), LABELS).crossEntropy());
      }
    }
    assertThat(losses).doesNotHaveDuplicates();
  }
}
