package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineLoadingTest {

  @TempDir Path folder;

  /** Prints how many classes were loaded ahead, and how many when the engine was asked for. */
  static final class Start {

    public static void main(String[] arguments) throws InterruptedException {
      long before = loadedClasses();
      Engine.startLoading();
      awaitLoading();
      long ahead = loadedClasses();
      Engine.best();
      System.out.println(ahead - before);
      System.out.println(loadedClasses() - ahead);
    }
  }

  /** Starts to load what is not there. */
  static final class Nothing {

    public static void main(String[] arguments) throws InterruptedException {
      Engine.startLoading();
      awaitLoading();
      try {
        Engine.best();
      } catch (RuntimeException e) {
        System.out.println(e.getClass().getSimpleName());
      }
    }
  }

  private static long loadedClasses() {
    return ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount();
  }

  private static void awaitLoading() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("fgvc-load-engine")) {
        thread.join();
      }
    }
  }

  @Test
  void anEngineIsLoadedBeforeItIsAskedFor() throws IOException, InterruptedException {
    List<Long> classes = ChildJvm.numbers(folder, List.of("-Xmx256m"), Start.class);

    assertThat(classes.get(0)).as("classes loaded ahead").isGreaterThan(500);
    assertThat(classes.get(1)).as("classes loaded when asked").isLessThan(200);
  }

  @Test
  void whatIsMissingIsToldToWhoeverAsksForAnEngine() throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    Path errors = folder.resolve("errors.txt");
    String classPath =
        ChildJvm.classPath(entry -> !entry.contains("pytorch") && !entry.contains("nd4j-native"));

    Process process =
        ChildJvm.withClassPath(classPath, List.of("-Xmx256m"), Nothing.class)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();

    assertThat(process.waitFor()).isZero();
    assertThat(Files.readString(output).strip()).isEqualTo("MissingArtifactException");
    assertThat(Files.readString(errors)).doesNotContain("Exception");
  }
}
