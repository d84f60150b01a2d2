package dev.fgvc.emd;

import dev.fgvc.emd.internal.problem.Potentials;
import dev.fgvc.feature.DomainFeatures;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * Chooses source classes as a set: the k classes whose Earth Mover's Distance <em>together</em> to
 * the target is small. The paper ranks classes one by one and notes that this has no guarantee
 * (section 4.2): its best classes may all lie near the middle of the target.
 *
 * <p>Immutable, and safe for use by several threads.
 */
public final class SetSelection {

  private static final int FAILED_SWAPS = 20;

  private static final SetSelection DEFAULT =
      new SetSelection(GroundDistances.ejml(), ExactEmd.create());

  private final GroundDistance groundDistance;
  private final ExactEmd solver;

  private SetSelection(GroundDistance groundDistance, ExactEmd solver) {
    this.groundDistance = groundDistance;
    this.solver = solver;
  }

  /**
   * Selection by Euclidean ground distance.
   *
   * @return the selection
   */
  public static SetSelection create() {
    return DEFAULT;
  }

  /**
   * The same with another ground distance.
   *
   * @param groundDistance the cost of moving one class mean to another
   * @return a new selection
   */
  public SetSelection withGroundDistance(GroundDistance groundDistance) {
    return new SetSelection(groundDistance, solver);
  }

  /**
   * The set with weights free to choose, as if classes could be sampled at will. Each target class
   * then takes its mass from the nearest chosen class, and the distance is {@code sum_j w_j min_i
   * d_ij}: the k-median problem. Classes are added greedily and then exchanged while that helps;
   * the greedy part alone comes within 1 - 1/e of the best reduction (Nemhauser et al., Math. Prog.
   * 1978).
   *
   * <p>Time is k passes over the distance matrix and a few more for exchanges; memory 8 bytes for
   * each pair of classes.
   *
   * @param source the domain to choose from
   * @param target the domain to be close to
   * @param k how many classes, from 1 to those of the source
   * @return the set; a class that no target class is nearest to has weight 0
   * @throws IllegalArgumentException if k is out of range or the dimensions of the features differ
   */
  public SelectedSet withFreeWeights(DomainFeatures source, DomainFeatures target, int k) {
    checkSize(source, k);
    DMatrixRMaj cost = groundDistance.between(source.classMeans(), target.classMeans());
    double[] weights = target.weights();
    int[] classes = KMedian.choose(cost, weights, k);
    double[] shares = new double[k];
    double emd = 0;
    for (int j = 0; j < weights.length; j++) {
      int best = 0;
      for (int a = 1; a < k; a++) {
        if (cost.get(classes[a], j) < cost.get(classes[best], j)) {
          best = a;
        }
      }
      shares[best] += weights[j];
      emd += weights[j] * cost.get(classes[best], j);
    }
    return new SelectedSet(classes, shares, emd);
  }

  /**
   * The set with weights in proportion to image counts, as training on all its images has them. The
   * better of the paper's choice and of {@link #withFreeWeights} is improved by exchanges, which
   * the potentials of the transport plan suggest, until 20 in a row bring nothing. Never worse than
   * the paper's choice; not always the best set.
   *
   * <p>Time is that of one exact distance, k x target classes, for each exchange tried.
   *
   * @param source the domain to choose from
   * @param target the domain to be close to
   * @param k how many classes, from 1 to those of the source
   * @return the set
   * @throws IllegalArgumentException if k is out of range or the dimensions of the features differ
   */
  public SelectedSet withImageCounts(DomainFeatures source, DomainFeatures target, int k) {
    checkSize(source, k);
    FMatrixRMaj means = source.classMeans();
    DMatrixRMaj cost = groundDistance.between(means, target.classMeans());
    int[] greedy =
        SourceSelection.create().withGroundDistance(groundDistance).topK(source, target, k);
    Candidate best =
        List.of(greedy, withFreeWeights(source, target, k).classes()).stream()
            .map(classes -> evaluate(classes, source, target, cost))
            .min(Comparator.comparingDouble(candidate -> candidate.plan.distance()))
            .orElseThrow();
    int failures = 0;
    while (failures < FAILED_SWAPS && k < source.classCount()) {
      Candidate next = evaluate(exchange(best, cost, failures), source, target, cost);
      if (next.plan.distance() < best.plan.distance()) {
        best = next;
        failures = 0;
      } else {
        failures++;
      }
    }
    DomainFeatures set = source.select("selected", best.classes);
    return new SelectedSet(best.classes, set.weights(), best.plan.distance());
  }

  private record Candidate(int[] classes, TransportPlan plan) {}

  private Candidate evaluate(
      int[] classes, DomainFeatures source, DomainFeatures target, DMatrixRMaj cost) {
    int[] sorted = classes.clone();
    Arrays.sort(sorted);
    double[] all = source.imageCounts();
    double[] counts = IntStream.of(sorted).mapToDouble(i -> all[i]).toArray();
    DMatrixRMaj part = new DMatrixRMaj(sorted.length, cost.numCols);
    for (int a = 0; a < sorted.length; a++) {
      System.arraycopy(
          cost.data, sorted[a] * cost.numCols, part.data, a * cost.numCols, cost.numCols);
    }
    return new Candidate(sorted, solver.solve(counts, target.imageCounts(), part));
  }

  /** Exchanges the class whose mass is dearest to move for the one whose mass would be cheapest. */
  private static int[] exchange(Candidate from, DMatrixRMaj cost, int attempt) {
    double[] v = from.plan.targetPotentials();
    double[] price = new double[cost.numRows];
    for (int i = 0; i < price.length; i++) {
      price[i] = Potentials.leastReduced(cost.data, i * cost.numCols, v);
    }
    int[] inside = from.classes.clone();
    int[] dearest =
        IntStream.range(0, inside.length)
            .boxed()
            .sorted(Comparator.comparingDouble(a -> -price[inside[a]]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] cheapest =
        IntStream.range(0, price.length)
            .filter(i -> Arrays.binarySearch(from.classes, i) < 0)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> price[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    // Attempts go through pairs of the dearest and the cheapest, the most promising first.
    int in = attempt % 5 % cheapest.length;
    int out = attempt / 5 % dearest.length;
    inside[dearest[out]] = cheapest[in];
    return inside;
  }

  private static void checkSize(DomainFeatures source, int k) {
    if (k < 1 || k > source.classCount()) {
      throw new IllegalArgumentException(
          "a set of " + k + " classes: must be from 1 to " + source.classCount());
    }
  }
}
