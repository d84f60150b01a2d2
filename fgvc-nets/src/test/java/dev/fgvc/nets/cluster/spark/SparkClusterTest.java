package dev.fgvc.nets.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@link ClusterChecks} on a cluster of processes; {@code mvn -Pspark test} has what it needs.
 */
@Tag("spark")
class SparkClusterTest {

  @TempDir private Path folder;

  @Test
  void aClusterGivesTheBitsOfOneMachine() throws Exception {
    Path home = Path.of(System.getProperty("fgvc.spark.home"));
    try (SparkCluster cluster = new SparkCluster(home, folder)) {
      String output =
          cluster.submit(
              ClusterChecks.class,
              Map.of(
                  "spark.executor.memory", "700m",
                  "spark.executor.extraJavaOptions", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                  // Which reads neither records nor immutable lists.
                  "spark.serializer", "org.apache.spark.serializer.KryoSerializer",
                  "spark.speculation", "true",
                  "spark.speculation.quantile", "0.1",
                  "spark.speculation.multiplier", "1.1",
                  "spark.speculation.minTaskRuntime", "1s",
                  "spark.speculation.interval", "100ms"),
              folder);

      assertThat(output.lines().filter(line -> line.startsWith("passed: ")))
          .hasSizeGreaterThanOrEqualTo(10);
    }
  }
}
