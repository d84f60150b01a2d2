package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.testing.ChildJvm;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that start together where no native library has been unpacked before, as a parallel
 * test runner's do. {@code -Dfgvc.processes=N} starts N.
 */
@Timeout(600)
class ParallelStartTest {

  private static final int PROCESSES = Integer.getInteger("fgvc.processes", 5);

  /** The work of the processes, in turn. */
  private static final List<String> WORK =
      List.of("torch", "torch", "torch", "torch opencv", "opencv nd4j", "opencv", "nd4j torch");

  /** By far the largest part of libtorch, which others need and are loaded before. */
  private static final String LARGEST = System.mapLibraryName("torch_cpu");

  @TempDir private static Path folder;

  private static Path image;

  @BeforeAll
  static void writeImage() throws IOException {
    image = folder.resolve("image.png");
    ImageIO.write(new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
  }

  @Test
  void allComeUpWithAnEmptyCache() throws Exception {
    Path cache = folder.resolve("empty"); // made by whoever is first
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      processes.add(start(cache, WORK.get(i % WORK.size()), "process" + i));
    }
    for (int i = 0; i < PROCESSES; i++) {
      assertEndsWell(processes.get(i), "process" + i);
    }
  }

  @Test
  void oneComesUpAfterAnotherWasKilledWhileItUnpacked() throws Exception {
    Path cache = folder.resolve("half");
    Process killed = start(cache, "torch", "killed");
    while (!isBeingUnpacked(cache)) {
      assertThat(killed.isAlive()).as("unpacks before it ends").isTrue();
      Thread.sleep(1);
    }
    killed.destroyForcibly().waitFor();
    assertThat(isBeingUnpacked(cache)).isTrue();

    assertEndsWell(start(cache, "torch", "next"), "next");
  }

  private static boolean isBeingUnpacked(Path cache) throws IOException {
    if (!Files.isDirectory(cache)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(cache)) {
      return files.anyMatch(file -> file.endsWith(LARGEST));
    } catch (UncheckedIOException e) {
      return false; // a file was renamed or deleted meanwhile
    }
  }

  private static Process start(Path cache, String work, String name) throws IOException {
    List<String> options =
        List.of(
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + folder.resolve("crash" + name + ".log"),
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-Dorg.bytedeco.javacpp.cachedir=" + cache);
    return ChildJvm.of(options, ParallelStartTest.class, image, work)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(name).toFile())
        .start();
  }

  private static void assertEndsWell(Process process, String name) throws Exception {
    int status = process.waitFor();
    assertThat(status).as(name + ": " + Files.readString(folder.resolve(name))).isZero();
  }

  /** Uses the libraries that are named in the second argument. */
  public static void main(String[] arguments) throws IOException {
    for (String library : arguments[1].split(" ")) {
      if (library.equals("opencv")) {
        CentralCrop.of(Resolution.square(8))
            .apply(Path.of(arguments[0]), new SplittableRandom(1), FloatBuffer.allocate(3 * 8 * 8));
      } else {
        Engine.named(library);
      }
    }
  }
}
