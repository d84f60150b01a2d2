package dev.fgvc.nets.cluster.spark;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.GroundDistance;
import dev.fgvc.emd.ImageDomain;
import dev.fgvc.emd.SetSelection;
import dev.fgvc.emd.SimilarityInterval;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.TooManyDamagedImagesException;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.GraphFile;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import dev.fgvc.random.SplitMix64;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import scala.Tuple2;

/**
 * The application of {@link SparkClusterTest}: prints a line for each thing that holds, and ends
 * with an exception at the first that does not. It computes the expected results itself, as a
 * process with as many of libtorch's threads as executors have.
 */
final class ClusterChecks {

  private static final Resolution SIZE = Resolution.square(64);
  private static final int IMAGES = 600;
  private static final int CLASSES = 5;

  private final Path folder;
  private final JavaSparkContext context;
  private final NetworkGraph graph =
      Architecture.RESNET_V2_50.builder().classes(3).widthMultiplier(0.125).build();
  private final Weights weights = Weights.initialize(graph, 7);
  private final Dataset dataset;
  private final DomainFeatures expected;

  private ClusterChecks(Path folder, JavaSparkContext context) throws IOException {
    this.folder = folder;
    this.context = context;
    this.dataset = photos(folder.resolve("photos"));
    try (Network network = Engine.torch().compile(graph, weights)) {
      expected =
          FeatureExtraction.with(network, SIZE).extract(dataset, folder.resolve("one machine"));
    }
  }

  /** Noise in many sizes. */
  private static Dataset photos(Path folder) throws IOException {
    Files.createDirectories(folder);
    List<LabeledImage> images = new ArrayList<>();
    SplitMix64 random = new SplitMix64(1);
    for (int i = 0; i < IMAGES; i++) {
      BufferedImage image = new BufferedImage(60 + i % 30, 50 + i % 40, BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < image.getHeight(); y++) {
        for (int x = 0; x < image.getWidth(); x++) {
          image.setRGB(x, y, random.nextInt());
        }
      }
      Path file = folder.resolve(i + ".png");
      ImageIO.write(image, "png", file.toFile());
      images.add(new LabeledImage(file, i * CLASSES / IMAGES));
    }
    return Dataset.of("noise", List.of("a", "b", "c", "d", "e"), images);
  }

