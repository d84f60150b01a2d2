package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.ProcessGroupException;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.testing.ForwardingGroup;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.nets.testing.SilentGroup;
import dev.fgvc.nets.testing.ThreadedGroup;
import dev.fgvc.nets.weights.Weights;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A group whose norms see all batches, beside one process with one batch as large as all. */
class SyncBatchNormTest {

  private static final int BATCH = 3;
  private static final int STEPS = 2;
  private static final double RATE = 0.01;

  private static final int SIDE = 12;

  private static final NetworkGraph GRAPH = graph();
  private static final Weights START = Weights.initialize(GRAPH, 5);

  private static final TrainingOptions OPTIONS =
      TrainingOptions.paper().toBuilder()
          .optimizer(new Optimizer.Sgd(0.9, false))
          .batchNormWarmUp(true)
          .syncBatchNorm(true)
          .build();

  private static NetworkGraph graph() {
    GraphBuilder builder = GraphBuilder.named("net");
    Node first = normed(builder, builder.input(3), "net/first", true, 40);
    Node second = normed(builder, first, "net/second", false, 40);
    Node joined = builder.relu(builder.add(first, second, 1));
    return classified(builder, normed(builder, joined, "net/third", true, 8));
  }

  /** A network whose first activations are so large that their gradients overwrite them. */
  private static NetworkGraph wideGraph() {
    GraphBuilder builder = GraphBuilder.named("wide");
    int channels = (1 << 20) / (BATCH * SIDE * SIDE) + 1;
    Node first = normed(builder, builder.input(3), "wide/first", true, channels);
    return classified(builder, normed(builder, first, "wide/second", true, 8));
  }

  private static NetworkGraph classified(GraphBuilder builder, Node last) {
    Node features = builder.globalAveragePool(last);
    return builder.build(
        features,
        builder.convolution(
            features,
            "Logits",
            4,
            Window.square(1, 1, Padding.SAME),
            true,
            new Initializer.TruncatedNormal(1)));
  }

  private static Node normed(
      GraphBuilder builder, Node input, String scope, boolean scaled, int channels) {
    Node convolved =
        builder.convolution(
            input,
            scope,
            channels,
            Window.square(3, 1, Padding.SAME),
            false,
            new Initializer.TruncatedNormal(0.2));
    return builder.relu(builder.batchNorm(convolved, scope + "/norm", scaled, 1e-3, 0.9));
  }

  /**
   * Images of one batch of a rank: waves, each of its own length and brightness. Means over noise
   * are all alike, so that gradients would cancel out but for rounding.
   */
  private static Images images(int step, int rank) {
    FloatBuffer pixels = FloatBuffer.allocate(BATCH * 3 * SIDE * SIDE);
    for (int i = 0; i < BATCH; i++) {
      int number = (step * 10 + rank) * BATCH + i;
      for (int c = 0; c < 3; c++) {
        for (int y = 0; y < SIDE; y++) {
          for (int x = 0; x < SIDE; x++) {
            double wave = Math.sin(x * (0.1 + 0.2 * (number % 5)) + y * 0.1 * (number % 7) + c);
            pixels.put((float) (0.5 * wave + 0.1 * ((number + c) % 6) - 0.25));
          }
        }
      }
    }
    return new Images(pixels.flip(), BATCH, Resolution.square(SIDE));
  }

  private static int[] labels(int rank) {
    return IntStream.range(0, BATCH).map(i -> (i + rank) % 4).toArray();
  }

  /** The batches of some ranks as one. */
  private static Images joined(int step, int ranks) {
    List<Images> parts = IntStream.range(0, ranks).mapToObj(rank -> images(step, rank)).toList();
    FloatBuffer all =
        FloatBuffer.allocate(parts.stream().mapToInt(part -> part.pixels().remaining()).sum());
    parts.forEach(part -> all.put(part.pixels().duplicate()));
    return new Images(all.flip(), ranks * BATCH, parts.get(0).resolution());
  }

  private static int[] joinedLabels(int ranks) {
    return IntStream.range(0, ranks).flatMap(rank -> Arrays.stream(labels(rank))).toArray();
  }

  /** Gradients of the first step, then weights and averages after the last. */
  private record Run(List<Double> losses, Weights gradients, Weights weights, Weights averages) {}

