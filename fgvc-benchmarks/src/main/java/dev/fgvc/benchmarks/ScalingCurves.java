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

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "folder", "scaling",
          "curve", "all",
          "runs", "3",
          "largest", "4000",
          "network", "INCEPTION_V3",
          "width", "1",
          "side", "299");

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
    Settings settings = settings(arguments);
    Path folder = settings.path("folder");
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

  static Settings settings(String... arguments) {
    return Settings.parse(DEFAULTS, arguments);
  }

  private static void write(Path file, String text) throws IOException {
    WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static List<ScalingCurve> measure(Settings settings) throws Exception {
    String wanted = settings.text("curve");
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

  private static ScalingCurve measure(String name, Settings settings) throws Exception {
    int largest = settings.numberFrom(80, "largest");
    int side = settings.numberFrom(1, "side");
    int runs = settings.numberFrom(1, "runs");
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
              "inference, " + settings.text("network"),
              "images of a batch",
              new int[] {1, 2, 4, 8, 16},
              runs,
              size -> inference(settings, size, side, size));
      default ->
          curve(
              name,
              "inference of 4 images, " + settings.text("network"),
              "height and width in pixels",
              new int[] {side, side * 3 / 2, side * 15 / 8},
              runs,
              size -> inference(settings, 4, size, size));
    };
  }

  /** Four sizes, each twice the one before. */
  private static int[] doublings(int largest) {
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

  private static Trial inference(Settings settings, int batch, int side, int size) {
    InferenceBenchmark benchmark = new InferenceBenchmark();
    benchmark.architecture = settings.text("network");
    benchmark.width = settings.decimal("width");
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
