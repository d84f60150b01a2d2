package dev.fgvc.nets.engine.torch.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.Sets;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.torch.TorchEngine;
import dev.fgvc.nets.weights.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParallelForwardTest {

  private static final int SIDE = 80;
  private static final int IMAGE = 3 * SIDE * SIDE;

  private final NetworkGraph graph =
      Architecture.INCEPTION_V3.builder().classes(5).widthMultiplier(0.2).build();
  private final Weights weights = Weights.initialize(graph, 3);

  @BeforeAll
  static void findTorch() {
    assertThat(new TorchEngine().unavailableBecause()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // images, side, bytes of a value, threads, parts
    "8, 299, 2, 1, 1",
    "1, 299, 2, 2, 1",
    "2, 299, 2, 2, 2",
    "3, 299, 2, 2, 1",
    "7, 299, 2, 2, 2",
    "8, 299, 2, 2, 2",
    "32, 299, 2, 2, 4",
    "32, 299, 4, 2, 8",
    "32, 299, 4, 16, 16",
    "8, 560, 2, 2, 4",
    "8, 560, 4, 2, 8",
    "7, 560, 4, 2, 7",
    "5, 560, 4, 2, 1",
    "20, 299, 4, 16, 1",
    "100, 64, 4, 4, 4"
  })
  void givesEachThreadAsMuch(int count, int side, int valueBytes, int threads, int parts) {
    assertThat(ParallelForward.parts(count, 3L * side * side * valueBytes, threads))
        .isEqualTo(parts);
  }

  @Test
  void partsInPlaceOfBfloat16HaveHalfTheImages() {
    long image = 3 * 299 * 299 * 4;

    assertThat(ParallelForward.parts(8, image, 2, false)).isEqualTo(2);
    assertThat(ParallelForward.parts(8, image, 2, true)).isEqualTo(4);
    // Four parts of up to two images would leave a thread without work.
    assertThat(ParallelForward.parts(6, image, 2, true)).isEqualTo(2);
  }

  @Test
  void noPartIsEmptyAndNoThreadWaitsLong() {
    for (int threads = 2; threads <= 16; threads++) {
      for (int count = 1; count <= 200; count++) {
        for (long bytes : new long[] {50_000, 600_000, 1_100_000, 4_000_000, 90_000_000}) {
          int parts = ParallelForward.parts(count, bytes, threads);
          assertThat(parts).isBetween(1, count);
          if (parts > 1) {
            int rounds = (parts + threads - 1) / threads;
            int largest = (count + parts - 1) / parts;
            assertThat(rounds * threads * largest).isLessThanOrEqualTo(count * 8 / 7);
          }
        }
      }
    }
  }

  @Test
  void eachImageComesOutInItsPlace() {
    assumeTrue(torch.get_num_threads() > 1, "one thread, so nothing is shared");
    Node activation = graph.nodes().get(graph.features().index() - 1);
    FloatBuffer pixels = noise(9 * IMAGE);
    try (Network network = Engine.torch().compile(graph, weights)) {
      for (int count : new int[] {2, 4, 8, 9}) {
        FloatBuffer some = pixels.slice(0, count * IMAGE);
        List<FMatrixRMaj> together =
            network.outputs(
                List.of(graph.logits(), activation),
                new Images(some, count, Resolution.square(SIDE)));
        for (int i = 0; i < count; i++) {
          FloatBuffer one = pixels.slice(i * IMAGE, IMAGE);
          List<FMatrixRMaj> alone =
              network.outputs(
                  List.of(graph.logits(), activation), new Images(one, 1, Resolution.square(SIDE)));
          for (int output = 0; output < 2; output++) {
            assertThat(together.get(output).numRows).isEqualTo(count);
            requireSame(together.get(output), i, alone.get(output));
          }
        }
      }
    }
  }

  @Test
  void theSameBatchesGiveTheSameBits() {
    FloatBuffer pixels = noise(13 * IMAGE);
    List<FMatrixRMaj> first = logitsOfBatches(pixels);
    for (int run = 0; run < 3; run++) {
      List<FMatrixRMaj> again = logitsOfBatches(pixels);
      for (int batch = 0; batch < first.size(); batch++) {
        assertThat(again.get(batch).data).isEqualTo(first.get(batch).data);
      }
    }
  }

  /** Kernels are fitted to the second batches of a size, and are not to the first. */
  private List<FMatrixRMaj> logitsOfBatches(FloatBuffer pixels) {
    try (Network network = Engine.torch().compile(graph, weights)) {
      return IntStream.of(8, 8, 13, 8, 13, 1, 1)
          .mapToObj(
              count ->
                  network.logits(
                      new Images(pixels.slice(0, count * IMAGE), count, Resolution.square(SIDE))))
          .toList();
    }
  }

  @Test
  void classMeansOfBytesAreThoseOfSingleImages() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(6 * IMAGE);
    new Random(5).ints(6L * IMAGE, 0, 256).forEach(value -> bytes.put((byte) value));
    ByteImages all = new ByteImages(bytes.flip(), 6, Resolution.square(SIDE));
    try (Network network = Engine.torch().compile(graph, weights);
        DeviceClassMeans together = network.classMeans(6);
        DeviceClassMeans alone = network.classMeans(6)) {
      together.add(all, new int[] {0, 1, 2, 3, 4, 5});
      for (int i = 0; i < 6; i++) {
        alone.add(all.part(i, 1), new int[] {i});
      }
      List<String> names = List.of("a", "b", "c", "d", "e", "f");
      FMatrixRMaj expected = alone.toDomain("alone", names).classMeans();
      FMatrixRMaj means = together.toDomain("together", names).classMeans();
      for (int i = 0; i < expected.getNumElements(); i++) {
        assertThat(means.data[i]).isCloseTo(expected.data[i], within(1e-4f));
      }
    }
  }

  @Test
  void leavesTheThreadsOfOthersAsTheyAre() throws InterruptedException {
    int before = torch.get_num_threads();
    Set<Thread> others = workers();
    Set<Thread> own;
    try (Network network = Engine.torch().compile(graph, weights)) {
      network.logits(new Images(noise(4 * IMAGE), 4, Resolution.square(SIDE)));
      // One more makes the kernels that stay.
      own = Sets.difference(workers(), others).immutableCopy();
      assertThat(own).hasSize(before > 1 ? before + 1 : 0);
      assertThat(torch.get_num_threads()).isEqualTo(before);
      AtomicInteger later = new AtomicInteger();
      Thread thread = new Thread(() -> later.set(torch.get_num_threads()));
      thread.start();
      thread.join();
      assertThat(later.get()).isEqualTo(before);
    }
    for (Thread worker : own) {
      worker.join(TimeUnit.MINUTES.toMillis(10));
      assertThat(worker.isAlive()).isFalse();
    }
  }

  @Test
  void aCallerWithOneThreadComputesAlone() throws InterruptedException {
    Set<Thread> others = workers();
    try (Network network = Engine.torch().compile(graph, weights, InferenceOptions.defaults())) {
      int before = torch.get_num_threads();
      Thread thread =
          new Thread(
              () -> {
                torch.get_num_threads();
                torch.set_num_threads(1);
                network.logits(new Images(noise(4 * IMAGE), 4, Resolution.square(SIDE)));
              });
      thread.start();
      thread.join();
      torch.set_num_threads(before); // what threads to come begin with
      assertThat(workers()).isSubsetOf(others);
    }
  }

  private static void requireSame(FMatrixRMaj batch, int row, FMatrixRMaj alone) {
    double difference = 0;
    double length = 0;
    for (int column = 0; column < batch.numCols; column++) {
      difference += Math.pow(batch.get(row, column) - alone.get(0, column), 2);
      length += Math.pow(alone.get(0, column), 2);
    }
    assertThat(Math.sqrt(difference)).isLessThan(1e-5 * Math.sqrt(length));
  }

  private static FloatBuffer noise(int values) {
    FloatBuffer pixels =
        ByteBuffer.allocateDirect(values * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    Random random = new Random(7);
    while (pixels.hasRemaining()) {
      pixels.put(2 * random.nextFloat() - 1);
    }
    return pixels.flip();
  }

  private static Set<Thread> workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("fgvc-torch"))
        .collect(Collectors.toSet());
  }
}
