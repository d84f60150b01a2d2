package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.offset;

import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.SilentGroup;
import dev.fgvc.nets.testing.WideGraph;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerWeightsTest {

  private static final NetworkGraph GRAPH = WideGraph.named("net", 4);
  private static final TrainingOptions OPTIONS =
      TrainingOptions.paper().toBuilder()
          .optimizer(new Optimizer.Sgd(0, false))
          .weightDecay(0)
          .build();
  private static final int[] LABELS = {0, 1};
  private static final double RATE = 0.5;

  private static TrainableNetwork compile(Weights start) {
    return Engine.torch().compileForTraining(GRAPH, start, OPTIONS);
  }

  private static Weights start() {
    return Weights.initialize(GRAPH, 1);
  }

  private static void accumulate(TrainableNetwork network, long batch) {
    network.accumulate(Noise.images(LABELS.length, 4, batch), LABELS);
  }

  /** Gradients of a batch with some weights. */
  private static Weights gradients(Weights at, long batch) {
    try (TrainableNetwork network = compile(at)) {
      accumulate(network, batch);
      return network.gradients();
    }
  }

  @Test
  void aWorkersGradientsAreOfTheWeightsThatItHasRead() {
    try (TrainableNetwork network = compile(start())) {
      network.simulateWorkers(2);
      accumulate(network, 1);
      network.update(RATE);
      Weights afterFirst = network.weights();

      network.turn(1);
      accumulate(network, 2);
      assertThat(network.gradients().sha256()).isEqualTo(gradients(start(), 2).sha256());
      assertThat(network.weights().sha256()).isEqualTo(afterFirst.sha256());
      network.update(RATE);
      Weights afterSecond = network.weights();

      network.turn(0);
      accumulate(network, 3);
      assertThat(network.gradients().sha256()).isEqualTo(gradients(afterFirst, 3).sha256());
      network.update(RATE);

      network.turn(1);
      accumulate(network, 4);
      assertThat(network.gradients().sha256())
          .isEqualTo(gradients(afterSecond, 4).sha256())
          .isNotEqualTo(gradients(start(), 4).sha256());
    }
  }

  @Test
  void weightDecayIsOfTheWeightsThatAreUpdated() {
    double decay = 0.3;
    TrainingOptions decaying = OPTIONS.toBuilder().weightDecay(decay).build();
    Weights gradients = gradients(start(), 2);
    try (TrainableNetwork network = Engine.torch().compileForTraining(GRAPH, start(), decaying)) {
      network.simulateWorkers(2);
      accumulate(network, 1);
      network.update(RATE);
      Weights updated = network.weights();

      network.turn(1);
      accumulate(network, 2);
      network.update(RATE);

      for (Parameter parameter : GRAPH.parameters()) {
        float[] before = updated.tensor(parameter.name()).toArray();
        float[] gradient = gradients.tensor(parameter.name()).toArray();
        double decayed = parameter.weightDecay() ? decay : 0;
        float[] expected = new float[before.length];
        for (int i = 0; i < before.length; i++) {
          expected[i] = (float) (before[i] - RATE * (gradient[i] + decayed * before[i]));
        }
        assertThat(network.weights().tensor(parameter.name()).toArray())
            .as(parameter.name())
            .containsExactly(expected, offset(1e-6f));
      }
    }
  }

  /** Nothing is learned at a rate of 0, so that batches meet the weights that both workers read. */
  @Test
  void movingStatisticsFollowTheBatchesOfAllWorkers() {
    GraphBuilder builder = GraphBuilder.named("normed");
    Window cell = Window.square(1, 1, Padding.SAME);
    Initializer random = new Initializer.TruncatedNormal(1);
    Node convolved = builder.convolution(builder.input(3), "normed/many", 4, cell, false, random);
    Node features =
        builder.globalAveragePool(builder.batchNorm(convolved, "normed/norm", true, 1e-3, 0.9));
    NetworkGraph graph =
        builder.build(
            features, builder.convolution(features, "normed/logits", 2, cell, true, random));
    Weights start = Weights.initialize(graph, 1);
    try (TrainableNetwork workers = Engine.torch().compileForTraining(graph, start, OPTIONS);
        TrainableNetwork still = Engine.torch().compileForTraining(graph, start, OPTIONS)) {
      workers.simulateWorkers(2);
      for (int worker = 0; worker < 2; worker++) {
        workers.turn(worker);
        accumulate(workers, worker);
        workers.update(RATE);
        accumulate(still, worker);
        still.update(0);
      }

      for (String statistic : List.of("/moving_mean", "/moving_variance")) {
        String name = "normed/norm" + statistic;
        assertThat(workers.weights().tensor(name).toArray())
            .isEqualTo(still.weights().tensor(name).toArray())
            .isNotEqualTo(start.tensor(name).toArray());
      }
      assertThat(workers.weights().sha256()).isNotEqualTo(still.weights().sha256());
    }
  }

  @Test
  void aRestoredNetworkIsAtTheFirstWorkersTurn() {
    try (TrainableNetwork network = compile(start());
        TrainableNetwork other = compile(start())) {
      network.simulateWorkers(2);
      accumulate(network, 1);
      network.update(RATE);
      Weights afterFirst = network.weights();
      other.simulateWorkers(2);
      other.turn(1);

      other.restore(network.state());

      accumulate(other, 2);
      assertThat(other.gradients().sha256())
          .isEqualTo(gradients(afterFirst, 2).sha256())
          .isNotEqualTo(gradients(start(), 2).sha256());
    }
  }

  @Test
  void refusesTurnsThatAreNone() {
    try (TrainableNetwork network = compile(start())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> network.turn(0))
          .withMessage("net simulates no workers");
      assertThatIllegalArgumentException().isThrownBy(() -> network.simulateWorkers(0));
      network.simulateWorkers(2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.turn(2))
          .withMessage("worker 2 is not from 0 to 1");
      assertThatIllegalStateException()
          .isThrownBy(() -> network.simulateWorkers(2))
          .withMessageContaining("simulates workers");
      assertThatIllegalStateException().isThrownBy(() -> network.join(new SilentGroup(0, 1)));
      accumulate(network, 1);
      assertThatIllegalStateException()
          .isThrownBy(() -> network.turn(1))
          .withMessage("1 batches of net wait for the update of another worker");
    }
  }
}
