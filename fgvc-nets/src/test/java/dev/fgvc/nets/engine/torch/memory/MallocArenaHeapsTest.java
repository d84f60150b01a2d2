package dev.fgvc.nets.engine.torch.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.nets.engine.torch.runtime.ProcessSettings;
import dev.fgvc.nets.engine.torch.runtime.SingleThreadWorkers;
import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MallocArenaHeapsTest {

  private static final long MAP_BYTES = 25 << 20;

  @BeforeEach
  void needsGlibc() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(
        Files.isReadable(maps) && Files.readString(maps).contains("libc.so.6"),
        "only glibc is known to give memory back this way");
    assumeTrue(
        System.getenv("MALLOC_MMAP_THRESHOLD_") == null, "the environment has settings of its own");
  }

  /** In a process of its own: threads take over the heaps of others that ended before. */
  @Test
  void freedActivationsAreNotFetchedAgain(@TempDir Path folder) throws Exception {
    Path output = folder.resolve("output.txt");
    Process process =
        ChildJvm.of(List.of(), MallocArenaHeapsTest.class)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();

    List<String> lines = Files.readAllLines(output);
    long pages = Long.parseLong(lines.get(lines.size() - 1));
    assertThat(pages).as("pages of 4 x 25 MiB, five times").isLessThan(10_000);
  }

  /** Prints how many pages a thread fetches for activations that it had before. */
  public static void main(String[] arguments) {
    ProcessSettings.raiseMmapThreshold();
    List<Supplier<Long>> task =
        List.of(
            () -> {
              writeMaps();
              long before = pagesFetched();
              for (int batch = 0; batch < 5; batch++) {
                writeMaps();
              }
              return pagesFetched() - before;
            });
    System.out.println(SingleThreadWorkers.run(1, task).get(0));
  }

  /** Four activations at once, more than a heap of glibc's. */
  private static void writeMaps() {
    List<Pointer> maps = IntStream.range(0, 4).mapToObj(i -> Pointer.malloc(MAP_BYTES)).toList();
    maps.forEach(activation -> Pointer.memset(activation, 1, MAP_BYTES));
    maps.forEach(Pointer::free);
  }

  /** By the whole process, without reading from the disk. */
  private static long pagesFetched() {
    try {
      String line = Files.readString(Path.of("/proc/self/stat"));
      return Long.parseLong(line.substring(line.lastIndexOf(')') + 2).split(" ")[7]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
