package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.ProcessGroupException;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.testing.ForwardingGroup;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.ThreadedGroup;
import dev.fgvc.nets.weights.Weights;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks of a group refuse to train what none of its processes was asked for. */
class GroupTrainingTest {

  private static final NetworkGraph GRAPH = graph(4);
  private static final TrainingOptions OPTIONS = TrainingOptions.paper();
  private static final int[] LABELS = {0, 1};

  private static NetworkGraph graph(int channels) {
    return graph(channels, false);
  }

  private static NetworkGraph graph(int channels, boolean normed) {
    GraphBuilder builder = GraphBuilder.named("net");
    Window cell = Window.square(1, 1, Padding.SAME);
    Initializer drawn = new Initializer.TruncatedNormal(1);
    Node many = builder.convolution(builder.input(3), "net/many", channels, cell, true, drawn);
    Node features =
        builder.globalAveragePool(
            normed ? builder.batchNorm(many, "net/norm", true, 1e-3, 0.9) : many);
    return builder.build(
        features, builder.convolution(features, "net/Logits", 3, cell, true, drawn));
  }

  private static TrainableNetwork compile(NetworkGraph graph, TrainingOptions options, long seed) {
    return Engine.torch().compileForTraining(graph, Weights.initialize(graph, seed), options);
  }

  private static void accumulate(TrainableNetwork network, long seed) {
    network.accumulate(Noise.images(LABELS.length, 4, seed), LABELS);
  }

  private static void assertAllRefuse(
      Consumer<ProcessGroup> calls, Class<? extends Throwable> type, String message)
      throws Throwable {
    List<Throwable> thrown =
        ThreadedGroup.run(2, group -> catchThrowable(() -> calls.accept(group)));

    assertThat(thrown)
        .allSatisfy(each -> assertThat(each).isInstanceOf(type).hasMessageContaining(message));
  }

  @Test
  void refusesNetworksThatDiffer() throws Throwable {
    assertAllRefuse(
        group -> {
          try (TrainableNetwork network = compile(graph(4 + group.rank()), OPTIONS, 1)) {
            network.join(group);
          }
        },
        IllegalArgumentException.class,
        "rank 0 and rank 1 differ in network: net #");
  }

  @Test
  void refusesOptionsThatDiffer() throws Throwable {
    assertAllRefuse(
        group -> {
          TrainingOptions own = OPTIONS.toBuilder().clipNorm(group.rank()).build();
          try (TrainableNetwork network = compile(GRAPH, own, 1)) {
            network.join(group);
          }
        },
        IllegalArgumentException.class,
        "rank 0 and rank 1 differ in options: ");
  }

  @Test
  void noticesWeightsThatAreNoLongerTheSame() throws Throwable {
    assertAllRefuse(
        group -> {
          try (TrainableNetwork network = compile(GRAPH, OPTIONS, 1);
              TrainableNetwork other = compile(GRAPH, OPTIONS, 2)) {
            network.join(group);
            if (group.rank() == 1) {
              network.restore(other.state());
            }
            accumulate(network, group.rank());
            network.exchange(2);
          }
        },
        IllegalStateException.class,
        "the processes no longer train net alike: rank 0 is at 2 batches in this round, 0 updates");
  }

  @Test
  void noticesAnUpdateThatOneProcessHasNotMade() throws Throwable {
    assertAllRefuse(
        group -> {
          try (TrainableNetwork network = compile(GRAPH, OPTIONS, 1)) {
            network.join(group);
            accumulate(network, group.rank());
            network.exchange(2);
            if (group.rank() == 0) {
              network.update(0);
            }
            accumulate(network, 2);
            network.exchange(2);
          }
        },
        IllegalStateException.class,
        "rank 1 at 2 batches in this round, 0 updates, 2 batches, 2 waiting");
  }

  /** The others may have got what this process has not. */
  @Test
  void doesNotGoOnFromAFailedExchange() throws Throwable {
    ThreadedGroup.run(
        1,
        group -> {
          Breaking breaking = new Breaking(group);
          try (TrainableNetwork network = compile(GRAPH, OPTIONS, 1)) {
            network.join(breaking);
            breaking.broken = true;
            accumulate(network, 1);
            assertThatExceptionOfType(ProcessGroupException.class)
                .isThrownBy(() -> network.exchange(1));
            breaking.broken = false;

            List<ThrowingCallable> calls =
                List.of(
                    () -> accumulate(network, 1),
                    () -> network.exchange(1),
                    () -> network.update(0),
                    network::state);
            assertThat(calls)
                .allSatisfy(
                    call ->
                        assertThatIllegalStateException()
                            .isThrownBy(call)
                            .withMessageContaining(
                                "start all processes again from the last checkpoint"));
          }
          return group;
        });
  }

