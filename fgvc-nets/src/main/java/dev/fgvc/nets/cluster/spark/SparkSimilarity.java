package dev.fgvc.nets.cluster.spark;

import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.ImageDomain;
import dev.fgvc.emd.RankedClass;
import dev.fgvc.emd.SelectedSet;
import dev.fgvc.emd.SetSelection;
import dev.fgvc.emd.Similarity;
import dev.fgvc.emd.SimilarityInterval;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Similarities of many domains on a Spark cluster (sections 4.1 and 4.2 of Cui et al., CVPR 2018).
 * Pairs, targets and replicates are shared among tasks; each result is that of the same call on one
 * machine, bit by bit. Domains are broadcast; a task takes the memory of one such call. Immutable.
 *
 * <p>A thread that is interrupted, or a job that is cancelled in Spark, ends in a {@link
 * java.util.concurrent.CancellationException}; a job that Spark gives up in a {@link
 * ClusterException}.
 */
public final class SparkSimilarity {

  private final JavaSparkContext context;
  private final SerializableSupplier<DomainSimilarity> similarity;
  private final Progress progress;

  private SparkSimilarity(
      JavaSparkContext context,
      SerializableSupplier<DomainSimilarity> similarity,
      Progress progress) {
    this.context = context;
    this.similarity = similarity;
    this.progress = progress;
  }

  /**
   * The paper's similarity, {@link DomainSimilarity#create()}.
   *
   * @param context of the cluster, which needs this library on the executors' class path; OR-Tools
   *     with its natives too if large problems are to start from it
   * @return similarities on that cluster
   */
  public static SparkSimilarity with(JavaSparkContext context) {
    return new SparkSimilarity(context, DomainSimilarity::create, Progress.none());
  }

  /**
   * The same with another gamma, ground distance, solver or scale factor. Rankings and unions are
   * those of {@link SourceSelection} with the same gamma and ground distance, sets those of {@link
   * SetSelection} with the same ground distance; a solver and a scale factor count for pairs and
   * intervals alone.
   *
   * @param other makes the similarity in each task, such as {@code () ->
   *     DomainSimilarity.create().withGamma(0.1)}
   * @return new similarities
   */
  public SparkSimilarity withSimilarity(SerializableSupplier<DomainSimilarity> other) {
    return new SparkSimilarity(context, other, progress);
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of each task that is done, on the calling thread
   * @return new similarities
   */
  public SparkSimilarity withProgress(Progress listener) {
    return new SparkSimilarity(context, similarity, listener);
  }

  /**
   * The similarity of one source and one target.
   *
   * @param source the name of the source
   * @param target the name of the target
   * @param emd the Earth Mover's Distance (equation 2)
   * @param similarity {@code exp(-gamma emd)} (equation 3)
   */
  public record Pair(String source, String target, double emd, double similarity) {}

  /**
   * All sources against all targets.
   *
   * @param sources the domains to move from
   * @param targets the domains to move to
   * @return a row for each source, with a pair for each target
   * @throws IllegalArgumentException if the dimensions of the features differ
   */
  public List<List<Pair>> pairs(List<DomainFeatures> sources, List<DomainFeatures> targets) {
    sources.forEach(source -> requireSameDimension(source, targets));
    List<Broadcast<byte[]>> from = broadcast(sources);
    List<Broadcast<byte[]>> to = broadcast(targets);
    SerializableSupplier<DomainSimilarity> measure = similarity;
    List<BinaryReader> found =
        run(
            "similarities",
            sources.size() * targets.size(),
            () ->
                index -> {
                  Similarity pair =
                      measure
                          .get()
                          .between(
                              domain(from.get(index / to.size())),
                              domain(to.get(index % to.size())));
                  BinaryWriter result = IndexedWork.result();
                  result.putDoubles(new double[] {pair.emd(), pair.similarity()});
                  return result;
                });
    List<List<Pair>> rows = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      List<Pair> row = new ArrayList<>();
      for (int j = 0; j < targets.size(); j++) {
        double[] values = found.get(i * targets.size() + j).doubles(2);
        row.add(new Pair(sources.get(i).name(), targets.get(j).name(), values[0], values[1]));
      }
      rows.add(List.copyOf(row));
    }
    return List.copyOf(rows);
  }

