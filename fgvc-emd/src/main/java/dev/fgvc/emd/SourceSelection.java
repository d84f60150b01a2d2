package dev.fgvc.emd;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.emd.internal.cost.RowBlocks;
import dev.fgvc.feature.DomainFeatures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

/**
 * Chooses the source classes to pre-train on for a target domain: those that are most similar to
 * it, each taken alone (section 4.2 of Cui et al., CVPR 2018).
 *
 * <p>With all mass on one class i the transport plan is forced, so its distance to the target is
 * {@code sum_j w_j d_ij} and no solver is needed. Time is that of the distance matrix; memory 8
 * bytes for each pair of classes. Immutable, and safe for use by several threads.
 *
 * <pre>{@code
 * int[] classes = SourceSelection.create().topK(imageNetAndINat, cub200, 200);
 * DomainFeatures subset = imageNetAndINat.select("for CUB200", classes);
 * }</pre>
 */
public final class SourceSelection {

  private static final SourceSelection DEFAULT =
      new SourceSelection(DomainSimilarity.create(), GroundDistances.ejml());

  private final DomainSimilarity similarity;
  private final GroundDistance groundDistance;

  private SourceSelection(DomainSimilarity similarity, GroundDistance groundDistance) {
    this.similarity = similarity;
    this.groundDistance = groundDistance;
  }

  /**
   * The paper's selection: Euclidean ground distance, gamma 0.01.
   *
   * @return the selection
   */
  public static SourceSelection create() {
    return DEFAULT;
  }

  /**
   * The same with another gamma; the order of classes does not depend on it.
   *
   * @param gamma positive and finite
   * @return a new selection
   * @throws IllegalArgumentException if gamma is not positive and finite
   */
  public SourceSelection withGamma(double gamma) {
    return new SourceSelection(similarity.withGamma(gamma), groundDistance);
  }

  /**
   * The same with another ground distance.
   *
   * @param groundDistance the cost of moving one class mean to another
   * @return a new selection
   */
  public SourceSelection withGroundDistance(GroundDistance groundDistance) {
    return new SourceSelection(similarity, groundDistance);
  }

  /**
   * All source classes, the most similar to the target first; among equals, the lower index first.
   *
   * @param source the domain to choose from
   * @param target the domain to be close to
   * @return one entry for each source class
   * @throws IllegalArgumentException if the dimensions of the features differ
   */
  public List<RankedClass> rank(DomainFeatures source, DomainFeatures target) {
    double[] distance = distances(source, target);
    List<String> names = source.classNames();
    List<RankedClass> ranked = new ArrayList<>(distance.length);
    for (int i : order(distance)) {
      ranked.add(new RankedClass(i, names.get(i), distance[i], similarity.of(distance[i])));
    }
    return Collections.unmodifiableList(ranked);
  }

  /**
   * The k source classes most similar to the target.
   *
   * @param source the domain to choose from
   * @param target the domain to be close to
   * @param k how many, from 1 to the number of source classes
   * @return class indices, the most similar first
   * @throws IllegalArgumentException if k is out of range or the dimensions of the features differ
   */
  public int[] topK(DomainFeatures source, DomainFeatures target, int k) {
    requireSize(source, target, k);
    return IntStream.of(order(distances(source, target))).limit(k).toArray();
  }

  /**
   * The union of the best classes for several targets, as the paper's Subsets A and B are made.
   *
   * @param source the domain to choose from
   * @param kPerTarget how many classes to take for each target, from 1 to the number of source
   *     classes
   * @return class indices without repeats, ascending
   * @throws IllegalArgumentException if there is no target, a k is out of range or dimensions
   *     differ
   */
  public int[] union(DomainFeatures source, Map<DomainFeatures, Integer> kPerTarget) {
    if (kPerTarget.isEmpty()) {
      throw new IllegalArgumentException(
          "no target to select classes of " + source.name() + " for");
    }
    TreeSet<Integer> union = new TreeSet<>();
    kPerTarget.forEach(
        (target, k) -> {
          for (int i : topK(source, target, k)) {
            union.add(i);
          }
        });
    return union.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Refuses a number of classes before anything is computed for it.
   *
   * @param source the domain to choose from
   * @param target the domain to be close to
   * @param k how many, from 1 to the number of source classes
   * @throws IllegalArgumentException if k is out of range
   */
  public static void requireSize(DomainFeatures source, DomainFeatures target, int k) {
    checkArgument(
        k >= 1 && k <= source.classCount(),
        "k = %s classes for %s: must be from 1 to %s, the classes of %s",
        k,
        target.name(),
        source.classCount(),
        source.name());
  }

  private double[] distances(DomainFeatures source, DomainFeatures target) {
    DMatrixRMaj cost = groundDistance.between(source.classMeans(), target.classMeans());
    double[] weights = target.weights();
    double[] distance = new double[cost.numRows];
    RowBlocks.run(
        cost.numRows,
        cost.numCols,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            double sum = 0;
            for (int j = 0; j < weights.length; j++) {
              sum += weights[j] * cost.data[i * weights.length + j];
            }
            distance[i] = sum;
          }
        });
    return distance;
  }

  private static int[] order(double[] distance) {
    return IntStream.range(0, distance.length)
        .boxed()
        .sorted((a, b) -> Double.compare(distance[a], distance[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