  /** Others may wait for a batch with norms that exchange; without, all is as before it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void goesOnFromABatchTooLargeUnlessNormsExchange(boolean exchange) throws Throwable {
    TrainingOptions options = OPTIONS.toBuilder().syncBatchNorm(exchange).build();
    ThreadedGroup.run(
        1,
        group -> {
          try (TrainableNetwork network = compile(graph(200_000), options, 1)) {
            network.join(group);
            // 200,000 x 3000 x 3000 floats: 7.2 TB
            assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> network.accumulate(Noise.images(1, 3000, 1), new int[] {0}));

            if (exchange) {
              assertThatIllegalStateException()
                  .isThrownBy(() -> accumulate(network, 1))
                  .withMessageContaining("start all processes again from the last checkpoint");
            } else {
              accumulate(network, 1);
              assertThat(network.exchange(1)).hasSize(1);
            }
          }
          return group;
        });
  }

  /** Rank 0 waits in its norm for rank 1, whose batch has failed on the way there. */
  @Test
  void aBatchThatFailsOnOneRankEndsTheNormsOfOthers() throws Throwable {
    TrainingOptions options = OPTIONS.toBuilder().syncBatchNorm(true).build();

    List<Throwable> thrown =
        ThreadedGroup.run(
            2,
            group -> {
              try (TrainableNetwork network = compile(graph(200_000, true), options, 1)) {
                network.join(group);
                int side = group.rank() == 0 ? 4 : 3000;
                return catchThrowable(
                    () -> network.accumulate(Noise.images(1, side, 1), new int[] {0}));
              }
            });

    assertThat(thrown.get(1)).isInstanceOf(EngineException.class);
    assertThat(thrown.get(0))
        .isInstanceOf(ProcessGroupException.class)
        .hasMessageStartingWith("rank 1 has failed and ended the group: ")
        .hasMessageContaining("memory")
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesRoundsThatItsOwnBatchesContradict() throws Throwable {
    ThreadedGroup.run(
        1,
        group -> {
          try (TrainableNetwork network = compile(GRAPH, OPTIONS, 1)) {
            assertThatIllegalStateException()
                .isThrownBy(() -> network.exchange(1))
                .withMessageContaining("is in no group");
            network.join(group);
            assertThatIllegalStateException()
                .isThrownBy(() -> network.exchange(1))
                .withMessage("1 batches of 1 processes, and rank 0 has none");
            TrainingState state = network.state();
            accumulate(network, 1);
            List<ThrowingCallable> calls =
                List.of(
                    () -> accumulate(network, 2),
                    () -> network.update(0),
                    () -> network.restore(state),
                    network::gradients);
            assertThat(calls)
                .allSatisfy(
                    call ->
                        assertThatIllegalStateException()
                            .isThrownBy(call)
                            .withMessage(
                                "a batch of net waits for those of other processes; exchange it"
                                    + " first"));
            assertThatIllegalStateException()
                .isThrownBy(() -> network.exchange(2))
                .withMessage("2 batches of 1 processes, and rank 0 has one");
          }
          return group;
        });
  }

  @Test
  void comparesSettingsByTheirNames() throws Throwable {
    List<Throwable> thrown =
        ThreadedGroup.run(
            3,
            group ->
                catchThrowable(
                    () -> group.requireSame(Map.of("seed", "" + group.rank() / 2, "größe", "1"))));

    assertThat(thrown)
        .allSatisfy(
            each ->
                assertThat(each)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                        "all processes of a group have to train the same; rank 0 and rank 2 differ"
                            + " in seed: 0 and 1"));
  }

  /** A group whose exchanges fail at will, and that does not end by it. */
  private static final class Breaking extends ForwardingGroup {

    private boolean broken;

    Breaking(ProcessGroup group) {
      super(group);
    }

    @Override
    public void abort(String reason) {}

    @Override
    public void allToAll(ByteBuffer send, ByteBuffer receive) {
      if (broken) {
        throw new ProcessGroupException("broken");
      }
      super.allToAll(send, receive);
    }
  }
}
