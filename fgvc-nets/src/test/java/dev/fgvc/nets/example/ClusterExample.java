package dev.fgvc.nets.example;

import dev.fgvc.data.Dataset;
import dev.fgvc.emd.RankedClass;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.cluster.c10d.GlooGroup;
import dev.fgvc.nets.cluster.c10d.LocalWorkers;
import dev.fgvc.nets.cluster.c10d.NcclGroup;
import dev.fgvc.nets.cluster.spark.SparkFeatureExtraction;
import dev.fgvc.nets.cluster.spark.SparkSimilarity;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.train.Checkpoints;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.train.Trainer;
import dev.fgvc.nets.train.TrainingRun;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.ConsoleProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/** The code of docs/cluster.md, compiled; {@link DocumentationTest} keeps the two equal. */
final class ClusterExample {

  private ClusterExample() {}

  static void mostSimilarClasses(
      NetworkGraph graph, Weights weights, Dataset source, Dataset target, Path shared)
      throws IOException {
    // guide: begin
    SparkConf conf = new SparkConf().setAppName("features");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      SparkFeatureExtraction extraction =
          SparkFeatureExtraction.with(context, graph, weights, Resolution.square(299))
              .withProgress(ConsoleProgress.to(System.err));
      DomainFeatures s = extraction.extract(source, shared.resolve("source"));
      DomainFeatures t = extraction.extract(target, shared.resolve("target"));
      List<RankedClass> ranking = SparkSimilarity.with(context).rank(s, List.of(t)).get(0);
      System.out.println(ranking.subList(0, 10)); // the most similar classes of the source
    }
    // guide: end
  }

  static DomainFeatures ofRecords(
      JavaSparkContext context,
      NetworkGraph graph,
      Weights weights,
      List<String> classNames,
      JavaRDD<Tuple2<Integer, byte[]>> rows) {
    // guide: begin
    JavaPairRDD<Integer, byte[]> images =
        JavaPairRDD.fromJavaRDD(rows).persist(StorageLevel.DISK_ONLY());
    SparkFeatureExtraction extraction =
        SparkFeatureExtraction.with(context, graph, weights, Resolution.square(299));
    return extraction.extract("birds", classNames, images);
    // guide: end
  }

  static TrainingRun train(
      Recipe recipe, NetworkGraph graph, Weights start, Dataset birds, Path folder) {
    // guide: begin
    try (GlooGroup group = GlooGroup.join()) {
      Trainer trainer =
          Trainer.of(Engine.torch(), recipe.withBatchesPerUpdate(group.size()))
              .withCheckpoints(Checkpoints.in(folder))
              .withProgress(ConsoleProgress.to(System.err))
              .withGroup(group);
      return trainer.train("birds", graph, start, birds, Resolution.square(448));
    }
    // guide: end
  }

  static void startWorkers(Class<?> trainBirds) {
    // guide: begin
    LocalWorkers.of(trainBirds, 2)
        .withJvmOptions(List.of("-Xmx2g", "--enable-native-access=ALL-UNNAMED"))
        .withThreads(8)
        .withRestarts(3)
        .run();
    // guide: end
  }

  static TrainingRun trainOnGpus(
      Recipe recipe, NetworkGraph graph, Weights start, Dataset birds, Path folder) {
    // guide: begin
    try (NcclGroup group = NcclGroup.join()) {
      TrainingOptions options = TrainingOptions.paper().toBuilder().device(group.device()).build();
      Recipe shared = recipe.withOptions(options).withBatchesPerUpdate(group.size());
      return Trainer.of(Engine.torch(), shared)
          .withCheckpoints(Checkpoints.in(folder))
          .withGroup(group)
          .train("birds", graph, start, birds, Resolution.square(448));
    }
    // guide: end
  }
}
