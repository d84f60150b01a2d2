package dev.fgvc.nets.cluster.spark;

import dev.fgvc.data.Dataset;
import dev.fgvc.feature.ClassMeans;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageDecoding;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.SkippedImage;
import dev.fgvc.loader.TooManyDamagedImagesException;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.KeptFeatures;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.Function1;
import scala.Tuple2;
import scala.collection.Iterator;

/**
 * Extracts features like {@link dev.fgvc.nets.eval.FeatureExtraction}, on a Spark cluster: a
 * domain's class means from the penultimate features of its images (section 4.1). Each executor
 * compiles the network once and keeps it; each task computes on as many threads as libtorch has in
 * the executor, which Spark sets to {@code spark.task.cpus} unless {@code
 * spark.executorEnv.OMP_NUM_THREADS} says otherwise. Immutable.
 *
 * <p>The result is that of one machine with the same instruction set and the same number of
 * libtorch's threads, bit by bit, whatever the number of partitions and executors, with speculation
 * and when executors are lost. Two things see to that: an image is computed at its place in a batch
 * of the same size as there, and sums are exact ({@link ClassMeans}), so their order leaves no
 * trace. Nothing counts twice, as sums come back with the results of tasks, of which Spark takes
 * one for each partition.
 *
 * <p>Images are reported as partitions are done. A thread that is interrupted, or a job that is
 * cancelled in Spark, ends in a {@link java.util.concurrent.CancellationException}; the tasks stop
 * at their next image.
 *
 * <pre>{@code
 * DomainFeatures birds =
 *     SparkFeatureExtraction.with(context, graph, weights, Resolution.square(299))
 *         .withProgress(ConsoleProgress.to(System.err))
 *         .extract(dataset, Path.of("/mnt/shared/features/birds"));
 * }</pre>
 */
public final class SparkFeatureExtraction {

  private final ExtractionSettings settings;

  private SparkFeatureExtraction(ExtractionSettings settings) {
    this.settings = settings;
  }

  /**
   * An extraction with a network, in float32 on the executors' CPUs. The network is broadcast now.
   *
   * @param context of the cluster, which needs this library, an engine and their natives on the
   *     executors' class path ({@code spark.jars})
   * @param graph the network
   * @param weights a value for each of its variables
   * @param resolution of the central crops
   * @return the extraction, from upright central crops with pixels from -1 to 1
   * @throws IllegalArgumentException if a variable is missing or of another shape
   * @throws IllegalStateException if the executors' settings leave too little memory; the message
   *     says what to set
   */
  public static SparkFeatureExtraction with(
      JavaSparkContext context, NetworkGraph graph, Weights weights, Resolution resolution) {
    ExecutorSettings executors = ExecutorSettings.of(context.getConf());
    executors.requireRoomFor(ExecutorSettings.nativeBytes(graph, resolution, executors.tasks()));
    String name = Network.identity(graph, weights);
    return new SparkFeatureExtraction(
        new ExtractionSettings(
            context,
            BackboneSource.OfNetwork.of(context, graph, weights, name),
            graph.featureDimension(),
            uprightCrops(resolution)));
  }

  /**
   * An extraction with any backbone that executors can make for themselves, such as one that they
   * read from a file.
   *
   * @param context of the cluster
   * @param backbone makes it once in each executor; closed there, if it is {@link AutoCloseable},
   *     when another one takes its place
   * @param identity tells this backbone from all others, in one line; its own {@link
   *     Backbone#identity} where it has one, so that one machine goes on with kept features
   * @param featureDimension the length of its feature vectors
   * @param resolution of the central crops
   * @return the extraction, from upright central crops with pixels from -1 to 1
   */
  public static SparkFeatureExtraction with(
      JavaSparkContext context,
      SerializableSupplier<Backbone> backbone,
      String identity,
      int featureDimension,
      Resolution resolution) {
    return new SparkFeatureExtraction(
        new ExtractionSettings(
            context,
            new BackboneSource.OfSupplier(backbone, identity),
            featureDimension,
            uprightCrops(resolution)));
  }

  private static SerializableSupplier<ImageTransform> uprightCrops(Resolution resolution) {
    int height = resolution.height();
    int width = resolution.width();
    return () ->
        CentralCrop.of(new Resolution(height, width))
            .withDecoding(ImageDecoding.exact().withUpright(true));
  }

