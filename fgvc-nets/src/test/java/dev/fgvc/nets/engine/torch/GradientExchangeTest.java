package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.ProcessGroupException;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.testing.ForwardingGroup;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.ThreadedGroup;
import dev.fgvc.nets.weights.Weights;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients that are exchanged while the way back goes on. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class GradientExchangeTest {

  private static final int SIDE = 107;
  private static final int IMAGES = 2;
  private static final double RATE = 0.01;

  private static final String TO_ALL = "to all";
  private static final String GATHER = "gather";

  /** Norms, kernels and biases are in different places; gradients are clipped by their norm. */
  private static final TrainingOptions OPTIONS =
      TrainingOptions.paper().toBuilder().clipNorm(0.5).build();

  /** Hashes of gradients, weights and averages at each update of a run. */
  private record Seen(List<String> hashes) {

    Seen() {
      this(new ArrayList<>());
    }

    void update(TrainableNetwork network) {
      hashes.add(network.gradients().sha256());
      network.update(RATE);
      hashes.add(network.weights().sha256());
      hashes.add(network.averagedWeights().sha256());
    }
  }

  private static NetworkGraph narrow(Architecture architecture) {
    return architecture
        .builder()
        .classes(3)
        .widthMultiplier(0.05)
        .resolution(Resolution.square(SIDE))
        .build();
  }

  private static TrainableNetwork compile(NetworkGraph graph, TrainingOptions options) {
    return Engine.torch().compileForTraining(graph, Weights.initialize(graph, 1), options);
  }

  private static void accumulate(TrainableNetwork network, int batch) {
    network.accumulate(Noise.images(IMAGES, SIDE, batch), new int[] {batch % 3, (batch + 1) % 3});
  }

  private static Seen alone(NetworkGraph graph, TrainingOptions options, int[] batchesOfUpdates) {
    Seen seen = new Seen();
    try (TrainableNetwork network = compile(graph, options)) {
      int batch = 0;
      for (int count : batchesOfUpdates) {
        for (int i = 0; i < count; i++) {
          accumulate(network, batch++);
        }
        seen.update(network);
      }
    }
    return seen;
  }

  private static Seen together(
      ProcessGroup group, NetworkGraph graph, TrainingOptions options, int[] batchesOfUpdates) {
    Seen seen = new Seen();
    try (TrainableNetwork network = compile(graph, options)) {
      network.join(group);
      int batch = 0;
      for (int count : batchesOfUpdates) {
        for (int done = 0; done < count; done += group.size()) {
          int round = Math.min(group.size(), count - done);
          if (group.rank() < round) {
            accumulate(network, batch + done + group.rank());
          }
          network.exchange(round);
        }
        batch += count;
        seen.update(network);
      }
    }
    return seen;
  }

  /**
   * With an auxiliary head, or frozen layers. The last rank has no batch of the second update; the
   * third takes several rounds.
   */
  @ParameterizedTest
  @CsvSource({"INCEPTION_V3, 2, ''", "RESNET_V2_50, 4, resnet_v2_50/block2"})
  void haveTheBitsOfOneProcess(Architecture architecture, int size, String frozen)
      throws Throwable {
    NetworkGraph graph = narrow(architecture);
    TrainingOptions options =
        frozen.isEmpty() ? OPTIONS : OPTIONS.toBuilder().frozenScopes(List.of(frozen)).build();
    int[] batchesOfUpdates = {size, size - 1, 2 * size + 1};

    List<Seen> seen =
        ThreadedGroup.run(size, group -> together(group, graph, options, batchesOfUpdates));

    assertThat(seen).containsOnly(alone(graph, options, batchesOfUpdates));
  }

  /** Else both would wait for ever. */
  @Test
  void doNotKeepTheBatchFromEnding() throws Throwable {
    NetworkGraph graph = narrow(Architecture.RESNET_V2_50);
    ThreadedGroup.run(
        1,
        group -> {
          Held held = new Held(group);
          try (TrainableNetwork network = compile(graph, OPTIONS)) {
            network.join(held);
            held.open = new CountDownLatch(1);
            accumulate(network, 0);
            Uninterruptibles.awaitUninterruptibly(held.reached);
            held.open.countDown();
            assertThat(network.exchange(1)).hasSize(1);
          }
          return group;
        });
  }

  /** The same thread exchanges norms, on the way back in the midst of the gradients. */
  @Test
  void beginBeforeTheWayBackHasEnded() throws Throwable {
    NetworkGraph graph = narrow(Architecture.RESNET_V2_50);
    TrainingOptions options = OPTIONS.toBuilder().syncBatchNorm(true).build();
    ThreadedGroup.run(
        1,
        group -> {
          Held held = new Held(group);
          try (TrainableNetwork network = compile(graph, options)) {
            network.join(held);
            accumulate(network, 0);
            network.exchange(1);
          }
          List<String> sums =
              held.calls.subList(held.calls.indexOf(TO_ALL), held.calls.lastIndexOf(TO_ALL));
          assertThat(Collections.frequency(sums, GATHER))
              .as("exchanges of norms among %s of gradients", Collections.frequency(sums, TO_ALL))
              .isGreaterThan(Collections.frequency(sums, TO_ALL) + 10);
          return group;
        });
  }

  /** Their memory is not freed before: those that are under way go on, and none fails. */
  @Test
  void haveEndedWhenTheNetworkIsClosed() throws Throwable {
    NetworkGraph graph = narrow(Architecture.RESNET_V2_50);
    ThreadedGroup.run(
        1,
        group -> {
          Held held = new Held(group);
          TrainableNetwork network = compile(graph, OPTIONS);
          network.join(held);
          held.open = new CountDownLatch(1);
          accumulate(network, 1);

          network.close();

          assertThat(held.wentOn).isTrue();
          return group;
        });
  }

  /** A group in which parts are sent once a latch is open, as an abort does, which waits for it. */
  private static final class Held extends ForwardingGroup {

    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch several = new CountDownLatch(5);
    private boolean wentOn;
    private volatile CountDownLatch open = new CountDownLatch(0);

    Held(ProcessGroup group) {
      super(group);
    }

    @Override
    public void allToAll(ByteBuffer send, ByteBuffer receive) {
      calls.add(TO_ALL);
      reached.countDown();
      several.countDown();
      Uninterruptibles.awaitUninterruptibly(open);
      super.allToAll(send, receive);
    }

    @Override
    public void allGather(ByteBuffer send, ByteBuffer receive) {
      calls.add(GATHER);
      super.allGather(send, receive);
    }

    @Override
    public void abort(String reason) {
      open.countDown();
      wentOn = Uninterruptibles.awaitUninterruptibly(several, 5, TimeUnit.MINUTES);
    }
  }

  /** Rank 1 has failed after its third bucket; the others see it where they wait. */
  @Test
  void failAsAWholeWhenOneRankFailsAmongThem() throws Throwable {
    NetworkGraph graph = narrow(Architecture.RESNET_V2_50);

    List<String> seen =
        ThreadedGroup.run(
            3,
            group -> {
              Failing failing = new Failing(group);
              try (TrainableNetwork network = compile(graph, OPTIONS)) {
                network.join(failing);
                Weights before = network.weights();
                failing.left = group.rank() == 1 ? 3 : Integer.MAX_VALUE;
                accumulate(network, group.rank());
                ProcessGroupException thrown =
                    assertThatExceptionOfType(ProcessGroupException.class)
                        .isThrownBy(() -> network.exchange(3))
                        .actual();
                assertThat(network.weights().sha256()).isEqualTo(before.sha256());
                assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> network.update(RATE))
                    .withMessageContaining("start all processes again from the last checkpoint");
                return thrown.getMessage();
              }
            });

    assertThat(seen.get(1)).isEqualTo("broken");
    assertThat(List.of(seen.get(0), seen.get(2)))
        .containsOnly("rank 1 has failed and ended the group: broken");
  }

  /** A group in which some parts are sent, and no more. */
  private static final class Failing extends ForwardingGroup {

    private int left = Integer.MAX_VALUE;

    Failing(ProcessGroup group) {
      super(group);
    }

    @Override
    public void allToAll(ByteBuffer send, ByteBuffer receive) {
      if (left-- == 0) {
        throw new ProcessGroupException("broken");
      }
      super.allToAll(send, receive);
    }
  }

  /** The user's program failed in between, as in a listener. */
  @Test
  void endTheGroupWhenTheNetworkIsClosedAmongThem() throws Throwable {
    NetworkGraph graph = narrow(Architecture.RESNET_V2_50);
    CountDownLatch closed = new CountDownLatch(1);

    List<String> seen =
        ThreadedGroup.run(
            2,
            group -> {
              TrainableNetwork network = compile(graph, OPTIONS);
              network.join(group);
              if (group.rank() == 0) {
                accumulate(network, 0);
                network.close();
                closed.countDown();
                return "";
              }
              try (network) {
                Uninterruptibles.awaitUninterruptibly(closed);
                return assertThatExceptionOfType(ProcessGroupException.class)
                    .isThrownBy(() -> network.exchange(1))
                    .actual()
                    .getMessage();
              }
            });

    assertThat(seen.get(1)).contains("was closed in the midst of an exchange");
  }
}