  private static Run alone(NetworkGraph graph, int ranks, boolean recomputes) {
    List<Double> losses = new ArrayList<>();
    List<Weights> gradients = new ArrayList<>();
    try (TrainableNetwork network =
        new TorchTrainableNetwork(graph, Weights.initialize(graph, 5), OPTIONS, recomputes)) {
      for (int step = 0; step < STEPS; step++) {
        losses.add(network.accumulate(joined(step, ranks), joinedLabels(ranks)).total());
        gradients.add(network.gradients());
        network.update(RATE);
      }
      return new Run(losses, gradients.get(0), network.weights(), network.averagedWeights());
    }
  }

  private static List<Run> together(
      NetworkGraph graph, int size, int ranks, boolean recomputes, TrainingOptions options)
      throws Throwable {
    return ThreadedGroup.run(size, group -> train(group, graph, ranks, recomputes, options));
  }

  private static Run train(
      ProcessGroup group,
      NetworkGraph graph,
      int ranks,
      boolean recomputes,
      TrainingOptions options) {
    List<Double> losses = new ArrayList<>();
    List<Weights> gradients = new ArrayList<>();
    try (TrainableNetwork network =
        new TorchTrainableNetwork(graph, Weights.initialize(graph, 5), options, recomputes)) {
      network.join(group);
      for (int step = 0; step < STEPS; step++) {
        if (group.rank() < ranks) {
          network.accumulate(images(step, group.rank()), labels(group.rank()));
        }
        List<StepLoss> parts = network.exchange(ranks);
        losses.add(parts.stream().mapToDouble(StepLoss::total).average().orElseThrow());
        gradients.add(network.gradients());
        network.update(RATE);
      }
      return new Run(losses, gradients.get(0), network.weights(), network.averagedWeights());
    }
  }

  /**
   * A group that counts what all gather, gradients as a whole, and breaks at will, without ending.
   */
  private static final class Watched extends ForwardingGroup {

    private int gathers;
    private int brokenFrom = Integer.MAX_VALUE;

    Watched(ProcessGroup group) {
      super(group);
    }

    @Override
    public long bucketBytes() {
      return Long.MAX_VALUE;
    }

    @Override
    public void abort(String reason) {}

    @Override
    public void allGather(ByteBuffer send, ByteBuffer receive) {
      if (gathers >= brokenFrom) {
        throw new ProcessGroupException("broken");
      }
      gathers++;
      super.allGather(send, receive);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, true",
    "2, 2, true",
    "2, 2, false",
    "4, 4, true",
    "3, 2, true",
  })
  void hasTheValuesOfOneBatchAsLargeAsAll(int size, int ranks, boolean recomputes)
      throws Throwable {
    assertClose(GRAPH, size, ranks, recomputes);
  }

  @Test
  void doesSoForLargeActivationsToo() throws Throwable {
    assertClose(wideGraph(), 2, 2, true);
  }

  private static void assertClose(NetworkGraph graph, int size, int ranks, boolean recomputes)
      throws Throwable {
    Run alone = alone(graph, ranks, recomputes);

    List<Run> together = together(graph, size, ranks, recomputes, OPTIONS);

    for (Run run : together) {
      for (int step = 0; step < STEPS; step++) {
        assertThat(run.losses().get(step)).isEqualTo(alone.losses().get(step), within(1e-5));
      }
      assertClose(run.gradients(), alone.gradients(), ranks);
      assertClose(run.weights(), alone.weights(), 1);
      assertClose(run.averages(), alone.averages(), 1);
      assertThat(run.weights().sha256()).isEqualTo(together.get(0).weights().sha256());
      assertThat(run.averages().sha256()).isEqualTo(together.get(0).averages().sha256());
    }
  }

  private static void assertClose(Weights sums, Weights expected, int parts) {
    assertThat(sums.names()).isEqualTo(expected.names());
    expected.names().forEach(name -> assertClose(name, sums, expected, parts));
  }

