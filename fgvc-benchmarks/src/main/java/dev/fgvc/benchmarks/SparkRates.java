package dev.fgvc.benchmarks;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.ImageFolder;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.cluster.spark.SparkFeatureExtraction;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Measures what Spark costs: features of the same photos by one process that goes through them, and
 * by an executor of a standalone cluster on this machine that has one task at a time, with as many
 * threads for the network in both.
 *
 * <p>Each process extracts twice. The first time counts from its start to features that are kept:
 * the whole of a user's program, with libraries that load and a network that is compiled, and on
 * Spark with an executor that starts, on a cluster that is there. The second time is the extraction
 * alone, with all of that warm. The processor's time is that of this second one, of executor and
 * driver together.
 *
 * <p>The traps avoided: the two ways take turns, and in being the first of a round; kept features
 * of all images and the class means are compared bit by bit, round by round, since a mean of many
 * images hides what differs in one of them. The plain loop decodes on threads beside the network's:
 * with no core free for them, compare the processor's time. Batches have 32 images in both ways.
 *
 * <p>Spark is not in {@code benchmarks.jar}. {@code mvn -q -Pspark process-test-classes} puts all
 * of it into {@code fgvc-nets/target/spark}; the home of any distribution of the same version will
 * do, too. This process needs none of it on its class path, and starts the others with it.
 *
 * <pre>
 *   java -cp fgvc-benchmarks/target/benchmarks.jar dev.fgvc.benchmarks.SparkRates
 *   ... SparkRates images=64 rounds=1 width=0.25 side=96
 *   ... SparkRates spark=/opt/spark threads=2 rounds=5
 * </pre>
 */
