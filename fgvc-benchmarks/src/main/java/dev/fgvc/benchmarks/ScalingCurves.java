package dev.fgvc.benchmarks;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.management.ThreadMXBean;
import dev.fgvc.emd.TransportPlan;
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
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Measures how time and memory grow with the size of the problem, fits power laws, and writes two
 * SVGs for each curve, of time and of memory, and {@code scaling.json} for all.
 *
 * <p>Memory is counted twice: the bytes that one run allocates on the heap, whose power law is
 * fitted as they are the same for any heap, and the most that the process held at once, with native
 * libraries and garbage.
 *
 * <pre>
 *   java -Xmx6g -cp fgvc-benchmarks/target/benchmarks.jar dev.fgvc.benchmarks.ScalingCurves folder=curves
 *   ... ScalingCurves folder=curves curve=emd-images largest=30000 runs=1     # some minutes
 * </pre>
 */
public final class ScalingCurves {

  private static final List<String> SETTINGS =
      List.of("folder", "curve", "runs", "largest", "network", "width", "side");

  private static final List<String> NAMES =
      List.of("emd", "emd-streamed", "emd-images", "loader-threads", "batch", "resolution");

  /**
   * Features of class means: few, so that the solver takes most of the time, and not the distances.
   */
  private static final int CLASS_DIMENSION = 64;

  /** Features of single images: enough that a pass over all distances has its usual cost. */
  private static final int IMAGE_DIMENSION = 256;

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
   *     emd-images, loader-threads, batch, resolution, or all; {@code runs=} of each size, whose
   *     median counts, 3 unless given; {@code largest=} of the EMD's classes or images, 4000 unless
   *     given; {@code network=} of batch and resolution; {@code width=} of its channels; {@code
   *     side=} of the images
   * @throws Exception if something cannot be computed or written
   */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = new TreeMap<>();
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      if (pair.length != 2) {
        throw new IllegalArgumentException("'" + argument + "' is not name=value");
      }
      if (!SETTINGS.contains(pair[0])) {
        throw new IllegalArgumentException(
            "no setting is called " + pair[0] + "; there are " + SETTINGS);
      }
      settings.put(pair[0], pair[1]);
    }
    Path folder = Path.of(settings.getOrDefault("folder", "scaling"));
    Files.createDirectories(folder);
    JsonArray all = new JsonArray();
    for (ScalingCurve curve : measure(settings)) {
      write(folder.resolve(curve.name() + ".svg"), curve.timeSvg());
      write(folder.resolve(curve.name() + "-memory.svg"), curve.memorySvg());
      all.add(json(curve));
      System.out.printf(
          Locale.ROOT,
          "%s: time as size^%.2f, memory as size^%.2f%n",
          curve.title(),
          curve.time().exponent(),
          curve.memory().exponent());
    }
    write(
        folder.resolve("scaling.json"), new GsonBuilder().setPrettyPrinting().create().toJson(all));
  }

  private static void write(Path file, String text) throws IOException {
    WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static List<ScalingCurve> measure(Map<String, String> settings) throws Exception {
    String wanted = settings.getOrDefault("curve", "all");
    List<ScalingCurve> curves = new ArrayList<>();
    for (String name : NAMES) {
      if (wanted.equals("all") || wanted.equals(name)) {
        curves.add(measure(name, settings));
      }
    }
    if (curves.isEmpty()) {
      throw new IllegalArgumentException("no curve is called " + wanted + "; there are " + NAMES);
    }
    return curves;
  }

  private static ScalingCurve measure(String name, Map<String, String> settings) throws Exception {
    int largest = number(settings, "largest", 4000);
    int side = number(settings, "side", 299);
    int runs = number(settings, "runs", 3);
    return switch (name) {
      case "emd" ->
          curve(
              name,
              "exact EMD from costs in memory",
              "classes of each domain",
              doublings(largest),
              runs,
              size ->
                  transport(
                      size, CLASS_DIMENSION, ExactEmdBenchmark::draw, ExactEmdBenchmark::dense));
      case "emd-streamed" ->
          curve(
              name,
              "exact EMD from features",
              "classes of each domain",
              doublings(largest),
              runs,
              size ->
                  transport(
                      size,
                      CLASS_DIMENSION,
                      ExactEmdBenchmark::drawFeatures,
                      ExactEmdBenchmark::streamed));
      case "emd-images" ->
          curve(
              name,
              "exact EMD of single images from " + IMAGE_DIMENSION + " features of each",
              "images of each domain",
              doublings(largest),
              runs,
              size ->
                  transport(
                      size,
                      IMAGE_DIMENSION,
                      ExactEmdBenchmark::drawImages,
                      ExactEmdBenchmark::streamed));
      case "loader-threads" ->
          curve(
              name,
              "an epoch of 128 photos",
              "threads of the loader",
              new int[] {1, 2, 4},
              runs,
              size -> epoch(size, side));
      case "batch" ->
          curve(
              name,
              "inference, " + network(settings),
              "images of a batch",
              new int[] {1, 2, 4, 8, 16},
              runs,
              size -> inference(settings, size, side, size));
      default ->
          curve(
              name,
              "inference of 4 images, " + network(settings),
              "height and width in pixels",
              new int[] {side, side * 3 / 2, side * 15 / 8},
              runs,
              size -> inference(settings, 4, size, size));
    };
  }

  private static int number(Map<String, String> settings, String name, int otherwise) {
    int value = Integer.parseInt(settings.getOrDefault(name, String.valueOf(otherwise)));
    if (value < 1) {
      throw new IllegalArgumentException(name + "=" + value + " is below 1");
    }
    return value;
  }

  /** Four sizes, each twice the one before. */
  private static int[] doublings(int largest) {
    if (largest < 80) {
      throw new IllegalArgumentException("largest=" + largest + " is below 80");
    }
    return new int[] {largest / 8, largest / 4, largest / 2, largest};
  }

  private static ScalingCurve curve(
      String name, String title, String axis, int[] sizes, int runs, Sizes trials)
      throws Exception {
    List<ScalingCurve.Point> points = new ArrayList<>();
    for (int size : sizes) {
      Trial trial = trials.prepare(size);
      try {
        points.add(point(trial, runs));
      } finally {
        trial.resources.close();
      }
    }
    return new ScalingCurve(name, title, axis, points);
  }

  /** The first run warms up and is left out. */
  private static ScalingCurve.Point point(Trial trial, int runs) throws Exception {
    double[] seconds = new double[runs];
    long bytes = 0;
    System.gc(); // the garbage of the size before is none of this one's
    ResidentPeak.reset();
    for (int run = -1; run < runs; run++) {
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
    return new ScalingCurve.Point(trial.size, seconds[runs / 2], bytes, ResidentPeak.bytes());
  }

  private static long allocated() {
    long[] bytes = THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds());
    return Arrays.stream(bytes).filter(count -> count > 0).sum();
  }

  private static Trial transport(
      int size,
      int dimension,
      Consumer<ExactEmdBenchmark> preparation,
      Function<ExactEmdBenchmark, TransportPlan> work) {
    ExactEmdBenchmark benchmark = new ExactEmdBenchmark();
    benchmark.size = size + "x" + size + "x" + dimension;
    preparation.accept(benchmark);
    return new Trial(size, () -> work.apply(benchmark), () -> {});
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
      point.residentBytes().ifPresent(bytes -> entry.addProperty("peakResidentBytes", bytes));
      points.add(entry);
    }
    object.add("points", points);
    return object;
  }
}
