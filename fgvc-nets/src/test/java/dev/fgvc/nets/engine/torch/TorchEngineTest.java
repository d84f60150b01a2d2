package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.WideGraph;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TorchEngineTest {

  private static final Window POINT = Window.square(1, 1, Padding.SAME);

  private static NetworkGraph narrow(int classes) {
    return Architecture.RESNET_V2_50.builder().classes(classes).widthMultiplier(0.1).build();
  }

  private static Images noise(int count, int side) {
    return Noise.images(count, side, count * 31L + side);
  }

  @Test
  void averagePoolingDoesNotCountPaddingOnEitherSide() {
    GraphBuilder builder = GraphBuilder.named("pool");
    Node input = builder.input(3);
    // 3x3 at stride 2 over 4x4: nothing before, one cell after, so the last window sees 2x2 cells
    Node pooled = builder.averagePool(input, Window.square(3, 2, Padding.SAME));
    Node last = builder.maxPool(pooled, Window.square(2, 1, Padding.VALID));
    Node features = builder.globalAveragePool(last);
    NetworkGraph graph =
        builder.build(
            features,
            builder.convolution(
                features, "pool/logits", 1, POINT, true, new Initializer.Constant(1)));
    float[] pixels = new float[48];
    for (int i = 0; i < 16; i++) {
      pixels[i] = i; // the last window of the first channel holds 10, 11, 14 and 15
    }
    Images images = new Images(FloatBuffer.wrap(pixels), 1, Resolution.square(4));

    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      assertThat(network.features(images).data).containsExactly(12.5f, 0, 0);
      assertThat(network.logits(images).data).containsExactly(12.5f);
    }
  }

  @Test
  void directBuffersAndArraysGiveTheSameLogits() {
    Images heap = noise(3, 48);
    FloatBuffer direct =
        ByteBuffer.allocateDirect(4 * heap.pixels().remaining())
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    direct.put(heap.pixels().duplicate()).flip();
    NetworkGraph graph = narrow(5);

    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      assertThat(network.logits(new Images(direct, 3, heap.resolution())).data)
          .isEqualTo(network.logits(heap).data);
      assertThat(network.logits(heap).numRows).isEqualTo(3);
      assertThat(network.logits(heap).numCols).isEqualTo(5);
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void batchesAndSizesMayComeInAnyOrder(Precision precision) {
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(5).widthMultiplier(0.1).build();
    InferenceOptions options = InferenceOptions.defaults().withPrecision(precision);
    // More shapes than kernels are copied for, each often enough to get its copy.
    List<Images> batches =
        List.of(noise(1, 80), noise(3, 80), noise(1, 107), noise(2, 96), noise(5, 75));
    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1), options)) {
      List<float[]> first = batches.stream().map(images -> network.features(images).data).toList();
      for (int round = 0; round < 3; round++) {
        for (int i = batches.size() - 1; i >= 0; i--) {
          float[] again = network.features(batches.get(i)).data;
          assertThat(relativeDistance(again, first.get(i)))
              .isLessThan(precision == Precision.BF16 ? 1e-2 : 1e-5);
        }
      }
    }
  }

  private static double relativeDistance(float[] values, float[] reference) {
    double squares = 0;
    double norm = 0;
    for (int i = 0; i < reference.length; i++) {
      squares += Math.pow(values[i] - reference[i], 2);
      norm += Math.pow(reference[i], 2);
    }
    assertThat(norm).isPositive();
    return Math.sqrt(squares / norm);
  }

  @Test
  void manyThreadsMayUseOneNetwork() throws Exception {
    NetworkGraph graph = narrow(5);
    Images images = noise(2, 40);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      float[] alone = network.features(images).data;
      List<Callable<float[]>> calls = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        calls.add(() -> network.features(images).data);
      }
      for (Future<float[]> result : threads.invokeAll(calls)) {
        assertThat(result.get()).isEqualTo(alone);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void trainingLowersTheLossAndInferenceAgreesWithTheTrainedLabels() {
    NetworkGraph graph =
        Architecture.RESNET_V2_50
            .builder()
            .classes(2)
            .widthMultiplier(0.1)
            .batchNormDecay(0.5)
            .build();
    // Of 32 x 32, the last activations have one cell, whose moving statistics hang on the rounding.
    Images images = noise(8, 76);
    int[] labels = {0, 1, 0, 1, 1, 0, 1, 0};
    TrainingOptions options = TrainingOptions.paper().toBuilder().movingAverageDecay(0).build();
    try (TrainableNetwork network =
        Engine.torch().compileForTraining(graph, Weights.initialize(graph, 1), options)) {
      StepLoss first = network.step(images, labels, 0.045);
      StepLoss last = first;
      for (int i = 0; i < 40; i++) {
        last = network.step(images, labels, 0.045);
      }
      assertThat(last.crossEntropy()).isLessThan(first.crossEntropy() / 2);

      try (Network trained = Engine.torch().compile(graph, network.weights())) {
        float[] logits = trained.logits(images).data;
        for (int i = 0; i < labels.length; i++) {
          assertThat(logits[2 * i + labels[i]]).isGreaterThan(logits[2 * i + 1 - labels[i]]);
        }
      }
    }
  }

  @Test
  void aRateOfZeroAndFrozenScopesChangeNoWeights() {
    NetworkGraph graph = narrow(3);
    Weights start = Weights.initialize(graph, 1);
    TrainingOptions frozen =
        TrainingOptions.paper().toBuilder().frozenScopes(List.of("resnet_v2_50/block1")).build();
    String inside = "resnet_v2_50/block1/unit_1/bottleneck_v2/conv1/weights";
    String outside = "resnet_v2_50/conv1/weights";
    try (TrainableNetwork network = Engine.torch().compileForTraining(graph, start, frozen)) {
      network.step(noise(4, 32), new int[] {0, 1, 2, 0}, 0);
      assertThat(network.weights().tensor(outside).toArray())
          .isEqualTo(start.tensor(outside).toArray());

      network.step(noise(4, 32), new int[] {0, 1, 2, 0}, 0.1);
      assertThat(network.weights().tensor(inside).toArray())
          .isEqualTo(start.tensor(inside).toArray());
      assertThat(network.weights().tensor(outside).toArray())
          .isNotEqualTo(start.tensor(outside).toArray());
      assertThat(network.gradients().names()).doesNotContain(inside).contains(outside);
    }
  }

  @Test
  void gradientsOfTwoBatchesAddUp() {
    NetworkGraph graph = narrow(3);
    Weights start = Weights.initialize(graph, 1);
    String variable = "resnet_v2_50/logits/biases";
    try (TrainableNetwork network =
        Engine.torch().compileForTraining(graph, start, TrainingOptions.paper())) {
      network.accumulate(noise(4, 32), new int[] {0, 1, 2, 0});
      float[] once = network.gradients().tensor(variable).toArray();
      network.accumulate(noise(4, 32), new int[] {0, 1, 2, 0});
      float[] twice = network.gradients().tensor(variable).toArray();
      for (int i = 0; i < once.length; i++) {
        assertThat(twice[i]).isCloseTo(2 * once[i], Offset.offset(1e-6f));
      }
      network.update(0.1);
      assertThat(network.gradients().tensor(variable).toArray()).containsOnly(0);
    }
  }

  @Test
  void refusesLabelsThatAreNotClassesOrNotAsManyAsImages() {
    NetworkGraph graph = narrow(3);
    try (TrainableNetwork network =
        Engine.torch()
            .compileForTraining(graph, Weights.initialize(graph, 1), TrainingOptions.paper())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.step(noise(2, 32), new int[] {0, 3}, 0.1))
          .withMessageContaining("label 3 of image 1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.step(noise(2, 32), new int[] {-1, 0}, 0.1))
          .withMessageContaining("label -1 of image 0");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.step(noise(2, 32), new int[] {0}, 0.1))
          .withMessageContaining("1 labels for 2 images");
      assertThatIllegalArgumentException().isThrownBy(() -> network.update(Double.NaN));
    }
  }

  @Test
  void refusesABufferOfAnotherSize() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Images(FloatBuffer.allocate(10), 1, Resolution.square(2)))
        .withMessageContaining("need 12 values")
        .withMessageContaining("has 10");
  }

  @Test
  void aClosedNetworkSaysSo() {
    NetworkGraph graph = narrow(3);
    Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1));
    network.close();
    network.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> network.logits(noise(1, 32)))
        .withMessageContaining("closed");
  }

  @Test
  void refusesIncompleteWeightsAndAbsentDevices() {
    NetworkGraph graph = narrow(3);
    Weights weights = Weights.initialize(graph, 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Engine.torch().compile(narrow(4), weights))
        .withMessageContaining("logits");
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(
            () ->
                Engine.torch()
                    .compile(
                        graph, weights, InferenceOptions.defaults().withDevice(Device.cuda(99))))
        .withMessageContaining("CUDA");
    assertThatIllegalArgumentException().isThrownBy(() -> Device.cuda(-1));
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> Engine.named("abacus"))
        .withMessageContaining("torch");
    assertThat(Engine.best().name()).isEqualTo("torch");
  }

  @Test
  void saysHowMuchMemoryWasAskedForAndStaysUsable() {
    NetworkGraph graph = WideGraph.named("wide", 200_000);
    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      // 200,000 x 3000 x 3000 floats: 7.2 TB
      assertThatExceptionOfType(EngineException.class)
          .isThrownBy(() -> network.features(noise(1, 3000)))
          .withMessageContaining("1 images of 3000x3000 through wide")
          .withMessageContaining("7200000000000 bytes")
          .withMessageContaining("lower the number of images a batch or the resolution");
      assertThat(network.features(noise(1, 2)).numCols).isEqualTo(200_000);
    }
  }

  @Test
  void trainingForgetsTheGradientsThatABatchTooLargeLeftBehind() {
    NetworkGraph graph = WideGraph.named("wide", 200_000);
    TrainingOptions options = TrainingOptions.paper();
    Weights start = Weights.initialize(graph, 1);
    try (TrainableNetwork network = Engine.torch().compileForTraining(graph, start, options)) {
      network.accumulate(noise(2, 2), new int[] {0, 0});
      assertThatExceptionOfType(EngineException.class)
          .isThrownBy(() -> network.accumulate(noise(1, 3000), new int[] {0}))
          .withMessageContaining("training wide on 1 images of 3000x3000")
          .withMessageContaining("7200000000000 bytes");

      assertThat(network.gradients().tensor("wide/logits/biases").toArray()).containsOnly(0);
      network.accumulate(noise(2, 2), new int[] {0, 0});
      assertThat(network.gradients().tensor("wide/logits/biases").toArray()).doesNotContain(0);
    }
  }

  @Test
  void computesAnyNodeButThoseThatWentIntoAnother() {
    NetworkGraph graph = narrow(3);
    Images images = noise(2, 40);
    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      assertThat(network.outputs(List.of(graph.logits(), graph.features()), images))
          .extracting(matrix -> matrix.data)
          .containsExactly(network.logits(images).data, network.features(images).data);
      Node absorbed =
          graph.nodes().stream()
              .filter(node -> node.operation() instanceof Operation.BatchNorm)
              .map(node -> graph.nodes().get(node.inputs().get(0)))
              .filter(node -> node.operation() instanceof Operation.Convolution)
              .findFirst()
              .orElseThrow();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.outputs(List.of(absorbed), images))
          .withMessageContaining("ask for node");
    }
  }

  @Test
  void bytesGiveTheSameLogitsAsTheirFloats() {
    NetworkGraph graph = narrow(3);
    byte[] pixels = new byte[2 * 40 * 40 * 3];
    new Random(5).nextBytes(pixels);
    ByteImages bytes = new ByteImages(ByteBuffer.wrap(pixels), 2, Resolution.square(40));
    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      float[] expected = network.logits(bytes.toFloats()).data;
      assertThat(network.logits(bytes).data)
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(expected);
    }
  }

  @Test
  void foldedBatchNormEqualsTheFormula() {
    GraphBuilder builder = GraphBuilder.named("fold");
    Node input = builder.input(3);
    Node conv =
        builder.convolution(input, "fold/conv", 1, POINT, true, new Initializer.Constant(0));
    Node norm = builder.batchNorm(conv, "fold/norm", true, 0.5, 0.9);
    Node features = builder.globalAveragePool(norm);
    NetworkGraph graph =
        builder.build(
            features,
            builder.convolution(
                features, "fold/logits", 1, POINT, false, new Initializer.Constant(0)));
    Weights weights =
        Weights.of(
            Map.of(
                "fold/conv/weights", tensor(List.of(1, 1, 3, 1), 1, 2, 3),
                "fold/conv/biases", tensor(List.of(1), 4),
                "fold/norm/beta", tensor(List.of(1), 5),
                "fold/norm/gamma", tensor(List.of(1), 6),
                "fold/norm/moving_mean", tensor(List.of(1), 7),
                "fold/norm/moving_variance", tensor(List.of(1), 3.5f),
                "fold/logits/weights", tensor(List.of(1, 1, 1, 1), 1)));
    Images images = new Images(FloatBuffer.wrap(new float[] {1, 10, 100}), 1, Resolution.square(1));

    try (Network network = Engine.torch().compile(graph, weights)) {
      // conv: 1 + 20 + 300 + 4 = 325; norm: 6 * (325 - 7) / sqrt(3.5 + 0.5) + 5
      assertThat(network.features(images).data).containsExactly(6f * 318 / 2 + 5);
    }
  }

  private static WeightTensor tensor(List<Integer> shape, float... values) {
    return WeightTensor.of(shape, values);
  }
}
