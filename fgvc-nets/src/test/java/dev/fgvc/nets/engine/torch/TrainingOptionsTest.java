package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests the options' promises against formulas in double precision. */
class TrainingOptionsTest {

  private static final int[] LABELS = {0, 2, 1, 2};

  private static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50.builder().classes(3).widthMultiplier(0.1).build();

  private static final Weights START = Weights.initialize(GRAPH, 3);

  private static TrainingOptions.Builder options() {
    return TrainingOptions.paper().toBuilder().movingAverageDecay(0);
  }

  private static TrainableNetwork network(TrainingOptions options) {
    return Engine.torch().compileForTraining(GRAPH, START, options);
  }

  private static Images images(long seed) {
    return images(seed, LABELS.length, 32);
  }

  private static Images images(long seed, int count, int side) {
    Random random = new Random(seed);
    float[] pixels = new float[count * 3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat() * 2 - 1;
    }
    return new Images(FloatBuffer.wrap(pixels), count, Resolution.square(side));
  }

  /** One name after the other, as one vector in the order of the graph. */
  private static double[] flat(Weights weights) {
    return GRAPH.parameters().stream()
        .filter(parameter -> weights.names().contains(parameter.name()))
        .flatMapToDouble(
            parameter -> {
              float[] values = weights.tensor(parameter.name()).toArray();
              return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
            })
        .toArray();
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  @Test
  void clippingShortensTheWholeGradientToItsNorm() {
    try (TrainableNetwork clipped =
            network(options().optimizer(new Optimizer.Sgd(0, false)).clipNorm(0.25).build());
        TrainableNetwork free = network(options().optimizer(new Optimizer.Sgd(0, false)).build())) {
      clipped.step(images(1), LABELS, 1);
      free.step(images(1), LABELS, 1);
      double[] start = flat(trainable(START));
      double[] clippedStep = flat(trainable(clipped.weights()));
      double[] freeStep = flat(trainable(free.weights()));
      for (int i = 0; i < start.length; i++) {
        clippedStep[i] -= start[i];
        freeStep[i] -= start[i];
      }
      double freeNorm = norm(freeStep);
      assertThat(freeNorm).isGreaterThan(0.25);
      assertThat(norm(clippedStep)).isCloseTo(0.25, within(1e-4));
      for (int i = 0; i < start.length; i++) {
        assertThat(clippedStep[i]).isCloseTo(freeStep[i] * 0.25 / freeNorm, within(1e-6));
      }
    }
  }

  private static Weights trainable(Weights weights) {
    Map<String, WeightTensor> kept = new LinkedHashMap<>();
    for (Parameter parameter : GRAPH.parameters()) {
      if (parameter.trainable()) {
        kept.put(parameter.name(), weights.tensor(parameter.name()));
      }
    }
    return Weights.of(kept);
  }

  @Test
  void accumulatedBatchesCountByTheirMean() {
    TrainingOptions options =
        options().optimizer(new Optimizer.Sgd(0, false)).weightDecay(0).build();
    try (TrainableNetwork both = network(options);
        TrainableNetwork first = network(options);
        TrainableNetwork second = network(options)) {
      both.accumulate(images(1), LABELS);
      both.accumulate(images(2), LABELS);
      assertThatIllegalStateException().isThrownBy(both::state).withMessageContaining("2 batches");
      both.update(0.5);
      first.accumulate(images(1), LABELS);
      second.accumulate(images(2), LABELS);
      double[] a = flat(first.gradients());
      double[] b = flat(second.gradients());
      double[] start = flat(trainable(START));
      double[] end = flat(trainable(both.weights()));
      for (int i = 0; i < start.length; i++) {
        double expected = start[i] - 0.5 * (a[i] + b[i]) / 2;
        assertThat(end[i]).isCloseTo(expected, within(1e-6 * (10 + Math.abs(expected))));
      }
    }
  }

  @Test
  void offsetsAndClassWeightsChangeTheLossAsTheirFormulasSay() {
    List<Double> weights = List.of(0.5, 1.0, 2.0);
    List<Double> offsets = List.of(-1.0, 0.0, 1.5);
    double[] losses = new double[3];
    for (int c = 0; c < 3; c++) {
      List<Double> only = List.of(c == 0 ? 1.0 : 0.0, c == 1 ? 1.0 : 0.0, c == 2 ? 1.0 : 0.0);
      losses[c] = loss(options().classWeights(only).build());
    }
    // images of a class alone, summed with the weights, are the weighted loss
    assertThat(loss(options().build())).isCloseTo(losses[0] + losses[1] + losses[2], within(1e-5));
    assertThat(loss(options().classWeights(weights).build()))
        .isCloseTo(0.5 * losses[0] + losses[1] + 2 * losses[2], within(1e-5));

    // zero weights in the last layer make all logits 0, so that the loss is known in closed form
    Map<String, WeightTensor> silent = new LinkedHashMap<>();
    for (Parameter parameter : GRAPH.parameters()) {
      boolean last = parameter.name().startsWith("resnet_v2_50/logits");
      silent.put(
          parameter.name(),
          last
              ? WeightTensor.of(parameter.shape(), new float[parameter.size()])
              : START.tensor(parameter.name()));
    }
    double logSum = Math.log(Math.exp(-1) + 1 + Math.exp(1.5));
    double expected = 0;
    for (int label : LABELS) {
      for (int c = 0; c < 3; c++) {
        double target = 0.9 * (c == label ? 1 : 0) + 0.1 / 3;
        expected -= target * (offsets.get(c) - logSum) / LABELS.length;
      }
    }
    try (TrainableNetwork network =
        Engine.torch()
            .compileForTraining(
                GRAPH, Weights.of(silent), options().logitOffsets(offsets).build())) {
      assertThat(network.accumulate(images(1), LABELS).crossEntropy())
          .isCloseTo(expected, within(1e-5));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network(options().logitOffsets(List.of(1.0)).build()))
        .withMessageContaining("1 logit offsets for the 3 classes");
  }

  private static double loss(TrainingOptions options) {
    try (TrainableNetwork network = network(options)) {
      return network.accumulate(images(1), LABELS).crossEntropy();
    }
  }

  @Test
  void decoupledDecayShrinksTheDecayedVariablesOnly() {
    double decay = 0.1;
    Optimizer adam = Optimizer.AdamW.withDefaults();
    try (TrainableNetwork with = network(options().optimizer(adam).weightDecay(decay).build());
        TrainableNetwork without = network(options().optimizer(adam).weightDecay(0).build())) {
      StepLoss loss = with.step(images(1), LABELS, 0.01);
      without.step(images(1), LABELS, 0.01);
      assertThat(loss.weightDecay()).isZero();
      for (Parameter parameter : GRAPH.parameters()) {
        float[] start = START.tensor(parameter.name()).toArray();
        float[] a = with.weights().tensor(parameter.name()).toArray();
        float[] b = without.weights().tensor(parameter.name()).toArray();
        double share = parameter.trainable() && parameter.weightDecay() ? 0.01 * decay : 0;
        for (int i = 0; i < a.length; i++) {
          assertThat((double) a[i]).isCloseTo(b[i] - share * start[i], within(1e-6));
        }
      }
    }
  }

  /** Images whose class is their colour, under noise. */
  private static Images coloured(long seed, int[] labels, int side) {
    Random random = new Random(seed);
    float[] pixels = new float[labels.length * 3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      int plane = i / (side * side);
      pixels[i] = (plane % 3 == labels[plane / 3] ? 0.5f : -0.5f) + random.nextFloat() - 0.5f;
    }
    return new Images(FloatBuffer.wrap(pixels), labels.length, Resolution.square(side));
  }

  /**
   * Gradients are no measure: those of a random deep network with batch norms change as much when
   * its float32 weights are changed by 2^-9 of themselves.
   */
  @Test
  void bfloat16LearnsAsFloat32Does() {
    int[] labels = new int[12];
    Arrays.setAll(labels, i -> i % 3);
    double chance = Math.log(3);
    try (TrainableNetwork half = network(options().bfloat16(true).build());
        TrainableNetwork full = network(options().build())) {
      double first = full.accumulate(coloured(0, labels, 64), labels).crossEntropy();
      double rounded = half.accumulate(coloured(0, labels, 64), labels).crossEntropy();
      assertThat(rounded).isCloseTo(first, within(0.1 * first));
      assertThat(rounded != first).isEqualTo(half.precision() == Precision.BF16);
      full.update(0.05);
      half.update(0.05);
      for (int step = 1; step < 40; step++) {
        Images batch = coloured(step, labels, 64);
        first = full.step(batch, labels, 0.05).crossEntropy();
        rounded = half.step(batch, labels, 0.05).crossEntropy();
      }
      assertThat(first).isLessThan(0.7 * chance);
      assertThat(rounded).isCloseTo(first, within(0.05));
    }
  }

  @Test
  void aStateContinuesBitByBitForEveryOptimizer() {
    for (Optimizer optimizer :
        List.of(
            Optimizer.RmsProp.paper(),
            new Optimizer.Sgd(0.9, true),
            Optimizer.AdamW.withDefaults())) {
      TrainingOptions options =
          TrainingOptions.paper().toBuilder()
              .optimizer(optimizer)
              .frozenScopes(List.of("resnet_v2_50/conv1"))
              .rateFactors(TrainingOptions.layerDecay(GRAPH, 0.75))
              .build();
      try (TrainableNetwork whole = network(options);
          TrainableNetwork other = network(options)) {
        whole.step(images(1), LABELS, 0.01);
        whole.step(images(2), LABELS, 0.01);
        TrainingState state = whole.state();
        other.step(images(9), LABELS, 0.3);
        other.restore(state);
        assertThat(flat(other.weights())).isEqualTo(flat(state.weights()));
        for (int step = 3; step < 5; step++) {
          assertThat(other.step(images(step), LABELS, 0.01))
              .isEqualTo(whole.step(images(step), LABELS, 0.01));
        }
        assertThat(flat(other.averagedWeights())).isEqualTo(flat(whole.averagedWeights()));
        assertThat(other.state().updates()).isEqualTo(4);
      }
    }
  }

  @Test
  void statesOfNd4jContinueAsWell() {
    TrainingOptions options = TrainingOptions.paper();
    try (TrainableNetwork whole = Engine.nd4j().compileForTraining(GRAPH, START, options);
        TrainableNetwork other = Engine.nd4j().compileForTraining(GRAPH, START, options)) {
      whole.step(images(1), LABELS, 0.01);
      whole.step(images(2), LABELS, 0.01);
      TrainingState state = whole.state();
      other.step(images(9), LABELS, 0.3);
      other.restore(state);
      double expected = whole.step(images(3), LABELS, 0.01).total();
      assertThat(other.step(images(3), LABELS, 0.01).total())
          .isCloseTo(expected, within(1e-5 * expected));
      assertThat(other.state().updates()).isEqualTo(3);
      double[] average = flat(whole.averagedWeights());
      double[] resumed = flat(other.averagedWeights());
      for (int i = 0; i < average.length; i++) {
        assertThat(resumed[i]).isCloseTo(average[i], within(1e-4 * (1 + Math.abs(average[i]))));
      }
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  other.restore(
                      new TrainingState(state.weights(), Optional.empty(), state.slots(), 2, 2)))
          .withMessageContaining("the options differ");
    }
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(
            () ->
                Engine.nd4j()
                    .compileForTraining(GRAPH, START, options.toBuilder().clipNorm(1).build()))
        .withMessageContaining("without clipping");
  }

  @Test
  void dropoutFollowsFromSeedAndBatch() {
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(3).widthMultiplier(0.1).build();
    assertThat(graph.nodes().stream().map(node -> node.operation().getClass().getSimpleName()))
        .contains("Dropout");
    Weights weights = Weights.initialize(graph, 1);
    Images images = images(1, 2, 299);
    int[] labels = {0, 2};
    try (TrainableNetwork whole =
            Engine.torch().compileForTraining(graph, weights, TrainingOptions.paper());
        TrainableNetwork other =
            Engine.torch().compileForTraining(graph, weights, TrainingOptions.paper())) {
      whole.step(images, labels, 0.01);
      other.restore(whole.state());
      StepLoss loss = whole.step(images, labels, 0.01);
      assertThat(other.step(images, labels, 0.01)).isEqualTo(loss);
    }
  }

  @Test
  void refusesAStateOfOtherOptions() {
    try (TrainableNetwork rmsProp = network(options().build());
        TrainableNetwork adam =
            network(options().optimizer(Optimizer.AdamW.withDefaults()).build())) {
      TrainingState state = adam.state();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> rmsProp.restore(state))
          .withMessageContaining("the options differ");
    }
  }
}
