package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spark")
class StandaloneClusterTest {

  @TempDir private Path folder;

  /** Holds an executor until it is killed. */
  static final class Waiting {

    private Waiting() {}

    public static void main(String[] arguments) throws Exception {
      SparkConf conf = new SparkConf().setAppName("waiting");
      StandaloneCluster.settings(Settings.parse(List.of(arguments))).forEach(conf::set);
      JavaSparkContext context = new JavaSparkContext(conf);
      Thread.sleep(TimeUnit.MINUTES.toMillis(10));
      context.close();
    }
  }

  private StandaloneCluster start() throws Exception {
    Path home = Path.of(System.getProperty("fgvc.spark.home"));
    return StandaloneCluster.start(home, folder, 1, List.of());
  }

  private Process startDriver(StandaloneCluster cluster) throws Exception {
    Settings none = new Settings(Map.of());
    return cluster.startDriver(Waiting.class, List.of(), none, folder.resolve("errors"));
  }

  private static ProcessHandle daemon(String main) {
    return ProcessHandle.current()
        .children()
        .filter(process -> process.info().commandLine().orElse("").contains(".deploy." + main))
        .findAny()
        .orElseThrow();
  }

  @Test
  void nothingIsLeftWhenItIsClosed() throws Exception {
    List<ProcessHandle> all = new ArrayList<>();
    Process driver;
    try (StandaloneCluster cluster = start()) {
      driver = startDriver(cluster);
      ProcessHandle worker = daemon("worker.Worker");
      while (worker.children().findAny().isEmpty() && driver.isAlive()) {
        Thread.sleep(50);
      }
      cluster.executors().forEach(all::add);
      all.add(worker);
      all.add(daemon("master.Master"));
    }

    assertThat(all).hasSize(3).noneMatch(ProcessHandle::isAlive);
    assertThat(driver.waitFor(1, TimeUnit.MINUTES)).as("the driver was killed").isTrue();
  }

  @Test
  void aWorkerThatEndsIsNoticed() throws Exception {
    try (StandaloneCluster cluster = start()) {
      Process driver = startDriver(cluster);
      daemon("worker.Worker").destroyForcibly();

      assertThat(driver.waitFor(1, TimeUnit.MINUTES)).as("the driver was killed").isTrue();
      assertThatIllegalStateException()
          .isThrownBy(cluster::executors)
          .withMessageStartingWith("Spark's worker has ended with status 137");
      assertThatIllegalStateException().isThrownBy(() -> startDriver(cluster));
    }
  }
}