  private SparkFeatureExtraction with(Consumer<ExtractionSettings> change) {
    return new SparkFeatureExtraction(settings.with(change));
  }

  /**
   * The same with another engine, device or precision. Kept features are noted as those of the
   * precision that is asked for, also where executors compute in {@link
   * dev.fgvc.nets.engine.Precision#FP32} instead; a single machine that does the same refuses to go
   * on with those.
   *
   * @param engine the name of an engine, as {@link dev.fgvc.nets.engine.Engine#name()} gives it
   * @param options where and how exactly executors compute
   * @return a new extraction
   * @throws IllegalStateException if the backbone is not a network that was given as such
   */
  public SparkFeatureExtraction withEngine(String engine, InferenceOptions options) {
    if (!(settings.backbone instanceof BackboneSource.OfNetwork network)) {
      throw new IllegalStateException(
          "a backbone of its own has no engine: " + settings.backbone.key());
    }
    return with(changed -> changed.backbone = network.with(engine, options));
  }

  /**
   * The same from another crop, decoding or normalization.
   *
   * @param other makes a transform of one view without random choices; called here once and in each
   *     task
   * @return a new extraction
   * @throws IllegalArgumentException if the transform makes several views or random choices
   */
  public SparkFeatureExtraction withTransform(SerializableSupplier<ImageTransform> other) {
    KeptFeatures.requireOneView(other.get());
    return with(changed -> changed.transform = other);
  }

  /**
   * The same in another number of tasks for files; records have the partitions of their RDD.
   *
   * @param count at least 1; no more are used than there are shards of {@value
   *     KeptFeatures#SHARD_SIZE} images. Four for each of the cluster's task slots unless set
   * @return a new extraction
   * @throws IllegalArgumentException if the count is less than 1
   */
  public SparkFeatureExtraction withPartitions(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("partitions " + count + ": must be at least 1");
    }
    return with(changed -> changed.partitions = OptionalInt.of(count));
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of the images of each partition that is done, on the calling thread
   * @return a new extraction
   */
  public SparkFeatureExtraction withProgress(Progress listener) {
    return with(changed -> changed.progress = listener);
  }

  /**
   * The same with or without damaged images, which otherwise end an extraction. Where they may be
   * skipped, the cluster decodes all images first, and so each whole one twice.
   *
   * @param policy whether damaged images are left out, and how many at most
   * @param report hears what is left out and why, before the first batch; not called where all
   *     images are whole
   * @return a new extraction
   */
  public SparkFeatureExtraction withDamagedImages(
      DamagedImages policy, Consumer<List<SkippedImage>> report) {
    return with(
        changed -> {
          changed.damaged = policy;
          changed.skipped = report;
        });
  }

  /**
   * The features of a domain whose files the executors see under the same absolute paths.
   *
   * @param dataset its images
   * @return one mean and one count for each class
   * @throws IllegalArgumentException if a class has no image
   * @throws IllegalStateException if the class sums of all partitions may exceed {@code
   *     spark.driver.maxResultSize}
   * @throws ImageFormatException if an image is damaged and none may be skipped
   * @throws TooManyDamagedImagesException if more are damaged than may be skipped
   * @throws ClusterException if Spark gives up
   */
  public DomainFeatures extract(Dataset dataset) {
    return extractFrom(usable(dataset), "");
  }

  /**
   * The features of a domain, with those of all images kept in a folder that the driver and all
   * executors see. The folder is the same, byte by byte, as {@link
   * dev.fgvc.nets.eval.FeatureExtraction} makes it on one machine, and either goes on with what the
   * other has kept. Executors write different shards at the same time; a run that was interrupted
   * computes what is missing.
   *
   * @param dataset its images
   * @param folder for the shards of this data set, backbone and transform alone; made if it is not
   *     there
   * @return one mean and one count for each class; {@link FeatureShards} reads what the folder
   *     holds
   * @throws IOException if the driver cannot read or write the folder
   * @throws IllegalArgumentException if a class has no image, or what is in the folder is of
   *     another origin
   * @throws IllegalStateException as {@link #extract(Dataset)} does
   * @throws ImageFormatException if an image is damaged and none may be skipped
   * @throws TooManyDamagedImagesException if more are damaged than may be skipped
   * @throws ClusterException if Spark gives up
   */
  public DomainFeatures extract(Dataset dataset, Path folder) throws IOException {
    Dataset usable = usable(dataset);
    usable.requireImagesInEachClass();
    Map<String, String> origin = KeptFeatures.origin(usable, settings.transform.get());
    origin.put("backbone", settings.backbone.identity());
    FeatureShards.in(folder, settings.dimension).requireOrigin(origin);
    DomainFeatures domain = extractFrom(usable, folder.toAbsolutePath().toString());
    FeatureShards.shared(folder, settings.dimension).deletePartial();
    return domain;
  }

