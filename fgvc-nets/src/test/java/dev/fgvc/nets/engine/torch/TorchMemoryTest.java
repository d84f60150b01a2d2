package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.ChildJvm;
import dev.fgvc.testing.ResidentMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Memory outside the Java heap. Each test has a process of its own, where nothing else makes or
 * frees native objects and the Java heap is resident from the start.
 */
class TorchMemoryTest {

  private static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50.builder().classes(3).widthMultiplier(0.1).build();

  @TempDir private Path folder;

  /** 30 times, or as often as -Dfgvc.compileCycles says; 1000 were run. */
  @Test
  void compilingRunningAndClosingManyTimesTakesNoMoreMemory() throws Exception {
    ResidentMemory.assumeKnown();
    int cycles = Integer.getInteger("fgvc.compileCycles", 30);

    List<Long> grown = numbersOf(Cycles.class, cycles);

    assertThat(grown.get(0)).as("kB grown over %d cycles", cycles).isLessThan(64 << 10);
  }

  @Test
  void closingGivesNativeMemoryBack() throws Exception {
    List<Long> counts = numbersOf(Counting.class);

    long before = counts.get(0);
    assertThat(counts.get(1)).as("with a network").isGreaterThan(before + 100);
    assertThat(counts.get(2)).as("without").isEqualTo(before);
    assertThat(counts.get(3)).as("with a network in training").isGreaterThan(before + 100);
    assertThat(counts.get(4)).as("without").isEqualTo(before);
  }

  private List<Long> numbersOf(Class<?> main, Object... arguments) throws Exception {
    return ChildJvm.numbers(
        folder,
        List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1"),
        main,
        arguments);
  }

  /** Prints by how many kB the resident memory grows over the number of cycles asked for. */
  static final class Cycles {

    private Cycles() {}

    public static void main(String[] arguments) throws IOException {
      Weights weights = Weights.initialize(GRAPH, 1);
      Images images = Noise.images(2, 32, 1);
      for (int i = 0; i < 10; i++) { // threads and caches find their size first
        cycle(weights, images);
      }
      long before = ResidentMemory.kilobytes();
      for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
        cycle(weights, images);
      }
      System.out.println(ResidentMemory.kilobytes() - before);
    }

    private static void cycle(Weights weights, Images images) {
      try (Network network = Engine.torch().compile(GRAPH, weights)) {
        network.features(images);
      }
    }
  }

  /** Prints the number of native objects before, while and after networks are open. */
  static final class Counting {

    private Counting() {}

    public static void main(String[] arguments) {
      Weights weights = Weights.initialize(GRAPH, 1);
      Images images = Noise.images(2, 32, 1);
      Engine engine = Engine.torch();
      System.out.println(Pointer.totalCount());
      try (Network network = engine.compile(GRAPH, weights)) {
        network.features(images);
        System.out.println(Pointer.totalCount());
      }
      System.out.println(Pointer.totalCount());
      try (TrainableNetwork network =
          engine.compileForTraining(GRAPH, weights, TrainingOptions.paper())) {
        network.step(images, new int[] {0, 1}, 0.1);
        System.out.println(Pointer.totalCount());
      }
      System.out.println(Pointer.totalCount());
    }
  }
}
