package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.feature.ClassMeans;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.torch.TorchDistances;
import dev.fgvc.nets.weights.Weights;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The path that stays on the device against the plain one: floats in, features out, sums here. */
class DeviceClassMeansTest {

  private static final int CLASSES = 3;
  private static final List<String> NAMES = List.of("wren", "crow", "kite");

  /** More batches than there are buffers, of changing sizes: places are used again and grow. */
  private static final int[][] LABELS = {{0, 1}, {2}, {1, 1, 0, 2}, {2, 0, 1}, {1}};

  private static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50.builder().classes(2).widthMultiplier(0.125).build();
  private static final Weights WEIGHTS = Weights.initialize(GRAPH, 1);

  private static ByteImages noise(int count, int side, int seed) {
    byte[] values = new byte[count * 3 * side * side];
    new Random(seed).nextBytes(values);
    ByteBuffer pixels = ByteBuffer.allocateDirect(values.length).put(values).flip();
    return new ByteImages(pixels, count, Resolution.square(side));
  }

  private static Network compile(String engine, Precision precision) {
    return compile(engine, InferenceOptions.defaults().withPrecision(precision));
  }

  private static Network compile(String engine, InferenceOptions options) {
    return Engine.named(engine).compile(GRAPH, WEIGHTS, options);
  }

  /** Overwrites each batch as soon as it was added, as a loader does. */
  private static void addAll(DeviceClassMeans means) {
    for (int batch = 0; batch < LABELS.length; batch++) {
      ByteImages images = noise(LABELS[batch].length, 48, batch);
      means.add(images, LABELS[batch]);
      ByteBuffer pixels = images.pixels();
      while (pixels.hasRemaining()) {
        pixels.put((byte) 0);
      }
    }
  }

  private static DomainFeatures plain() {
    ClassMeans means = ClassMeans.ofDimension(GRAPH.featureDimension());
    try (Network network = compile("torch", Precision.FP32)) {
      for (int batch = 0; batch < LABELS.length; batch++) {
        ImageBatch floats = noise(LABELS[batch].length, 48, batch).toFloats();
        means.add(network.features(floats), LABELS[batch]);
      }
    }
    return means.toDomain("plain", NAMES);
  }

  private static double length(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  private static double difference(FMatrixRMaj first, FMatrixRMaj second) {
    float[] differences = new float[first.getNumElements()];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = first.data[i] - second.data[i];
    }
    return length(differences);
  }

  @ParameterizedTest
  @CsvSource({"torch, FP32, 1e-5", "torch, BF16, 1e-2", "nd4j, FP32, 1e-5"})
  void equalsThePlainPathWithinThePrecision(String engine, Precision precision, double tolerance) {
    compareWithPlain(engine, InferenceOptions.defaults().withPrecision(precision), tolerance);
  }

  static void compareWithPlain(String engine, InferenceOptions options, double tolerance) {
    DomainFeatures expected = plain();
    FMatrixRMaj targets = new FMatrixRMaj(4, GRAPH.featureDimension());
    Random random = new Random(7);
    for (int i = 0; i < targets.getNumElements(); i++) {
      targets.data[i] = random.nextFloat();
    }
    double[] weights = {1, 1, 1, 1};
    DomainFeatures target =
        DomainFeatures.of("target", List.of("a", "b", "c", "d"), targets, weights);
    try (Network network = compile(engine, options);
        DeviceClassMeans means = network.classMeans(CLASSES)) {
      addAll(means);

      DomainFeatures domain = means.toDomain("gathered", NAMES);
      assertThat(means.imageCount()).isEqualTo(11);
      assertThat(domain.imageCounts()).containsExactly(3, 5, 3);
      assertThat(domain.classNames()).isEqualTo(NAMES);
      double scale = length(expected.classMeans().data);
      assertThat(difference(domain.classMeans(), expected.classMeans()) / scale)
          .isLessThan(tolerance);

      DMatrixRMaj distances = means.distancesTo(target);
      assertThat(distances.numRows).isEqualTo(CLASSES);
      assertThat(distances.numCols).isEqualTo(4);
      for (int c = 0; c < CLASSES; c++) {
        for (int t = 0; t < 4; t++) {
          double direct = distance(domain.classMeans(), c, targets, t);
          assertThat(distances.get(c, t)).isCloseTo(direct, within(1e-5 * direct));
        }
      }

      // Asking changes nothing.
      assertThat(means.toDomain("again", NAMES).classMeans().data)
          .isEqualTo(domain.classMeans().data);
      addAll(means);
      assertThat(means.imageCount()).isEqualTo(22);
      assertThat(difference(means.toDomain("twice", NAMES).classMeans(), domain.classMeans()))
          .isLessThan(1e-6 * scale);
    }
  }

