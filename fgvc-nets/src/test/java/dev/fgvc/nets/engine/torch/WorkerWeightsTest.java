package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.SilentGroup;
import dev.fgvc.nets.testing.WideGraph;
import dev.fgvc.nets.weights.Weights;
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