  private Dataset usable(Dataset dataset) {
    return new UsableImages(settings).of(partitions(dataset));
  }

  private DatasetPartitions partitions(Dataset dataset) {
    int most = settings.partitions.orElseGet(() -> SparkJob.usualPartitions(settings.context));
    return DatasetPartitions.of(dataset, most);
  }

  private DomainFeatures extractFrom(Dataset dataset, String folder) {
    dataset.requireImagesInEachClass();
    DatasetPartitions partitions = partitions(dataset);
    ExecutorSettings.of(settings.context.getConf())
        .requireRoomForResults(partitions.resultBytes(settings.dimension));
    FeatureTask task =
        new FeatureTask(settings.backbone, settings.transform, dataset.size(), folder);
    return sum(dataset.name(), dataset.size(), partitions.rdd(settings.context), task)
        .toDomain(dataset.name(), dataset.classNames());
  }

  /**
   * The class means of all partitions, as they come.
   *
   * @param images of all partitions
   * @param task gives an {@link Outcome}
   */
  private <T> ClassMeans sum(
      String domain, long images, RDD<T> partitions, Function1<Iterator<T>, byte[]> task) {
    String name = "features of " + domain;
    List<Outcome> sum = new ArrayList<>();
    long[] done = {0};
    SparkJob.run(
        name,
        settings.context,
        partitions,
        task,
        (partition, result) -> {
          Outcome outcome = Outcome.fromBytes(result);
          add(sum, outcome);
          done[0] += outcome.images();
          settings.progress.report(name, done[0], images, "");
        });
    return sum.get(0).means();
  }

  /** Whatever the order is: sums are exact. */
  private static void add(List<Outcome> sum, Outcome outcome) {
    if (!outcome.findings().isEmpty()) {
      SkippedImage first = outcome.findings().get(0);
      throw ImageFormatException.of(first.path(), first.reason());
    }
    if (sum.isEmpty()) {
      sum.add(outcome);
    } else {
      sum.get(0).means().merge(outcome.means());
    }
  }

  /**
   * The features of a domain whose images are records, such as those of sequence files or of a data
   * frame's rows. The RDD is read twice, first to count its records: persist it if that is slow,
   * and always if it may give other records, or another order, the second time. An image's place is
   * that of its record among all that are usable. Where damaged images may be skipped, both
   * readings decode all images to find them, and the second decodes those that are whole once more.
   *
   * @param name what the domain is called
   * @param classNames a name for each label from 0 on
   * @param images the class and the encoded file of each image
   * @return one mean and one count for each class
   * @throws IllegalStateException if a named class has no image, or the class sums of all
   *     partitions may exceed {@code spark.driver.maxResultSize}
   * @throws IllegalArgumentException if there are fewer names than labels
   * @throws ImageFormatException if an image is damaged and none may be skipped
   * @throws TooManyDamagedImagesException if more are damaged than may be skipped
   * @throws ClusterException if Spark gives up, or the RDD gives other records, or another order,
   *     the second time
   */
  public DomainFeatures extract(
      String name, List<String> classNames, JavaPairRDD<Integer, byte[]> images) {
    RDD<Tuple2<Integer, byte[]>> records = images.rdd();
    RecordPart[] parts = new UsableImages(settings).records(name, records);
    long classes = Arrays.stream(parts).mapToLong(RecordPart::classes).sum();
    ExecutorSettings.of(settings.context.getConf())
        .requireRoomForResults(Outcome.mostBytes(settings.dimension, classes));
    RecordTask task =
        new RecordTask.Means(
            settings.backbone, settings.transform, parts, settings.damaged.mayBeSkipped());
    return sum(name, parts[parts.length - 1].end(), records, task).toDomain(name, classNames);
  }
}