  private static double distance(FMatrixRMaj rows, int row, FMatrixRMaj columns, int column) {
    double sum = 0;
    for (int k = 0; k < rows.numCols; k++) {
      sum += Math.pow((double) rows.get(row, k) - columns.get(column, k), 2);
    }
    return Math.sqrt(sum);
  }

  @ParameterizedTest
  @CsvSource({"torch", "nd4j"})
  void refusesWhatCannotBeAddedAndStaysAsItWas(String engine) {
    try (Network network = compile(engine, Precision.FP32);
        DeviceClassMeans means = network.classMeans(CLASSES)) {
      ByteImages two = noise(2, 48, 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> means.add(two, new int[] {0}))
          .withMessageContaining("1 labels for 2 images");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> means.add(two, new int[] {0, 3}))
          .withMessageContaining("label 3 of image 1")
          .withMessageContaining("0 to 2");
      assertThat(means.imageCount()).isZero();
      means.add(two, new int[] {0, 2});
      assertThatIllegalStateException()
          .isThrownBy(() -> means.toDomain("birds", NAMES))
          .withMessageContaining("class 1 of 3");
      means.add(noise(1, 32, 2), new int[] {1}); // another resolution
      assertThat(means.toDomain("birds", NAMES).imageCounts()).containsExactly(1, 1, 1);
      FMatrixRMaj narrow = new FMatrixRMaj(1, 5);
      DomainFeatures other = DomainFeatures.of("short", List.of("a"), narrow, new double[] {1});
      assertThatIllegalArgumentException()
          .isThrownBy(() -> means.distancesTo(other))
          .withMessageContaining("256");
      assertThatIllegalArgumentException().isThrownBy(() -> network.classMeans(0));
    }
  }

  @ParameterizedTest
  @CsvSource({"torch", "nd4j"})
  void endsWithItselfOrItsNetwork(String engine) {
    Network network = compile(engine, Precision.FP32);
    DeviceClassMeans closed = network.classMeans(CLASSES);
    DeviceClassMeans orphan = network.classMeans(CLASSES);
    addAll(orphan);
    closed.close();
    closed.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> closed.add(noise(1, 48, 1), new int[] {0}))
        .withMessageContaining("class means are closed");
    network.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> orphan.add(noise(1, 48, 1), new int[] {0}))
        .withMessageContaining(GRAPH.name());
    assertThatIllegalStateException().isThrownBy(() -> orphan.toDomain("birds", NAMES));
    orphan.close();
  }

  @Test
  void distancesNeedPointsOfOneDimensionThatAreFinite() {
    TorchDistances distances = TorchDistances.on(Device.cpu());
    FMatrixRMaj points = new FMatrixRMaj(2, 3, true, 0, 0, 0, 2, 3, 6);
    assertThat(distances.between(points, points).data).containsExactly(0, 7, 7, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distances.between(points, new FMatrixRMaj(2, 4)))
        .withMessageContaining("dimension 3")
        .withMessageContaining("4");
    FMatrixRMaj broken = new FMatrixRMaj(1, 3, true, 0, 0, Float.NaN);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distances.between(points, broken))
        .withMessageContaining("coordinate 2 of target point 0 is NaN");
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> TorchDistances.on(Device.cuda(100)))
        .withMessageContaining("CUDA");
  }
}
