package dev.fgvc.nets.cluster.spark;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.eval.KeptFeatures;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * The settings of a Spark application that a network needs, held against what they are before a job
 * starts: an executor that runs out of memory outside its heap is killed without a word.
 */
final class ExecutorSettings {

  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;
  private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*([bkmgtp]?)b?");
  private static final String UNITS = "bkmgtp";
  private static final Pattern JAVACPP_LIMIT =
      Pattern.compile("-Dorg\\.bytedeco\\.javacpp\\.max[pP]hysical[bB]ytes=(\\S+)");

  /** Multiple of the heap to which JavaCPP lets a process grow, unless it is told otherwise. */
  private static final int JAVACPP_HEAPS = 4;

  private static final String OVERHEAD = "spark.executor.memoryOverhead";
  private static final String OPTIONS = "spark.executor.extraJavaOptions";
  private static final String THREADS = "spark.executorEnv.OMP_NUM_THREADS";
  private static final String RESULTS = "spark.driver.maxResultSize";

  private final Map<String, String> settings;

  ExecutorSettings(Map<String, String> settings) {
    this.settings = Map.copyOf(settings);
  }

  static ExecutorSettings of(SparkConf conf) {
    Map<String, String> settings = new TreeMap<>();
    for (Tuple2<String, String> setting : conf.getAll()) {
      settings.put(setting._1(), setting._2());
    }
    return new ExecutorSettings(settings);
  }

  /**
   * Returns the memory that a network takes outside the heap of an executor: its weights as they
   * are and in the layout of the kernels, and for each task two batches, the activations of one and
   * as much again for the engine's scratch memory. What tasks hold on the heap does not count here:
   * the encoded images of up to {@value KeptFeatures#BATCH_SIZE} records each, which wait to be
   * decoded, and their class sums.
   */
  static long nativeBytes(NetworkGraph graph, Resolution resolution, int tasks) {
    long weights = graph.parameters().stream().mapToLong(Parameter::size).sum();
    long batch =
        KeptFeatures.BATCH_SIZE
            * (2 * graph.activationMemory(resolution).inferenceBytes()
                + 2 * 3L * Float.BYTES * resolution.pixels());
    return 2 * Float.BYTES * weights + tasks * batch;
  }

  private Optional<String> setting(String key) {
    return Optional.ofNullable(settings.get(key));
  }

  private int number(String key, int unset) {
    return setting(key).map(Integer::parseInt).orElse(unset);
  }

  /** Tasks that run in an executor at once; 1 where Spark gives it all cores of a machine. */
  int tasks() {
    return Math.max(1, number("spark.executor.cores", 1) / number("spark.task.cpus", 1));
  }

  /** Whether tasks run in the driver's own process, with its heap and environment. */
  private boolean isLocal() {
    String master = setting("spark.master").orElse("");
    return master.equals("local") || master.startsWith("local[");
  }

  /**
   * Refuses settings under which executors would be killed, or their threads in each other's way.
   *
   * @throws IllegalStateException saying what to set
   */
  void requireRoomFor(long nativeBytes) {
    if (isLocal()) {
      return;
    }
    long heap = bytes(setting("spark.executor.memory").orElse("1g"), MIB);
    String master = setting("spark.master").orElse("");
    // A standalone cluster sets no limit to what an executor takes outside its heap.
    if (master.startsWith("yarn") || master.startsWith("k8s")) {
      double factor = setting(OVERHEAD + "Factor").map(Double::parseDouble).orElse(0.1);
      long overhead =
          setting(OVERHEAD)
              .map(size -> bytes(size, MIB))
              .orElse(Math.max(384 * MIB, (long) (factor * heap)));
      if (overhead < nativeBytes) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "executors have %d MiB outside their heap, and the network needs about %d:"
                    + " set %s=%dm",
                overhead / MIB,
                mebibytes(nativeBytes),
                OVERHEAD,
                mebibytes(nativeBytes)));
      }
    }
    long limit =
        setting(OPTIONS)
            .map(JAVACPP_LIMIT::matcher)
            .filter(Matcher::find)
            .map(option -> bytes(option.group(1), 1))
            .orElse(JAVACPP_HEAPS * heap);
    if (limit > 0 && limit < heap + nativeBytes) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "JavaCPP refuses to let an executor grow beyond %d MiB, and with a heap of %d the"
                  + " network needs about %d: add -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 to %s",
              limit / MIB,
              heap / MIB,
              mebibytes(heap + nativeBytes),
              OPTIONS));
    }
    int cores = number("spark.executor.cores", 0);
    int threads = number(THREADS, number("spark.task.cpus", 1));
    if (cores > 0 && threads * tasks() > cores) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%d tasks of %d threads each share an executor's %d cores: set %s=%d, or"
                  + " spark.task.cpus=%d",
              tasks(),
              threads,
              cores,
              THREADS,
              Math.max(1, cores / tasks()),
              threads));
    }
  }

  /**
   * Refuses results that Spark would not take.
   *
   * @throws IllegalStateException saying what to set
   */
  void requireRoomForResults(long resultBytes) {
    long limit = bytes(setting(RESULTS).orElse("1g"), MIB);
    if (limit > 0 && limit < resultBytes) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the class sums of all partitions may take %d MiB, and the driver takes no more than"
                  + " %d: set %s=%dg, use fewer partitions, or sort the images by class",
              mebibytes(resultBytes),
              limit / MIB,
              RESULTS,
              (resultBytes + GIB - 1) / GIB));
    }
  }

  private static long mebibytes(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }

  /** A size as Spark and JavaCPP write it, such as 512m. */
  private static long bytes(String size, long unit) {
    Matcher parts = SIZE.matcher(size.strip().toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new IllegalStateException("'" + size + "' is no size, such as 512m");
    }
    long factor =
        parts.group(2).isEmpty() ? unit : 1L << 10 * UNITS.indexOf(parts.group(2).charAt(0));
    return Math.multiplyExact(Long.parseLong(parts.group(1)), factor);
  }
}