  public static void main(String[] arguments) throws Exception {
    SparkConf conf = new SparkConf().setAppName("checks");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      ClusterChecks checks = new ClusterChecks(Path.of(arguments[0]), context);
      checks.anyNumberOfPartitionsGivesTheSameBits();
      checks.aKilledExecutorAndAStragglerLeaveNoTrace();
      checks.oneMachineGoesOnWithWhatTheClusterKept();
      checks.recordsGiveTheSameBits();
      checks.damagedImagesAreNamedOrLeftOut();
      checks.anInterruptedDriverCancelsItsJob();
      checks.aJobCancelledInSparkSaysSo();
      checks.similaritiesAreThoseOfOneMachine();
      checks.selectionsTakeTheGroundDistance();
      checks.filesOfExecutorsLieInTheFolderOfTheTest();
      if (Files.exists(Path.of("/proc/net/tcp"))) {
        everyPortIsOnTheLoopbackInterface();
      }
    }
  }

  private static void passed(String check) {
    System.out.println("passed: " + check);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  private SparkFeatureExtraction extraction() {
    return SparkFeatureExtraction.with(context, graph, weights, SIZE);
  }

  private static void requireSame(DomainFeatures found, DomainFeatures expected) {
    require(Arrays.equals(found.toBytes(), expected.toBytes()), found + " has other bits on Spark");
  }

  private void anyNumberOfPartitionsGivesTheSameBits() {
    for (int partitions : new int[] {1, 2, 3}) {
      List<Long> reported = new ArrayList<>();
      requireSame(
          extraction()
              .withPartitions(partitions)
              .withProgress((task, done, total, note) -> reported.add(done))
              .extract(dataset),
          expected);
      require(reported.size() == partitions, "one report for each partition: " + reported);
      require(reported.get(partitions - 1) == IMAGES, "images in the end: " + reported);
    }
    passed("any number of partitions gives the same bits");
  }

  /**
   * The first attempt of partition 1 kills its executor after two batches, and the first one of
   * partition 0 waits until it is told to stop, which only a speculative copy's success brings
   * about.
   */
  private static Backbone hindered(Path opened, Network network) throws IOException {
    Files.writeString(opened, "opened\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    int[] batches = {0};
    return new Backbone() {
      @Override
      public int featureDimension() {
        return network.featureDimension();
      }

      @Override
      public FMatrixRMaj features(ImageBatch images) {
        TaskContext task = TaskContext.get();
        if (task.attemptNumber() == 0 && task.partitionId() == 1 && ++batches[0] == 3) {
          Runtime.getRuntime().halt(137);
        }
        if (task.attemptNumber() == 0 && task.partitionId() == 0) {
          while (true) {
            SparkJob.requireRunning();
            LockSupport.parkNanos(10_000_000);
          }
        }
        return network.features(images);
      }
    };
  }

  private void aKilledExecutorAndAStragglerLeaveNoTrace() throws IOException {
    Path shards = folder.resolve("cluster");
    String opened = folder.resolve("opened.txt").toString();
    String json = GraphFile.toJson(graph);
    byte[] values = weights.toBytes();
    String identity = Network.identity(graph, weights);
    DomainFeatures found =
        SparkFeatureExtraction.with(
                context,
                () -> {
                  NetworkGraph own = GraphFile.parse(json, "closure");
                  Network network = Engine.torch().compile(own, Weights.fromBytes(values));
                  try {
                    return hindered(Path.of(opened), network);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                },
                identity,
                graph.featureDimension(),
                SIZE)
            .withPartitions(3)
            .extract(dataset, shards);
    requireSame(found, expected);
    require(
        contents(shards).equals(contents(folder.resolve("one machine"))),
        "kept files differ: " + contents(shards).keySet());
    int compiled = Files.readAllLines(Path.of(opened)).size();
    require(
        compiled == 3, "compiled once in each of two executors and in the one after: " + compiled);
    passed("a killed executor and a straggler leave no trace");
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Arrays.hashCode(Files.readAllBytes(file)) + "");
      }
    }
    return contents;
  }

  private void oneMachineGoesOnWithWhatTheClusterKept() throws IOException {
    Path shards = folder.resolve("cluster");
    Files.delete(shards.resolve("features-00001.npy"));
    try (Network network = Engine.torch().compile(graph, weights)) {
      requireSame(FeatureExtraction.with(network, SIZE).extract(dataset, shards), expected);
    }
    Files.delete(shards.resolve("features-00000.npy"));
    requireSame(extraction().extract(dataset, shards), expected);
    require(FeatureShards.in(shards, graph.featureDimension()).imageCount() == IMAGES, "all kept");
    Path onePartition = folder.resolve("one partition");
    for (List<String> missing :
        List.of(
            List.<String>of(),
            List.of("features-00000.npy", "features-00002.npy"),
            List.of("features-00001.npy", "features-00002.npy"))) {
      for (String file : missing) {
        Files.delete(onePartition.resolve(file));
      }
      requireSame(extraction().withPartitions(1).extract(dataset, onePartition), expected);
      require(
          contents(onePartition).equals(contents(folder.resolve("one machine"))),
          "kept files differ where these were missing: " + missing);
    }
    passed("one machine and the cluster go on with what the other kept");
  }

  private JavaPairRDD<Integer, byte[]> records(Dataset images, int partitions) throws IOException {
    List<Tuple2<Integer, byte[]>> records = new ArrayList<>();
    for (LabeledImage image : images.images()) {
      records.add(new Tuple2<>(image.label(), Files.readAllBytes(image.path())));
    }
    return context.parallelizePairs(records, partitions);
  }

  private void recordsGiveTheSameBits() throws IOException {
    for (int partitions : new int[] {1, 7}) {
      requireSame(
          extraction().extract("noise", dataset.classNames(), records(dataset, partitions)),
          expected);
    }
    passed("records give the same bits");
  }

  private void damagedImagesAreNamedOrLeftOut() throws IOException {
    List<LabeledImage> images = new ArrayList<>(dataset.images());
    for (int i : new int[] {3, 40, 301}) {
      Path cut = folder.resolve("cut" + i + ".png");
      byte[] png = Files.readAllBytes(dataset.path(i));
      if (i == 40) { // all but the pixels is whole
        int pixels = new String(png, StandardCharsets.ISO_8859_1).indexOf("IDAT") + 4;
        Arrays.fill(png, pixels, pixels + 8, (byte) 0xFF);
      }
      Files.write(cut, i == 40 ? png : Arrays.copyOf(png, 100));
      images.set(i, new LabeledImage(cut, dataset.images().get(i).label()));
    }
    Dataset damaged = Dataset.of("noise", dataset.classNames(), images);
    DomainFeatures without;
    try (Network network = Engine.torch().compile(graph, weights)) {
      without =
          FeatureExtraction.with(network, SIZE)
              .withDamagedImages(DamagedImages.skip(3), report -> {})
              .extract(damaged);
    }
    List<Integer> skipped = new ArrayList<>();
    SparkFeatureExtraction lenient =
        extraction()
            .withDamagedImages(
                DamagedImages.skip(3),
                found -> found.forEach(image -> skipped.add(image.position())));
    requireSame(lenient.extract(damaged), without);
    requireSame(lenient.extract("noise", damaged.classNames(), records(damaged, 4)), without);
    require(skipped.equals(List.of(3, 40, 301, 3, 40, 301)), "left out: " + skipped);
    try {
      extraction().extract(damaged);
      throw new IllegalStateException("damage passed");
    } catch (ImageFormatException e) {
      require(e.getMessage().contains("cut"), e.getMessage());
    }
    try {
      extraction().extract("noise", damaged.classNames(), records(damaged, 4));
      throw new IllegalStateException("damage passed");
    } catch (ImageFormatException e) {
      require(e.getMessage().contains("record"), e.getMessage());
    }
    try {
      extraction().withDamagedImages(DamagedImages.skip(2), found -> {}).extract(damaged);
      throw new IllegalStateException("damage passed");
    } catch (TooManyDamagedImagesException e) {
      require(e.getMessage().contains("at most 2"), e.getMessage());
    }
    List<LabeledImage> missing = new ArrayList<>(dataset.images());
    missing.set(3, new LabeledImage(folder.resolve("not there.png"), 0));
    try {
      extraction().extract(Dataset.of("noise", dataset.classNames(), missing));
      throw new IllegalStateException("a missing file passed");
    } catch (ClusterException e) {
      require(e.getMessage().contains("not there.png cannot be read"), e.getMessage());
    }
    passed("damaged images are named or left out");
  }

  private void anInterruptedDriverCancelsItsJob() {
    Thread driver = Thread.currentThread();
    try {
      extraction()
          .withPartitions(3)
          .withProgress((task, done, total, note) -> driver.interrupt())
          .extract(dataset);
      throw new IllegalStateException("not cancelled");
    } catch (CancellationException e) {
      require(Thread.interrupted(), "the thread stays interrupted");
    }
    requireSame(extraction().extract(dataset), expected);
    passed("an interrupted driver cancels its job");
  }

  /** Returns what a process has open; it may end, or open and close files, in the meantime. */
  private static Set<String> openFiles(long process) throws IOException {
    Set<String> open = new HashSet<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + process + "/fd"))) {
      for (Path file : files.toList()) {
        try {
          open.add(Files.readSymbolicLink(file).toString());
        } catch (NoSuchFileException e) {
          // closed
        }
      }
    } catch (NoSuchFileException e) {
      // ended
    }
    return open;
  }

  /** Looks at master, workers, driver and executors, which this process's parent has started. */
  private static void everyPortIsOnTheLoopbackInterface() throws IOException {
    Set<String> sockets = new HashSet<>();
    for (ProcessHandle process :
        ProcessHandle.current().parent().orElseThrow().descendants().toList()) {
      sockets.addAll(openFiles(process.pid()));
    }
    int listening = 0;
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.strip().split("\\s+");
        boolean own = fields.length > 9 && sockets.contains("socket:[" + fields[9] + "]");
        if (own && fields[3].equals("0A")) {
          // The last byte of the address comes first: 0100007F, in IPv6 behind ::ffff:.
          String host = fields[1].substring(0, fields[1].indexOf(':'));
          require(host.endsWith("7F"), "a port listens on " + fields[1]);
          listening++;
        }
      }
    }
    require(listening > 5, "ports of master, workers and driver, found " + listening);
    passed("every port is on the loopback interface");
  }

  private void aJobCancelledInSparkSaysSo() {
    context.setJobGroup("to be cancelled", "features", false);
    try {
      extraction()
          .withPartitions(3)
          .withProgress((task, done, total, note) -> context.cancelJobGroup("to be cancelled"))
          .extract(dataset);
      throw new IllegalStateException("not cancelled");
    } catch (CancellationException e) {
      require(e.getMessage().contains("cancel"), e.getMessage());
    } finally {
      context.clearJobGroup();
    }
    passed("a job cancelled in Spark says so");
  }

  private void similaritiesAreThoseOfOneMachine() {
    List<DomainFeatures> domains = new ArrayList<>();
    SplitMix64 random = new SplitMix64(3);
    for (int d = 0; d < 3; d++) {
      domains.add(images("d" + d, random).classMeans());
    }
    DomainSimilarity plain = DomainSimilarity.create().withGamma(0.5);
    SparkSimilarity spark =
        SparkSimilarity.with(context)
            .withSimilarity(() -> DomainSimilarity.create().withGamma(0.5));
    List<List<SparkSimilarity.Pair>> pairs = spark.pairs(domains, domains);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        var one = plain.between(domains.get(i), domains.get(j));
        SparkSimilarity.Pair found = pairs.get(i).get(j);
        require(found.emd() == one.emd() && found.similarity() == one.similarity(), "" + found);
      }
    }
    ImageDomain source = images("s", random);
    ImageDomain target = images("t", random);
    SimilarityInterval here = SimilarityInterval.bootstrap(plain, source, target, 30, 0.9, 5);
    SimilarityInterval there =
        spark.bootstrap(source, target, 30, 0.9, 5, SimilarityInterval.Method.BIAS_CORRECTED);
    require(
        here.lowEmd() == there.lowEmd() && here.highSimilarity() == there.highSimilarity(),
        here + " is not " + there);
    Map<DomainFeatures, Integer> wanted = Map.of(domains.get(1), 3, domains.get(2), 5);
    require(
        Arrays.equals(
            spark.union(domains.get(0), wanted),
            SourceSelection.create().union(domains.get(0), wanted)),
        "union");
    require(
        spark
            .rank(domains.get(0), domains)
            .get(2)
            .equals(SourceSelection.create().withGamma(0.5).rank(domains.get(0), domains.get(2))),
        "ranking");
    spark
        .sets(domains.get(0), wanted)
        .forEach(
            (domain, set) -> {
              var one =
                  SetSelection.create().withImageCounts(domains.get(0), domain, wanted.get(domain));
              require(
                  Arrays.equals(set.classes(), one.classes())
                      && Arrays.equals(set.weights(), one.weights())
                      && set.emd() == one.emd(),
                  "set");
            });
    passed("similarities are those of one machine");
  }

  /** Distances from one class mean to another by one of their dimensions alone. */
  private static DomainSimilarity byTheLastDimension() {
    return DomainSimilarity.create()
        .withGroundDistance(
            (from, to) -> {
              int last = from.numCols - 1;
              DMatrixRMaj costs = new DMatrixRMaj(from.numRows, to.numRows);
              for (int i = 0; i < from.numRows; i++) {
                for (int j = 0; j < to.numRows; j++) {
                  costs.set(i, j, Math.abs(from.get(i, last) - to.get(j, last)));
                }
              }
              return costs;
            });
  }

  private void selectionsTakeTheGroundDistance() {
    SplitMix64 random = new SplitMix64(4);
    DomainFeatures source = images("s", random).classMeans();
    DomainFeatures target = images("t", random).classMeans();
    SparkSimilarity spark =
        SparkSimilarity.with(context).withSimilarity(ClusterChecks::byTheLastDimension);
    GroundDistance distance = byTheLastDimension().groundDistance();
    SourceSelection selection = SourceSelection.create().withGroundDistance(distance);
    require(
        spark.rank(source, List.of(target)).get(0).equals(selection.rank(source, target)),
        "ranking by another distance");
    require(
        Arrays.equals(
            spark.union(source, Map.of(target, 3)), selection.union(source, Map.of(target, 3))),
        "union by another distance");
    require(
        spark.sets(source, Map.of(target, 3)).get(target).emd()
            == SetSelection.create()
                .withGroundDistance(distance)
                .withImageCounts(source, target, 3)
                .emd(),
        "set by another distance");
    passed("selections take the ground distance");
  }

  /** A worker that is killed leaves its executors' folders where they are. */
  private void filesOfExecutorsLieInTheFolderOfTheTest() {
    List<BinaryReader> found =
        IndexedWork.run(
            "folders of executors",
            context,
            2,
            () ->
                index -> {
                  BinaryWriter result = IndexedWork.result();
                  result.putText(String.valueOf(System.getenv("SPARK_EXECUTOR_DIRS")));
                  return result;
                },
            Progress.none());
    for (BinaryReader each : found) {
      Path path = Path.of(each.text());
      require(path.startsWith(folder) && Files.isDirectory(path), "files of executors in " + path);
    }
    passed("files of executors lie in the folder of the test");
  }

  private static ImageDomain images(String name, SplitMix64 random) {
    FMatrixRMaj features = new FMatrixRMaj(80, 6);
    int[] labels = new int[80];
    for (int i = 0; i < 80; i++) {
      labels[i] = i % 10;
      for (int k = 0; k < 6; k++) {
        features.set(i, k, (float) (labels[i] * (k + 1) % 7 + random.nextGaussian()));
      }
    }
    return new ImageDomain(name, features, labels);
  }
}
