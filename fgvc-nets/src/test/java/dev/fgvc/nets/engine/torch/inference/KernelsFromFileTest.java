package dev.fgvc.nets.engine.torch.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels that are made of weights in a file when they are needed. */
class KernelsFromFileTest {

  private static final NetworkGraph GRAPH =
      Architecture.INCEPTION_V3.builder().classes(7).auxiliaryHead(false).build();

  @TempDir private Path folder;

  private static Images images(int count, int side) {
    return Noise.images(count, side, 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Architecture.class,
      names = {"INCEPTION_V3", "INCEPTION_RESNET_V2", "RESNET_V2_50"})
  void logitsAreThoseOfWeightsInMemoryBitForBit(Architecture architecture) throws IOException {
    NetworkGraph graph = architecture.builder().classes(7).widthMultiplier(0.5).build();
    Weights weights = Weights.initialize(graph, 1);
    Path file = folder.resolve("weights.safetensors");
    weights.write(file);

    try (Network inMemory = Engine.torch().compile(graph, weights);
        Network inFile = Engine.torch().compile(graph, Weights.read(file))) {
      Images images = images(4, 107);
      assertThat(inFile.logits(images).data).isEqualTo(inMemory.logits(images).data);
    }
  }

  @Test
  void whatCameBeforeChangesNoBit() {
    Weights weights = Weights.initialize(GRAPH, 2);
    int[] counts = {3, 8, 1, 5, 8, 2, 3, 8, 1};
    try (Network used = Engine.torch().compile(GRAPH, weights)) {
      for (int count : counts) {
        float[] after = used.logits(images(count, 91)).data;
        try (Network fresh = Engine.torch().compile(GRAPH, weights)) {
          assertThat(after).as("%d images", count).isEqualTo(fresh.logits(images(count, 91)).data);
        }
      }
    }
  }

  @Test
  void noCopyOfTheWeightsIsMadeOnTheHeap() throws IOException {
    Path file = folder.resolve("weights.safetensors");
    Weights.initialize(GRAPH, 3).write(file);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    Images single = images(1, 75); // on the calling thread alone
    try (Network warm = Engine.torch().compile(GRAPH, Weights.read(file))) {
      warm.logits(single);
    }

    long before = threads.getCurrentThreadAllocatedBytes();
    Weights weights = Weights.read(file);
    try (Network network = Engine.torch().compile(GRAPH, weights)) {
      network.logits(single);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    long bytes = weights.names().stream().mapToLong(name -> 4L * weights.tensor(name).size()).sum();
    assertThat(allocated).as("of %d bytes of weights", bytes).isLessThan(bytes / 3);
  }
}