final class SparkRates {

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "spark", "fgvc-nets/target/spark",
          "images", "1000",
          "photo", "375x500",
          "network", "RESNET_V2_50",
          "width", "1",
          "side", "224",
          "threads", "1",
          "rounds", "3");

  private static final List<String> OPTIONS =
      List.of(
          "-XX:+IgnoreUnrecognizedVMOptions",
          "--enable-native-access=ALL-UNNAMED",
          "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");

  /** How long this process may take to end after it was asked to. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Map<String, ToDoubleFunction<ExtractionTimes>> MEASURES =
      new TreeMap<>(
          Map.of(
              "extraction",
              ExtractionTimes::extraction,
              "processor",
              ExtractionTimes::cpu,
              "whole",
              ExtractionTimes::whole));

  private SparkRates() {}

  /**
   * Measures and prints.
   *
   * @param arguments {@code spark=} the folder whose folder jars has Spark's, {@code images=},
   *     {@code photo=} their height and width, {@code network=}, {@code width=} of its channels,
   *     {@code side=} of its images, {@code threads=} of the network, {@code rounds=} whose median
   *     counts
   * @throws IllegalArgumentException if a name is none of these, a value is not of its form, Spark
   *     is not there, or there is no image, thread or round
   * @throws IllegalStateException if a process fails, a processor time is not known, or the
   *     features differ
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Settings settings = Settings.parse(DEFAULTS, arguments);
    int images = settings.numberFrom(1, "images");
    int threads = settings.numberFrom(1, "threads");
    int rounds = settings.numberFrom(1, "rounds");
    Resolution photo = settings.size("photo");
    requireNetwork(settings);
    Path home = settings.path("spark");
    if (!Files.isDirectory(home.resolve("jars"))) {
      throw new IllegalArgumentException(
          "spark="
              + home
              + ": there is no folder jars; mvn -q -Pspark process-test-classes makes it");
    }
    Thread end = atEnd(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(end);
    Path folder = Files.createTempDirectory("spark");
    try (TemporaryPhotos photos = TemporaryPhotos.paint(images, photo);
        StandaloneCluster cluster = StandaloneCluster.start(home, folder, threads, OPTIONS)) {
      System.out.printf(Locale.ROOT, "%-24s%12s%12s%12s%n", "", "one process", "Spark", "overhead");
      List<Round> all = rounds(settings.with("photos", photos.folder()), folder, cluster);
      print("medians", all);
      System.out.println("features and class means: the same bits in all rounds");
    } finally {
      TemporaryPhotos.delete(folder);
    }
    Runtime.getRuntime().removeShutdownHook(end);
  }

  /** Refuses here what the processes would refuse. */
  private static void requireNetwork(Settings settings) {
    NetworkGraph graph = Networks.graph(settings);
    graph.outputShape(resolution(settings));
  }

  /**
   * Ends what this process has started, when it is asked to end itself, until the thread that waits
   * for it has put all files away.
   */
  private static Thread atEnd(Thread main) {
    return new Thread(
        () -> {
          long end = System.nanoTime() + PATIENCE.toNanos();
          try {
            while (main.isAlive() && System.nanoTime() - end < 0) {
              ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
              main.join(100);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static List<Round> rounds(Settings settings, Path folder, StandaloneCluster cluster)
      throws IOException, InterruptedException {
    Path errors = folder.resolve("errors.log");
    Path one = folder.resolve("one process");
    Path spark = folder.resolve("spark");
    List<Round> rounds = new ArrayList<>();
    for (int i = 1; i <= settings.number("rounds"); i++) {
      ExtractionTimes plain;
      ExtractionTimes onSpark;
      if (i % 2 == 1) {
        plain = plain(settings.with("features", one), errors);
        onSpark = spark(settings.with("features", spark), cluster, errors);
      } else {
        onSpark = spark(settings.with("features", spark), cluster, errors);
        plain = plain(settings.with("features", one), errors);
      }
      requireSameFiles(one, spark);
      TemporaryPhotos.delete(one);
      TemporaryPhotos.delete(spark);
      rounds.add(new Round(plain, onSpark));
      print("round " + i, rounds.subList(i - 1, i));
    }
    return rounds;
  }

  private static ExtractionTimes plain(Settings settings, Path errors)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    command.add(OneProcess.class.getName());
    command.addAll(settings.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", settings.text("threads"));
    builder.redirectError(errors.toFile());
    return ExtractionTimes.of("the one process", builder::start, errors, Stream::empty);
  }

  private static ExtractionTimes spark(Settings settings, StandaloneCluster cluster, Path errors)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(OPTIONS);
    options.add("-Xmx1g");
    try {
      return ExtractionTimes.of(
          "Spark's driver",
          () -> cluster.startDriver(Driver.class, options, settings, errors),
          errors,
          cluster::executors);
    } catch (IllegalStateException e) {
      cluster.requireRunning(); // or its end is the reason
      throw e;
    }
  }

  private static void requireSameFiles(Path one, Path spark) throws IOException {
    List<Path> expected = files(one);
    if (!files(spark).equals(expected)) {
      throw new IllegalStateException("Spark has kept " + files(spark) + " and not " + expected);
    }
    for (Path file : expected) {
      long place = Files.mismatch(one.resolve(file), spark.resolve(file));
      if (place >= 0) {
        throw new IllegalStateException(file + " has other bits on Spark, from byte " + place);
      }
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(Path::getFileName).sorted().toList();
    }
  }

  /** Prints medians of some rounds, those of the overhead as of a number of its own. */
  private static void print(String title, List<Round> rounds) {
    MEASURES.forEach(
        (name, measure) ->
            System.out.printf(
                Locale.ROOT,
                "%-24s%10.3f s%10.3f s%+10.2f %%%n",
                title + ", " + name,
                median(rounds, round -> measure.applyAsDouble(round.plain())),
                median(rounds, round -> measure.applyAsDouble(round.spark())),
                median(rounds, round -> round.overhead(measure))));
  }

  private static double median(List<Round> rounds, ToDoubleFunction<Round> measure) {
    double[] values = rounds.stream().mapToDouble(measure).sorted().toArray();
    return values[values.length / 2];
  }

  /** Both ways, one after the other. */
  private record Round(ExtractionTimes plain, ExtractionTimes spark) {

    /** In per cent of the plain loop. */
    double overhead(ToDoubleFunction<ExtractionTimes> measure) {
      return 100 * (measure.applyAsDouble(spark) / measure.applyAsDouble(plain) - 1);
    }
  }

  @FunctionalInterface
  private interface KeepingExtraction {
    DomainFeatures extract(Dataset photos, Path folder) throws IOException;
  }

  private static void extractTwice(
      Settings settings, KeepingExtraction keeping, Function<Dataset, DomainFeatures> extraction)
      throws IOException {
    Dataset photos = ImageFolder.read(settings.path("photos"));
    Path folder = settings.path("features");
    DomainFeatures kept = keeping.extract(photos, folder);
    ExtractionTimes.sayKept();
    long begin = System.nanoTime();
    DomainFeatures found = extraction.apply(photos);
    ExtractionTimes.sayExtracted((System.nanoTime() - begin) / 1e9);
    Files.write(folder.resolve("kept.domain"), kept.toBytes());
    Files.write(folder.resolve("found.domain"), found.toBytes());
  }

  private static Resolution resolution(Settings settings) {
    return settings.square("side");
  }

  /** The plain loop. */
  static final class OneProcess {

    private OneProcess() {}

    public static void main(String[] arguments) throws IOException {
      Settings settings = Settings.parse(List.of(arguments));
      NetworkGraph graph = Networks.graph(settings);
      try (Network network = Engine.best().compile(graph, Weights.initialize(graph, 1))) {
        FeatureExtraction extraction = FeatureExtraction.with(network, resolution(settings));
        extractTwice(settings, extraction::extract, extraction::extract);
      }
    }
  }

  /** The application on Spark. */
  static final class Driver {

    private Driver() {}

    public static void main(String[] arguments) throws IOException {
      Settings settings = Settings.parse(List.of(arguments));
      SparkConf conf = new SparkConf().setAppName("SparkRates");
      StandaloneCluster.settings(settings).forEach(conf::set);
      NetworkGraph graph = Networks.graph(settings);
      try (JavaSparkContext context = new JavaSparkContext(conf)) {
        SparkFeatureExtraction extraction =
            SparkFeatureExtraction.with(
                context, graph, Weights.initialize(graph, 1), resolution(settings));
        extractTwice(settings, extraction::extract, extraction::extract);
      }
    }
  }
}
