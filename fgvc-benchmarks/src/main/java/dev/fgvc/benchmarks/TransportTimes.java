package dev.fgvc.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.TransportPlan;
import dev.fgvc.feature.FeatureRows;
import dev.fgvc.feature.MappedFeatures;
import dev.fgvc.file.NpyFormat;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.ejml.data.FMatrixRMaj;

/**
 * Times the exact Earth Mover's Distance of single images, run after run in one process: the first
 * run tells what a program that needs one distance waits for, later ones what a service does.
 * Drawing the features is not timed.
 *
 * <pre>
 *   java -Xmx4800m --add-modules jdk.incubator.vector -cp fgvc-benchmarks/target/benchmarks.jar \
 *       dev.fgvc.benchmarks.TransportTimes images=665473x5994x256
 *   ... TransportTimes images=665473x5994x2048 files=FOLDER     # 5.5 GB of files, mapped
 * </pre>
 */
public final class TransportTimes {

  private static final Map<String, String> DEFAULTS =
      Map.of("images", "30000x30000x256", "runs", "1", "files", "");

  /** The values of a file, at most: an array of 64 MiB. */
  private static final int FILE_VALUES = 1 << 24;

  /** Seeds of the source's files are odd, those of the target's even. */
  private static final int SIDES = 2;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private TransportTimes() {}

  /**
   * Draws features, solves, and prints a line for each run.
   *
   * @param arguments {@code images=} sources x targets x features, 30000x30000x256 unless given;
   *     {@code runs=}, 1 unless given; {@code files=} a folder for files of features, which are
   *     mapped and drawn only where they are missing: without it, features are in memory
   * @throws IOException if files cannot be written or read
   */
  public static void main(String[] arguments) throws IOException {
    measure(Settings.parse(DEFAULTS, arguments), FILE_VALUES).forEach(System.out::println);
  }

  /** One line for each run. */
  static List<String> measure(Settings settings, int fileValues) throws IOException {
    String images = settings.text("images");
    int[] size = SyntheticDomains.size(images);
    FeatureRows source = features(settings, "source", size[0], size[2], 1, fileValues);
    FeatureRows target = features(settings, "target", size[1], size[2], 2, fileValues);
    List<String> lines = new ArrayList<>();
    for (int run = 1; run <= settings.numberFrom(1, "runs"); run++) {
      ResidentPeak.reset();
      long cpu = SYSTEM.getProcessCpuTime();
      long start = System.nanoTime();
      TransportPlan plan =
          ExactEmd.create().solveEuclidean(ones(size[0]), ones(size[1]), source, target);
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpuSeconds = (SYSTEM.getProcessCpuTime() - cpu) / 1e9;
      lines.add(
          String.format(
              Locale.ROOT,
              "%s run %d: %.2f s, CPU %.2f s, distance %.12f, gap %.1e, %d rounds, %d pivots%s",
              images,
              run,
              seconds,
              cpuSeconds,
              plan.distance(),
              plan.relativeGap(),
              plan.statistics().rounds(),
              plan.statistics().pivots(),
              peak()));
    }
    return lines;
  }

  private static String peak() {
    return ResidentPeak.bytes().isPresent()
        ? String.format(Locale.ROOT, ", peak %.2f GiB", ResidentPeak.bytes().getAsLong() * 0x1p-30)
        : "";
  }

  private static double[] ones(int count) {
    double[] weights = new double[count];
    Arrays.fill(weights, 1);
    return weights;
  }

  private static FeatureRows features(
      Settings settings, String side, int count, int dimension, long seed, int fileValues)
      throws IOException {
    String folder = settings.text("files");
    if (folder.isEmpty()) {
      return FeatureRows.of(SyntheticDomains.classMeans(count, dimension, seed));
    }
    Files.createDirectories(Path.of(folder));
    int perFile = Math.max(1, fileValues / dimension);
    List<Path> files = new ArrayList<>();
    for (int first = 0; first < count; first += perFile) {
      Path file =
          Path.of(
              folder, String.format(Locale.ROOT, "%s-%dx%d-%d.npy", side, count, dimension, first));
      if (!Files.exists(file)) {
        int rows = Math.min(perFile, count - first);
        // Each file has a seed of its own, so that any may be drawn without the others.
        FMatrixRMaj some =
            SyntheticDomains.classMeans(rows, dimension, seed + SIDES * (long) files.size());
        WholeFile.write(
            file, NpyFormat.floats(FloatBuffer.wrap(some.data), List.of(rows, dimension)));
      }
      files.add(file);
    }
    return MappedFeatures.open(files);
  }
}