  private static void assertClose(String name, Weights sums, Weights expected, int parts) {
    float[] values = sums.tensor(name).toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] /= parts;
    }
    assertThat(Reference.relativeError(values, expected.tensor(name).toArray()))
        .as(name)
        .isLessThan(1e-5);
  }

  /** Else the test above would say nothing. */
  @Test
  void normsOfSingleBatchesHaveOtherValues() throws Throwable {
    TrainingOptions single = OPTIONS.toBuilder().syncBatchNorm(false).build();

    Run run = together(GRAPH, 2, 2, true, single).get(0);

    assertThat(run.losses().get(0))
        .isNotCloseTo(alone(GRAPH, 2, true).losses().get(0), within(1e-3));
  }

  @Test
  void computesInBfloat16WhereTheCpuGainsByIt() throws Throwable {
    TrainingOptions narrow = OPTIONS.toBuilder().bfloat16(true).build();

    List<Run> runs = together(GRAPH, 2, 2, true, narrow);

    try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, narrow)) {
      double tolerance = network.precision() == Precision.BF16 ? 0.05 : 1e-5;
      assertThat(runs.get(0).losses().get(0))
          .isEqualTo(alone(GRAPH, 2, true).losses().get(0), within(tolerance));
      assertThat(runs.get(1).weights().sha256()).isEqualTo(runs.get(0).weights().sha256());
    }
  }

  /** Some images of a batch. */
  private static Images part(Images images, int from, int count) {
    int size = images.pixels().remaining() / images.count();
    return new Images(
        images.pixels().duplicate().slice(from * size, count * size), count, images.resolution());
  }

  @Test
  void weighsTheBatchesOfRanksByTheirSizes() throws Throwable {
    Images all = part(joined(0, 2), 0, 4);
    List<Images> parts = List.of(part(all, 0, 3), part(all, 3, 1));
    List<int[]> labels = List.of(new int[] {0, 1, 2}, new int[] {3});
    // The losses of the parts are means: of one batch's four images, one in three and one.
    TrainingOptions weighted =
        OPTIONS.toBuilder().classWeights(List.of(4.0 / 3, 4.0 / 3, 4.0 / 3, 4.0)).build();

    List<Weights> gradients = new ArrayList<>();
    List<Weights> moved = new ArrayList<>();
    ThreadedGroup.run(
            2,
            group -> {
              try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, OPTIONS)) {
                network.join(group);
                network.accumulate(parts.get(group.rank()), labels.get(group.rank()));
                network.exchange(2);
                return List.of(network.gradients(), network.weights());
              }
            })
        .forEach(
            run -> {
              gradients.add(run.get(0));
              moved.add(run.get(1));
            });

    try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, weighted)) {
      network.accumulate(all, new int[] {0, 1, 2, 3});
      assertThat(gradients).allSatisfy(each -> assertClose(each, network.gradients(), 1));
      assertThat(moved)
          .allSatisfy(
              each -> {
                assertClose("net/first/norm/moving_mean", each, network.weights(), 1);
                assertClose("net/third/norm/moving_mean", each, network.weights(), 1);
                assertVariancesClose(each, network.weights());
              });
    }
  }

  private static void assertVariancesClose(Weights actual, Weights expected) {
    for (String scope : List.of("net/first", "net/second", "net/third")) {
      assertClose(scope + "/norm/moving_variance", actual, expected, 1);
    }
  }

  /** With one rank a channel has a single value, with two each rank has a single one. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void normsOfSingleValuesAreThoseOfOneProcess(int ranks) throws Throwable {
    Images cells = Noise.images(ranks, 1, 7);
    int[] labels = {0, 1};

    List<Weights> moved =
        ThreadedGroup.run(
            2,
            group -> {
              try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, OPTIONS)) {
                network.join(group);
                if (group.rank() < ranks) {
                  network.accumulate(
                      part(cells, group.rank(), 1), new int[] {labels[group.rank()]});
                }
                network.exchange(ranks);
                return network.weights();
              }
            });

    try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, OPTIONS)) {
      network.accumulate(cells, Arrays.copyOf(labels, ranks));
      assertThat(moved)
          .allSatisfy(
              each -> {
                assertClose("net/first/norm/moving_mean", each, network.weights(), 1);
                assertVariancesClose(each, network.weights());
              });
    }
  }

  @Test
  void normsExchangeOnceThereAndOnceBackAndFrozenOnesNever() throws Throwable {
    TrainingOptions single = OPTIONS.toBuilder().syncBatchNorm(false).build();
    int others = gathers(single);

    assertThat(gathers(OPTIONS)).isEqualTo(others + STEPS * 2 * 3);
    assertThat(gathers(frozen("net/first", "net/second"))).isEqualTo(others + STEPS * 2);
    TrainingOptions all = frozen("net/first", "net/second", "net/third");
    assertThat(gathers(all)).isEqualTo(gathers(all.toBuilder().syncBatchNorm(false).build()));
  }

  private static TrainingOptions frozen(String... scopes) {
    return OPTIONS.toBuilder().frozenScopes(List.of(scopes)).build();
  }

  /** How often each rank gathers, those with a batch and the last, which has none. */
  private static int gathers(TrainingOptions options) throws Throwable {
    List<Integer> counts =
        ThreadedGroup.run(
            3,
            group -> {
              Watched watched = new Watched(group);
              train(watched, GRAPH, 2, true, options);
              return watched.gathers;
            });
    assertThat(counts).containsOnly(counts.get(0));
    return counts.get(0);
  }

  @Test
  void frozenNormsKeepTheirStatistics() throws Throwable {
    TrainingOptions frozen = frozen("net/first", "net/second");

    List<Run> runs = together(GRAPH, 3, 2, true, frozen);

    assertThat(runs)
        .allSatisfy(
            run -> {
              assertThat(run.weights().sha256()).isEqualTo(runs.get(0).weights().sha256());
              assertThat(run.weights().tensor("net/first/norm/moving_mean").toArray())
                  .isEqualTo(START.tensor("net/first/norm/moving_mean").toArray());
              assertThat(run.weights().tensor("net/third/norm/moving_mean").toArray())
                  .isNotEqualTo(START.tensor("net/third/norm/moving_mean").toArray());
            });
  }

  /** The next batch's first norm would pair with one in the midst of the others' batches. */
  @Test
  void doesNotGoOnFromABatchThatFailedAmongItsNorms() throws Throwable {
    ThreadedGroup.run(
        1,
        group -> {
          Watched watched = new Watched(group);
          try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, OPTIONS)) {
            network.join(watched);
            TrainingState begin = network.state();
            watched.brokenFrom = watched.gathers + 2;
            assertThatExceptionOfType(ProcessGroupException.class)
                .isThrownBy(() -> network.accumulate(images(0, 0), labels(0)));
            watched.brokenFrom = Integer.MAX_VALUE;

            assertGoesOnFromAStateAlone(network, watched);

            network.restore(begin);
            network.accumulate(images(0, 0), labels(0));
            assertThat(network.exchange(1)).hasSize(1);
          }
          return group;
        });
  }

  @Test
  void doesNotGoOnFromARoundThatFailedAmongTheNormsOfOthers() {
    Watched watched = new Watched(new SilentGroup(1, 2));
    try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, OPTIONS)) {
      network.join(watched);
      watched.brokenFrom = watched.gathers + 2;
      assertThatExceptionOfType(ProcessGroupException.class).isThrownBy(() -> network.exchange(1));
      watched.brokenFrom = Integer.MAX_VALUE;

      assertGoesOnFromAStateAlone(network, watched);
    }
  }

  private static void assertGoesOnFromAStateAlone(TrainableNetwork network, Watched watched) {
    int before = watched.gathers;
    List<ThrowingCallable> calls =
        List.of(
            () -> network.accumulate(images(0, 0), labels(0)),
            () -> network.exchange(1),
            () -> network.update(RATE),
            network::state);
    assertThat(calls)
        .allSatisfy(
            call ->
                assertThatIllegalStateException()
                    .isThrownBy(call)
                    .withMessage(
                        "an exchange of net with other processes has failed and may have left it"
                            + " half changed: start all processes again from the last"
                            + " checkpoint"));
    assertThat(watched.gathers).isEqualTo(before);
  }

  /** The others would take it for a part of their own rounds. */
  @Test
  void refusesWrongRoundsBeforeNormsExchange() throws Throwable {
    ThreadedGroup.run(
        2,
        group -> {
          Watched watched = new Watched(group);
          try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, OPTIONS)) {
            network.join(watched);
            assertRefused(network, watched, 0, "0 batches of 2 processes, and rank ");
            assertRefused(network, watched, 3, "3 batches of 2 processes, and rank ");
            if (group.rank() == 1) {
              assertRefused(network, watched, 2, "2 batches of 2 processes, and rank 1 has none");
            }
            network.accumulate(images(0, group.rank()), labels(group.rank()));
            if (group.rank() == 1) {
              assertRefused(network, watched, 1, "1 batches of 2 processes, and rank 1 has one");
            }
            network.exchange(2);
            assertRefused(network, watched, 1, "see all batches of an update at once");
            network.update(RATE);
          }
          return group;
        });
  }

  private static void assertRefused(
      TrainableNetwork network, Watched watched, int count, String message) {
    int before = watched.gathers;
    assertThatIllegalStateException()
        .isThrownBy(() -> network.exchange(count))
        .withMessageContaining(message);
    assertThat(watched.gathers).isEqualTo(before);
  }

  @Test
  void refusesASecondBatchOfAnUpdate() {
    try (TrainableNetwork network = new TorchTrainableNetwork(GRAPH, START, OPTIONS)) {
      network.accumulate(images(0, 0), labels(0));

      assertThatIllegalStateException()
          .isThrownBy(() -> network.accumulate(images(0, 1), labels(1)))
          .withMessage(
              "synchronised batch norms of net see all batches of an update at once, one on each"
                  + " process: 1 wait already, update first");
    }
  }
}
