package dev.fgvc.nets.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.testing.ChildJvm;
import dev.fgvc.testing.ResidentMemory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threads and memory of ONNX Runtime, each measured in a process of its own. */
class OnnxMemoryTest {

  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Resolution SIZE = Resolution.square(160);

  @TempDir private Path folder;

  @Test
  void takesAsManyThreadsAsAsked() throws Exception {
    ResidentMemory.assumeKnown();

    List<Long> threads = numbersOf(Threads.class);

    assertThat(threads).as("with the caller: of models for 1, 3 and 2").containsExactly(1L, 3L, 2L);
  }

  /** Activations of all 256 images at once would take hundreds of megabytes. */
  @Test
  void largeBatchesTakeTheMemoryOfOnePass() throws Exception {
    ResidentMemory.assumeKnown();

    List<Long> kilobytes = numbersOf(LargeBatch.class);

    assertThat(kilobytes.get(0)).as("kB that a batch of 256 adds to one of 4").isLessThan(32 << 10);
  }

  @Test
  void openingAndClosingManyTimesTakesNoMoreMemory() throws Exception {
    ResidentMemory.assumeKnown();

    List<Long> kilobytes = numbersOf(Cycles.class);

    assertThat(kilobytes.get(0)).as("kB grown over 40 models").isLessThan(32 << 10);
  }

  private List<Long> numbersOf(Class<?> main) throws Exception {
    Path model = folder.resolve("resnet.onnx");
    try (InputStream recorded = OnnxMemoryTest.class.getResourceAsStream("resnet.onnx")) {
      Files.copy(recorded, model);
    }
    return ChildJvm.numbers(
        folder,
        List.of(
            "-Xms128m",
            "-Xmx128m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UseDynamicNumberOfCompilerThreads"),
        main,
        model);
  }

  private static OnnxBackbone open(String model, int threads) throws IOException {
    return OnnxBackbone.open(
        Path.of(model),
        OnnxSettings.defaults(),
        OnnxOptions.defaults().withThreads(threads).withImagesPerPass(4));
  }

  private static Images zeros(int count) {
    return new Images(Images.allocate(count, SIZE), count, SIZE);
  }

  /**
   * Prints how many threads there are for a model for one thread, for three and for two. Threads
   * that ONNX Runtime starts inherit the name of the one that opens the model.
   */
  static final class Threads {

    private static final String NAME = "opener";

    private Threads() {}

    public static void main(String[] arguments) throws InterruptedException {
      Thread opener = new Thread(() -> printCounts(arguments[0]), NAME);
      opener.start();
      opener.join();
    }

    private static void printCounts(String model) {
      try {
        for (int threads : new int[] {1, 3, 2}) {
          try (OnnxBackbone backbone = open(model, threads)) {
            backbone.features(zeros(4));
            System.out.println(tasksOfThatName());
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static int tasksOfThatName() throws IOException {
      int count = 0;
      try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
        for (Path task : tasks) {
          try {
            count += Files.readString(task.resolve("comm")).strip().equals(NAME) ? 1 : 0;
          } catch (IOException e) {
            // another thread, which has just ended
          }
        }
      }
      return count;
    }
  }

  /** Prints by how many kB a large batch makes the process grow. */
  static final class LargeBatch {

    private LargeBatch() {}

    public static void main(String[] arguments) throws IOException {
      Images large = zeros(256);
      try (OnnxBackbone backbone = open(arguments[0], 2)) {
        for (int i = 0; i < 5; i++) {
          backbone.features(large.part(4 * i, 4));
        }
        touch(large);
        long before = ResidentMemory.kilobytes();
        backbone.features(large);
        System.out.println(ResidentMemory.kilobytes() - before);
      }
    }

    /** Pages that were never written take no memory. */
    private static void touch(Images images) {
      for (int i = 0; i < images.pixels().capacity(); i++) {
        images.pixels().put(i, 1);
      }
    }
  }

  /** Prints by how many kB models that are opened, used and closed make the process grow. */
  static final class Cycles {

    private Cycles() {}

    public static void main(String[] arguments) throws IOException {
      Images images = zeros(4);
      long before = 0;
      for (int i = 0; i < 50; i++) {
        if (i == 10) { // caches have found their size
          before = ResidentMemory.kilobytes();
        }
        try (OnnxBackbone backbone = open(arguments[0], 2)) {
          backbone.features(images);
        }
      }
      System.out.println(ResidentMemory.kilobytes() - before);
    }
  }
}
