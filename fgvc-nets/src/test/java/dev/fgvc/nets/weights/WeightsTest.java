package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.testing.InOtherLocales;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@InOtherLocales
class WeightsTest {

  private static NetworkGraph narrow(int classes) {
    return Architecture.RESNET_V2_50.builder().classes(classes).widthMultiplier(0.1).build();
  }

  /** Computed once, on Java 17; every Java must draw these bits. */
  @Test
  void theSameSeedMeansTheSameBitsOnEveryJava() {
    assertThat(Weights.initialize(narrow(5), 1).sha256()).startsWith("21f1c24570c3877f");
    assertThat(Weights.initialize(narrow(5), 3).sha256()).startsWith("cdc03aa5c5fb7e0c");
  }

  @Test
  void theHashTellsEachBitNameAndShape() {
    WeightTensor zeros = WeightTensor.wrap(List.of(2), new float[2]);
    String hash = Weights.of(Map.of("a", zeros)).sha256();

    assertThat(Weights.of(Map.of("b", zeros)).sha256()).isNotEqualTo(hash);
    assertThat(Weights.of(Map.of("a", WeightTensor.wrap(List.of(2, 1), new float[2]))).sha256())
        .isNotEqualTo(hash);
    assertThat(
            Weights.of(Map.of("a", WeightTensor.wrap(List.of(2), new float[] {0, -0f}))).sha256())
        .isNotEqualTo(hash);
    assertThat(Weights.of(Map.of("a", WeightTensor.wrap(List.of(2), new float[2]))).sha256())
        .isEqualTo(hash);
  }

  @Test
  void sameSeedGivesSameValuesWhateverTheLastLayer() {
    String variable = "resnet_v2_50/block2/unit_1/bottleneck_v2/conv2/weights";
    float[] one = Weights.initialize(narrow(5), 1).tensor(variable).toArray();

    assertThat(Weights.initialize(narrow(9), 1).tensor(variable).toArray()).isEqualTo(one);
    assertThat(Weights.initialize(narrow(5), 2).tensor(variable).toArray()).isNotEqualTo(one);
  }

  @Test
  void convolutionsStartTruncatedNormalWithTheAuthorsDeviation() {
    NetworkGraph graph = Architecture.RESNET_V2_50.builder().classes(5).build();
    String variable = "resnet_v2_50/block3/unit_1/bottleneck_v2/conv2/weights";
    float[] values = Weights.initialize(graph, 1).tensor(variable).toArray();

    double deviation = Math.sqrt(2.6 / (3 * 3 * 256));
    double sumOfSquares = 0;
    for (float value : values) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo((float) (2 * deviation));
      sumOfSquares += (double) value * value;
    }
    // truncation at two deviations leaves 0.8796 of the deviation
    assertThat(Math.sqrt(sumOfSquares / values.length) / deviation).isBetween(0.87, 0.89);
  }

  @Test
  void transferTakesAllButTheLastLayer() {
    Weights source = Weights.initialize(narrow(5), 1);

    Weights.Transfer transfer = source.transferTo(narrow(9), 2);

    assertThat(transfer.report().reshaped())
        .containsExactly("resnet_v2_50/logits/weights", "resnet_v2_50/logits/biases");
    assertThat(transfer.report().missing()).isEmpty();
    assertThat(transfer.report().unused()).isEmpty();
    assertThat(transfer.report().matched()).hasSize(270);
    assertThat(transfer.weights().tensor("resnet_v2_50/conv1/weights"))
        .isSameAs(source.tensor("resnet_v2_50/conv1/weights"));
    transfer.weights().requireFor(narrow(9));
  }

  @Test
  void aNewTaskOfAsManyClassesGetsALastLayerOfItsOwn() {
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(5).widthMultiplier(0.1).build();
    Weights source = Weights.initialize(graph, 1);

    Weights start = source.transferToNewTask(graph, 2).weights();

    Weights fresh = Weights.initialize(graph, 2);
    String last = "InceptionV3/Logits/Conv2d_1c_1x1/weights";
    String auxiliary = "InceptionV3/AuxLogits/Conv2d_2b_1x1/weights";
    String first = "InceptionV3/Conv2d_1a_3x3/weights";
    for (String name : List.of(last, auxiliary)) {
      assertThat(start.tensor(name).toArray()).as(name).isEqualTo(fresh.tensor(name).toArray());
    }
    assertThat(start.tensor(first)).isSameAs(source.tensor(first));
    assertThat(source.transferTo(graph, 2).weights().tensor(last)).isSameAs(source.tensor(last));
  }

  @Test
  void namesTheVariableThatIsMissingOrOfAnotherShape() {
    Weights five = Weights.initialize(narrow(5), 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> five.requireFor(narrow(9)))
        .withMessageContaining("'resnet_v2_50/logits/weights' has shape")
        .withMessageContaining("wants");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Weights.of(Map.of()).requireFor(narrow(9)))
        .withMessageContaining("lack 'resnet_v2_50/conv1/weights'");
    assertThatIllegalArgumentException().isThrownBy(() -> five.tensor("no/such"));
  }

  @Test
  void saysWhyNothingFits() {
    NetworkGraph graph = narrow(3);
    WeightTensor one = WeightTensor.of(List.of(1), new float[1]);

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Weights.of(Map.of("resnet_v2_50/conv1/weights", one)).transferTo(graph, 0))
        .withMessageContaining("1 have other shapes, such as 'resnet_v2_50/conv1/weights' with [1]")
        .withMessageContaining("here, [7, 7, 3, ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Weights.of(Map.of("conv1.weight", one)).transferTo(graph, 0))
        .withMessageContaining("the network has 'resnet_v2_50/conv1/weights', ")
        .withMessageEndingWith("but here are 'conv1.weight'");
  }

  @Test
  void refusesAShapeThatDoesNotHoldItsValues() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightTensor.of(List.of(-2, -3), new float[6]))
        .withMessageContaining("[-2, -3] has a negative size");
    int most = Integer.MAX_VALUE;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightTensor.of(List.of(most, most, most), new float[6]))
        .withMessageContaining("not 6");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightTensor.of(List.of(2, 3), new float[5]))
        .withMessageContaining("[2, 3] holds 6 values, not 5");
  }

  @Test
  void refusesALastLayerThatNoHeapHolds() {
    assumeThat(Runtime.getRuntime().maxMemory()).isLessThan(8L << 30);
    NetworkGraph graph =
        Architecture.INCEPTION_V3
            .builder()
            .classes(500)
            .auxiliaryHead(false)
            .head(Head.bilinear())
            .build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Weights.initialize(graph, 1))
        .withMessageContaining("InceptionV3/Logits/Conv2d_1c_1x1/weights: 4194304 x 500 values")
        .withMessageContaining("raise it by -Xmx, or take fewer features");
  }

  @Test
  void tensorsCannotBeChangedFromOutside() {
    float[] values = {1, 2};
    WeightTensor tensor = WeightTensor.of(List.of(2), values);
    values[0] = 9;
    tensor.toArray()[1] = 9;

    assertThat(tensor.toArray()).containsExactly(1, 2);
    assertThat(tensor.values().isReadOnly()).isTrue();
  }
}
