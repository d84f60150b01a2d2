package dev.fgvc.nets.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExecutorSettingsTest {

  private static final long MIB = 1 << 20;

  private final Map<String, String> settings = new HashMap<>();

  private void requireRoomFor(long mebibytes) {
    new ExecutorSettings(settings).requireRoomFor(mebibytes * MIB);
  }

  @Test
  void asksForMemoryOutsideTheHeapWhereItIsLimited() {
    settings.put("spark.master", "yarn");
    settings.put("spark.executor.memory", "8g");

    assertThatCode(() -> requireRoomFor(819)).doesNotThrowAnyException();
    assertThatIllegalStateException()
        .isThrownBy(() -> requireRoomFor(900))
        .withMessage(
            "executors have 819 MiB outside their heap, and the network needs about 900: set"
                + " spark.executor.memoryOverhead=900m");
    settings.put("spark.executor.memoryOverhead", "900");
    assertThatCode(() -> requireRoomFor(900)).doesNotThrowAnyException();
    settings.remove("spark.executor.memoryOverhead");
    settings.put("spark.master", "spark://host:7077");
    assertThatCode(() -> requireRoomFor(900)).doesNotThrowAnyException();
  }

  @Test
  void asksForMoreThanJavaCppAllows() {
    settings.put("spark.master", "spark://host:7077");

    assertThatCode(() -> requireRoomFor(3072)).doesNotThrowAnyException();
    assertThatIllegalStateException()
        .isThrownBy(() -> requireRoomFor(3073))
        .withMessageContaining("beyond 4096 MiB, and with a heap of 1024")
        .withMessageContaining(
            "add -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 to spark.executor.extraJavaOptions");
    settings.put(
        "spark.executor.extraJavaOptions",
        "-Xss2m -Dorg.bytedeco.javacpp.maxPhysicalBytes=2g -Da=b");
    assertThatIllegalStateException().isThrownBy(() -> requireRoomFor(1025));
    settings.put("spark.executor.extraJavaOptions", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    assertThatCode(() -> requireRoomFor(100_000)).doesNotThrowAnyException();
  }

  @Test
  void refusesMoreThreadsThanCores() {
    settings.put("spark.master", "spark://host:7077");
    settings.put("spark.executor.cores", "4");
    assertThatCode(() -> requireRoomFor(1)).doesNotThrowAnyException();

    settings.put("spark.executorEnv.OMP_NUM_THREADS", "4");
    assertThatIllegalStateException()
        .isThrownBy(() -> requireRoomFor(1))
        .withMessage(
            "4 tasks of 4 threads each share an executor's 4 cores: set"
                + " spark.executorEnv.OMP_NUM_THREADS=1, or spark.task.cpus=4");
    settings.put("spark.task.cpus", "4");
    assertThatCode(() -> requireRoomFor(1)).doesNotThrowAnyException();
  }

  @Test
  void leavesTheDriversOwnProcessAlone() {
    settings.put("spark.master", "local[4]");
    assertThatCode(() -> requireRoomFor(100_000)).doesNotThrowAnyException();
    settings.put("spark.master", "local-cluster[2,1,1024]");
    assertThatIllegalStateException().isThrownBy(() -> requireRoomFor(100_000));
  }

  @Test
  void asksForRoomForResults() {
    assertThatCode(() -> new ExecutorSettings(settings).requireRoomForResults(1024 * MIB))
        .doesNotThrowAnyException();
    assertThatIllegalStateException()
        .isThrownBy(() -> new ExecutorSettings(settings).requireRoomForResults(1025 * MIB))
        .withMessageContaining("set spark.driver.maxResultSize=2g, use fewer partitions");
    settings.put("spark.driver.maxResultSize", "0");
    assertThatCode(() -> new ExecutorSettings(settings).requireRoomForResults(1L << 50))
        .doesNotThrowAnyException();
    settings.put("spark.driver.maxResultSize", "much");
    assertThatIllegalStateException()
        .isThrownBy(() -> new ExecutorSettings(settings).requireRoomForResults(1))
        .withMessage("'much' is no size, such as 512m");
  }

  /** ResNet-v2-50 has 25.5 million values; a batch of 32 at 224 x 224 takes 19 MB of pixels. */
  @Test
  void estimatesWhatANetworkTakes() {
    NetworkGraph graph = Architecture.RESNET_V2_50.builder().classes(1000).build();

    long one = ExecutorSettings.nativeBytes(graph, Resolution.square(224), 1);
    long four = ExecutorSettings.nativeBytes(graph, Resolution.square(224), 4);

    long weights = 8L * graph.parameters().stream().mapToLong(Parameter::size).sum();
    assertThat(one).isBetween(weights + 100 * MIB, weights + 1500 * MIB);
    assertThat(four - weights).isEqualTo(4 * (one - weights));
  }
}
