package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.torch.TorchDistances;
import dev.fgvc.nets.testing.Filler;
import dev.fgvc.nets.testing.Gpu;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.nets.testing.WideGraph;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The torch engine on a GPU against the authors' code and against itself on the CPU. */
@Tag("gpu")
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class GpuTest {

  private static InferenceOptions options(Precision precision) {
    return InferenceOptions.defaults().withDevice(Gpu.require()).withPrecision(precision);
  }

  static Stream<Arguments> allResolutions() {
    return ReferenceNetworkTest.allResolutions();
  }

  @ParameterizedTest
  @MethodSource("allResolutions")
  void computesTheAuthorsLogitsAndFeatures(Architecture architecture, int side) throws IOException {
    ReferenceNetworkTest.compare(Engine.torch(), options(Precision.FP32), architecture, side, 1e-4);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "INCEPTION.*")
  void computesTheAuthorsAuxiliaryLogits(Architecture architecture) throws IOException {
    ReferenceNetworkTest.compareAuxiliaryLogits(options(Precision.FP32), architecture);
  }

  @ParameterizedTest
  @CsvSource({"RESNET_V2_50, 97", "INCEPTION_V3, 139", "INCEPTION_V3, 299"})
  void oneStepHasTheAuthorsLossGradientsAndStatistics(Architecture architecture, int side)
      throws IOException {
    ReferenceTrainingTest.compare("torch", Gpu.require(), architecture, side);
  }

  @ParameterizedTest
  @CsvSource({"FP32, 1e-5", "BF16, 1e-2"})
  void classMeansEqualThePlainPath(Precision precision, double tolerance) {
    DeviceClassMeansTest.compareWithPlain("torch", options(precision), tolerance);
  }

  private static NetworkGraph narrow(Architecture architecture) {
    return architecture.builder().classes(5).widthMultiplier(0.25).build();
  }

  @ParameterizedTest
  @EnumSource
  void equalsTheProcessorsInBothPrecisions(Architecture architecture) {
    requireProcessorsFeatures(narrow(architecture));
  }

  /** Averages that count padded cells take a way of their own. */
  @Test
  void equalsTheProcessorsWithPyTorchsPooling() {
    requireProcessorsFeatures(
        Architecture.INCEPTION_V3
            .builder()
            .classes(5)
            .widthMultiplier(0.25)
            .convention(Convention.PYTORCH)
            .build());
  }

  /** Sums near 0 multiply the rounding of the layers before, so bounds are wider here. */
  @Test
  void bilinearHeadsEqualThoseOfTheProcessorsBitByBitEachTime() {
    for (Head head : List.of(Head.bilinear().reducedTo(32), Head.compactBilinear(4096, 1))) {
      NetworkGraph graph =
          Architecture.RESNET_V2_50.builder().classes(5).widthMultiplier(0.25).head(head).build();
      Weights weights = Weights.initialize(graph, 1);
      Images images = Noise.images(3, 151, 1);
      float[] expected;
      try (Network network = Engine.torch().compile(graph, weights)) {
        expected = network.features(images).data;
      }
      for (Precision precision : Precision.values()) {
        try (Network network = Engine.torch().compile(graph, weights, options(precision))) {
          float[] features = network.features(images).data;
          assertThat(Reference.relativeError(features, expected))
              .as("%s in %s", head, precision)
              .isLessThan(precision == Precision.BF16 ? 0.1 : 1e-3);
          assertThat(network.features(images).data).isEqualTo(features);
        }
      }
      StepLoss onProcessors = train(graph, weights, Device.cpu()).get(0);
      assertThat(train(graph, weights, Gpu.require()).get(0).total())
          .isCloseTo(onProcessors.total(), within(0.01 * onProcessors.total()));
    }
  }

  /** Odd batches and sizes, so that borders differ from side to side. */
  private static void requireProcessorsFeatures(NetworkGraph graph) {
    Weights weights = Weights.initialize(graph, 1);
    for (int count : new int[] {1, 5}) {
      Images images = Noise.images(count, 150 + count, count);
      float[] expected;
      try (Network network = Engine.torch().compile(graph, weights)) {
        expected = network.features(images).data;
      }
      for (Precision precision : Precision.values()) {
        try (Network network = Engine.torch().compile(graph, weights, options(precision))) {
          assertThat(Reference.relativeError(network.features(images).data, expected))
              .as("%d images in %s", count, precision)
              .isLessThan(precision == Precision.BF16 ? 1.5e-2 : 1e-5);
        }
      }
    }
  }

  @Test
  void manyThreadsGetTheSameBitsFromOneNetwork() {
    NetworkGraph graph = narrow(Architecture.INCEPTION_V3);
    try (Network network =
        Engine.torch().compile(graph, Weights.initialize(graph, 1), options(Precision.FP32))) {
      List<Images> batches =
          IntStream.range(0, 4).mapToObj(seed -> Noise.images(3, 160, seed)).toList();
      List<FMatrixRMaj> expected = batches.stream().map(network::logits).toList();
      IntStream.range(0, 40)
          .parallel()
          .forEach(
              i ->
                  assertThat(network.logits(batches.get(i % 4)).data)
                      .isEqualTo(expected.get(i % 4).data));
    }
  }

  @Test
  void saysHowMuchMemoryWasAskedFor() {
    NetworkGraph huge = WideGraph.named("huge", 20_000);
    try (Network greedy =
        Engine.torch().compile(huge, Weights.initialize(huge, 1), options(Precision.FP32))) {
      // 20,000 x 3000 x 3000 floats: 720 GB
      assertThatExceptionOfType(EngineException.class)
          .isThrownBy(() -> greedy.features(Noise.images(1, 3000, 1)))
          .withMessageContaining("1 images of 3000x3000 through huge")
          .withMessageContaining("iB asked for")
          .withMessageContaining("lower the number of images a batch or the resolution");
    }
  }

  @Test
  void staysUsableWhenMemoryEnds() {
    NetworkGraph graph = narrow(Architecture.INCEPTION_V3);
    NetworkGraph huge = WideGraph.named("huge", 20_000);
    Images two = Noise.images(2, 160, 1);
    try (Network network =
            Engine.torch().compile(graph, Weights.initialize(graph, 1), options(Precision.FP32));
        Network greedy =
            Engine.torch().compile(huge, Weights.initialize(huge, 1), options(Precision.FP32))) {
      float[] before = network.logits(two).data;
      assertThatExceptionOfType(RuntimeException.class)
          .isThrownBy(() -> greedy.features(Noise.images(1, 3000, 1)));

      assertThat(greedy.features(Noise.images(1, 2, 1)).numCols).isEqualTo(20_000);
      assertThat(Reference.relativeError(network.logits(two).data, before)).isLessThan(1e-6);
    }
  }

  @Test
  void closingGivesTheMemoryBack() {
    Device device = Gpu.require();
    NetworkGraph graph = narrow(Architecture.RESNET_V2_50);
    Weights weights = Weights.initialize(graph, 1);
    long before = 0;
    for (int cycle = 0; cycle < 30; cycle++) {
      try (Network network = Engine.torch().compile(graph, weights, options(Precision.BF16))) {
        network.logits(Noise.images(8, 128, cycle));
      }
      TrainingOptions training = TrainingOptions.paper().toBuilder().device(device).build();
      try (TrainableNetwork network = Engine.torch().compileForTraining(graph, weights, training)) {
        network.step(Noise.images(4, 128, cycle), new int[] {0, 1, 2, 3}, 0.01);
      }
      if (cycle == 9) {
        before = freeBytes();
      }
    }
    assertThat(freeBytes()).isCloseTo(before, within(8L << 20));
  }

  private static long freeBytes() {
    try (PointerScope temporaries = new PointerScope()) {
      return torch.getMemoryInfo((byte) 0).first();
    }
  }

  @Test
  void distancesEqualThoseOfTheProcessors() {
    Random random = new Random(1);
    FMatrixRMaj rows = points(300, random);
    FMatrixRMaj columns = points(70, random);
    DMatrixRMaj expected = TorchDistances.on(Device.cpu()).between(rows, columns);
    DMatrixRMaj actual = TorchDistances.on(Gpu.require()).between(rows, columns);
    for (int i = 0; i < expected.getNumElements(); i++) {
      assertThat(actual.get(i)).isCloseTo(expected.get(i), within(1e-9 * expected.get(i)));
    }
  }

  private static FMatrixRMaj points(int count, Random random) {
    FMatrixRMaj points = new FMatrixRMaj(count, 128);
    for (int i = 0; i < points.getNumElements(); i++) {
      points.data[i] = random.nextFloat();
    }
    return points;
  }

  /**
   * Bits differ from run to run, as cuDNN's and a max pooling's gradients are sums in any order.
   */
  @Test
  void trainsToTheSameLossAsTheProcessors() {
    NetworkGraph graph = narrow(Architecture.INCEPTION_RESNET_V2);
    Weights weights = Weights.initialize(graph, 1);
    List<StepLoss> onProcessors = train(graph, weights, Device.cpu());
    List<StepLoss> onGpu = train(graph, weights, Gpu.require());
    for (int i = 0; i < onGpu.size(); i++) {
      assertThat(onGpu.get(i).total())
          .isCloseTo(onProcessors.get(i).total(), within(0.01 * onProcessors.get(i).total()));
    }
  }

  private static List<StepLoss> train(NetworkGraph graph, Weights weights, Device device) {
    TrainingOptions options = TrainingOptions.paper().toBuilder().device(device).build();
    try (TrainableNetwork network = Engine.torch().compileForTraining(graph, weights, options)) {
      return IntStream.range(0, 4)
          .mapToObj(step -> network.step(Noise.images(4, 299, step), new int[] {0, 1, 2, 3}, 0.001))
          .toList();
    }
  }

  @Test
  void computesTheSameBitsEachTime() {
    NetworkGraph graph = Architecture.INCEPTION_V3.builder().classes(200).build();
    try (Network network =
        Engine.torch().compile(graph, Filler.weights(graph, 0), options(Precision.BF16))) {
      Images images = Filler.images(299);
      float[] first = network.logits(images).data;
      for (int pass = 1; pass < 4; pass++) {
        assertThat(network.logits(images).data).as("pass %d", pass).isEqualTo(first);
      }
    }
  }
}
