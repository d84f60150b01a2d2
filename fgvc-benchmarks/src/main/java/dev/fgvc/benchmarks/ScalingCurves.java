package dev.fgvc.benchmarks;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.management.ThreadMXBean;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * Measures how time and memory grow with the size of the problem, fits power laws, and writes one
 * SVG for each curve and {@code scaling.json} for all.
 *
 * <pre>
 *   java -Xmx6g -cp fgvc-benchmarks/target/benchmarks.jar dev.fgvc.benchmarks.ScalingCurves folder=curves
 *   ... ScalingCurves folder=curves curve=emd largest=30000      # image level; minutes to an hour
 * </pre>
 */
public final class ScalingCurves {

  private static final int RUNS = 3;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** One size, ready to be measured and cleaned up afterwards. */
  private record Trial(double size, Callable<?> work, AutoCloseable resources) {}

  @FunctionalInterface
  private interface Sizes {
    Trial prepare(int size) throws IOException;
  }

  private ScalingCurves() {}

  /**
   * Measures and writes.
   *
   * @param arguments {@code folder=} where the files go; {@code curve=} one of emd, emd-streamed,
   *     loader-threads, batch, resolution, or all; {@code largest=} of the EMD's classes, 4000
   *     unless given; {@code network=} of batch and resolution; {@code width=} of its channels
   * @throws Exception if something cannot be computed or written
   */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = new TreeMap<>();
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      if (pair.length != 2) {
        throw new IllegalArgumentException("'" + argument + "' is not name=value");
      }
      settings.put(pair[0], pair[1]);
    }
    Path folder = Path.of(settings.getOrDefault("folder", "scaling"));
    Files.createDirectories(folder);
    JsonArray all = new JsonArray();
    for (ScalingCurve curve : measure(settings)) {
      WholeFile.write(
          folder.resolve(curve.name() + ".svg"), curve.svg().getBytes(StandardCharsets.UTF_8));
      all.add(json(curve));
      System.out.printf(
          Locale.ROOT,
          "%s: time as size^%.2f, memory as size^%.2f%n",
          curve.title(),
          curve.time().exponent(),
          curve.memory().exponent());
    }
    String text = new GsonBuilder().setPrettyPrinting().create().toJson(all);
    WholeFile.write(folder.resolve("scaling.json"), text.getBytes(StandardCharsets.UTF_8));
  }

  static List<ScalingCurve> measure(Map<String, String> settings) throws Exception {
    String wanted = settings.getOrDefault("curve", "all");
    int largest = Integer.parseInt(settings.getOrDefault("largest", "4000"));
    int side = Integer.parseInt(settings.getOrDefault("side", "299"));
    List<ScalingCurve> curves = new ArrayList<>();
    for (String name : List.of("emd", "emd-streamed", "loader-threads", "batch", "resolution")) {
      if (!wanted.equals("all") && !wanted.equals(name)) {
        continue;
      }
      curves.add(
          switch (name) {
            case "emd" ->
                curve(
                    name,
                    "exact EMD from costs in memory",
                    "classes of each domain",
                    doublings(largest),
                    size -> transport(size, false));
            case "emd-streamed" ->
                curve(
                    name,
                    "exact EMD from features",
                    "classes of each domain",
                    doublings(largest),
                    size -> transport(size, true));
            case "loader-threads" ->
                curve(
                    name,
                    "an epoch of 128 photos",
                    "threads of the loader",
                    new int[] {1, 2, 4},
                    size -> epoch(size, side));
            case "batch" ->
                curve(
                    name,
                    "inference, " + network(settings),
                    "images of a batch",
                    new int[] {1, 2, 4, 8, 16},
                    size -> inference(settings, size, side, size));
            default ->
                curve(
                    name,
                    "inference of 4 images, " + network(settings),
                    "height and width in pixels",
                    new int[] {side, side * 3 / 2, side * 15 / 8},
                    size -> inference(settings, 4, size, size));
          });
    }
    if (curves.isEmpty()) {
      throw new IllegalArgumentException("no curve is called " + wanted);
    }
    return curves;
  }

  /** Four sizes, each twice the one before. */
  private static int[] doublings(int largest) {
    if (largest < 80) {
      throw new IllegalArgumentException("largest=" + largest + " is below 80");
    }
    return new int[] {largest / 8, largest / 4, largest / 2, largest};
  }

  private static ScalingCurve curve(
      String name, String title, String axis, int[] sizes, Sizes trials) throws Exception {
    List<ScalingCurve.Point> points = new ArrayList<>();
    for (int size : sizes) {
      Trial trial = trials.prepare(size);
      try {
        points.add(point(trial));
      } finally {
        trial.resources.close();
      }
    }
    return new ScalingCurve(name, title, axis, points);
  }

  /** The first run warms up and is left out. */
  private static ScalingCurve.Point point(Trial trial) throws Exception {
    double[] seconds = new double[RUNS];
    long bytes = 0;
    for (int run = -1; run < RUNS; run++) {
      long before = allocated();
      long start = System.nanoTime();
      Object result = trial.work.call();
      double passed = (System.nanoTime() - start) / 1e9;
      if (result == null) {
        throw new IllegalStateException("the work has no result");
      }
      if (run >= 0) {
        seconds[run] = passed;
        bytes = Math.max(1, allocated() - before);
      }
    }
    Arrays.sort(seconds);
    return new ScalingCurve.Point(trial.size, seconds[RUNS / 2], bytes);
  }

  private static long allocated() {
    long[] bytes = THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds());
    return Arrays.stream(bytes).filter(count -> count > 0).sum();
  }

  private static Trial transport(int size, boolean streamed) {
    ExactEmdBenchmark benchmark = new ExactEmdBenchmark();
    benchmark.size = size + "x" + size + "x64";
    if (streamed) {
      benchmark.drawFeatures();
    } else {
      benchmark.draw();
    }
    return new Trial(size, streamed ? benchmark::streamed : benchmark::dense, () -> {});
  }

  private static Trial epoch(int threads, int side) throws IOException {
    BatchLoaderBenchmark benchmark = new BatchLoaderBenchmark();
    benchmark.threads = threads;
    benchmark.side = side;
    benchmark.paint();
    return new Trial(threads, benchmark::epoch, benchmark::delete);
  }

  private static String network(Map<String, String> settings) {
    return settings.getOrDefault("network", "INCEPTION_V3");
  }

  private static Trial inference(Map<String, String> settings, int batch, int side, int size) {
    InferenceBenchmark benchmark = new InferenceBenchmark();
    benchmark.architecture = network(settings);
    benchmark.width = Double.parseDouble(settings.getOrDefault("width", "1"));
    benchmark.batch = batch;
    benchmark.side = side;
    benchmark.compile();
    return new Trial(size, benchmark::logits, benchmark::close);
  }

  private static JsonObject json(ScalingCurve curve) {
    JsonObject object = new JsonObject();
    object.addProperty("name", curve.name());
    object.addProperty("title", curve.title());
    object.addProperty("axis", curve.axis());
    object.addProperty("timeExponent", curve.time().exponent());
    object.addProperty("memoryExponent", curve.memory().exponent());
    JsonArray points = new JsonArray();
    for (ScalingCurve.Point point : curve.points()) {
      JsonObject entry = new JsonObject();
      entry.addProperty("size", point.size());
      entry.addProperty("seconds", point.seconds());
      entry.addProperty("allocatedBytes", point.bytes());
      points.add(entry);
    }
    object.add("points", points);
    return object;
  }
}