  /**
   * A bootstrap confidence interval, as {@link SimilarityInterval#bootstrap} has it.
   *
   * @param source images to move from
   * @param target images to move to
   * @param replicates how often to resample, at least 20
   * @param level the share of values inside, such as 0.95
   * @param seed where the random numbers start
   * @param method how the interval is made
   * @return estimate, which the driver computes, and intervals
   * @throws IllegalArgumentException if there are fewer replicates, the level is not between 0 and
   *     1, or labels or dimensions do not fit
   */
  public SimilarityInterval bootstrap(
      ImageDomain source,
      ImageDomain target,
      int replicates,
      double level,
      long seed,
      SimilarityInterval.Method method) {
    SimilarityInterval.requireSettings(replicates, level);
    Similarity estimate = similarity.get().between(source.classMeans(), target.classMeans());
    Broadcast<byte[]> from = context.broadcast(ImageDomainBytes.of(source));
    Broadcast<byte[]> to = context.broadcast(ImageDomainBytes.of(target));
    SerializableSupplier<DomainSimilarity> measure = similarity;
    List<BinaryReader> found =
        run(
            "bootstrap replicates",
            replicates,
            () -> {
              ImageDomain images = ImageDomainBytes.read(from.value());
              ImageDomain others = ImageDomainBytes.read(to.value());
              DomainSimilarity own = measure.get();
              return replicate -> {
                BinaryWriter result = IndexedWork.result();
                result.putDoubles(
                    new double[] {
                      SimilarityInterval.replicate(own, images, others, seed, replicate)
                    });
                return result;
              };
            });
    double[] resampled = found.stream().mapToDouble(result -> result.doubles(1)[0]).toArray();
    return SimilarityInterval.of(similarity.get(), estimate, resampled, level, method);
  }

  /**
   * For each target all source classes, the most similar first, as {@link SourceSelection#rank} has
   * them.
   *
   * @param source the domain to choose from
   * @param targets the domains to be close to
   * @return one ranking for each target
   * @throws IllegalArgumentException if the dimensions of the features differ
   */
  public List<List<RankedClass>> rank(DomainFeatures source, List<DomainFeatures> targets) {
    requireSameDimension(source, targets);
    Broadcast<byte[]> from = context.broadcast(source.toBytes());
    List<Broadcast<byte[]>> to = broadcast(targets);
    SerializableSupplier<DomainSimilarity> measure = similarity;
    List<BinaryReader> found =
        run(
            "rankings",
            targets.size(),
            () -> {
              DomainSimilarity own = measure.get();
              SourceSelection selection =
                  SourceSelection.create()
                      .withGamma(own.gamma())
                      .withGroundDistance(own.groundDistance());
              DomainFeatures classes = domain(from);
              return index -> {
                BinaryWriter result = IndexedWork.result();
                for (RankedClass ranked : selection.rank(classes, domain(to.get(index)))) {
                  result.putInt(ranked.index());
                  result.putDoubles(new double[] {ranked.emd(), ranked.similarity()});
                }
                return result;
              };
            });
    List<List<RankedClass>> rankings = new ArrayList<>();
    for (BinaryReader result : found) {
      List<RankedClass> ranking = new ArrayList<>();
      for (int i = 0; i < source.classCount(); i++) {
        int index = result.integer();
        double[] values = result.doubles(2);
        ranking.add(new RankedClass(index, source.classNames().get(index), values[0], values[1]));
      }
      rankings.add(List.copyOf(ranking));
    }
    return List.copyOf(rankings);
  }

  /**
   * The union of the best classes for several targets, as {@link SourceSelection#union} has it and
   * the paper's Subsets A and B are made.
   *
   * @param source the domain to choose from
   * @param kPerTarget how many classes to take for each target
   * @return class indices without repeats, ascending
   * @throws IllegalArgumentException if there is no target, a k is out of range or dimensions
   *     differ
   */
  public int[] union(DomainFeatures source, Map<DomainFeatures, Integer> kPerTarget) {
    List<DomainFeatures> targets = List.copyOf(kPerTarget.keySet());
    if (targets.isEmpty()) {
      throw new IllegalArgumentException(
          "no target to select classes of " + source.name() + " for");
    }
    targets.forEach(target -> SourceSelection.requireSize(source, target, kPerTarget.get(target)));
    List<List<RankedClass>> rankings = rank(source, targets);
    return IntStream.range(0, targets.size())
        .boxed()
        .flatMap(i -> rankings.get(i).stream().limit(kPerTarget.get(targets.get(i))))
        .mapToInt(RankedClass::index)
        .distinct()
        .sorted()
        .toArray();
  }

  /**
   * For each target the set of source classes that is close to it together, as {@link
   * SetSelection#withImageCounts} chooses it.
   *
   * @param source the domain to choose from
   * @param kPerTarget how many classes to choose for each target
   * @return the set of each target
   * @throws IllegalArgumentException if a k is out of range or dimensions differ
   */
  public Map<DomainFeatures, SelectedSet> sets(
      DomainFeatures source, Map<DomainFeatures, Integer> kPerTarget) {
    List<DomainFeatures> targets = List.copyOf(kPerTarget.keySet());
    requireSameDimension(source, targets);
    targets.forEach(target -> SourceSelection.requireSize(source, target, kPerTarget.get(target)));
    int[] sizes = targets.stream().mapToInt(kPerTarget::get).toArray();
    Broadcast<byte[]> from = context.broadcast(source.toBytes());
    List<Broadcast<byte[]>> to = broadcast(targets);
    SerializableSupplier<DomainSimilarity> measure = similarity;
    List<BinaryReader> found =
        run(
            "sets of classes",
            sizes.length,
            () -> {
              SetSelection selection =
                  SetSelection.create().withGroundDistance(measure.get().groundDistance());
              DomainFeatures classes = domain(from);
              return index -> {
                SelectedSet set =
                    selection.withImageCounts(classes, domain(to.get(index)), sizes[index]);
                BinaryWriter result = IndexedWork.result();
                IntStream.of(set.classes()).forEach(result::putInt);
                result.putDoubles(set.weights());
                result.putDoubles(new double[] {set.emd()});
                return result;
              };
            });
    Map<DomainFeatures, SelectedSet> sets = new LinkedHashMap<>();
    for (int i = 0; i < sizes.length; i++) {
      BinaryReader result = found.get(i);
      int[] classes = IntStream.range(0, sizes[i]).map(at -> result.integer()).toArray();
      double[] weights = result.doubles(sizes[i]);
      sets.put(targets.get(i), new SelectedSet(classes, weights, result.doubles(1)[0]));
    }
    return Collections.unmodifiableMap(sets);
  }

  private static void requireSameDimension(DomainFeatures source, List<DomainFeatures> targets) {
    for (DomainFeatures target : targets) {
      if (target.dimension() != source.dimension()) {
        throw new IllegalArgumentException(
            source + " and " + target + " are of different dimensions");
      }
    }
  }

  private List<Broadcast<byte[]>> broadcast(List<DomainFeatures> domains) {
    List<Broadcast<byte[]>> all = new ArrayList<>();
    domains.forEach(domain -> all.add(context.broadcast(domain.toBytes())));
    return all;
  }

  private static DomainFeatures domain(Broadcast<byte[]> bytes) {
    return DomainFeatures.fromBytes(bytes.value());
  }

  private List<BinaryReader> run(String name, int count, IndexedWork.Work work) {
    return IndexedWork.run(name, context, count, work, progress);
  }
}
