package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.internal.cost.PointSets;
import dev.fgvc.emd.testing.ExactOptimum;
import dev.fgvc.emd.testing.Instances;
import dev.fgvc.feature.DomainFeatures;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights and costs that differ by many orders of magnitude, with the right values. */
class ExtremeProblemsTest {

  private final ExactEmd emd = ExactEmd.create();
  private final ExactEmd partial = ExactEmd.builder().partialMatching().build();

  @Test
  void aMassBelowAllRoundingIsNeitherLostNorNegative() {
    double[] supply = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1e-17};
    double[] demand = {0.7, 0.1};
    DMatrixRMaj cost = Instances.uniformCosts(8, 2, new Random(1));
    TransportPlan plan = emd.solve(supply, demand, cost);
    assertThat(ExactOptimum.balanced(supply, demand, cost).excessOf(plan.distance()))
        .isCloseTo(0, within(1e-16));
    double sent =
        IntStream.range(0, plan.flowCount())
            .filter(k -> plan.source(k) == 7)
            .mapToDouble(plan::flow)
            .sum();
    assertThat(sent).isCloseTo(1e-17 / 0.7, within(1e-30));
  }

  @Test
  void gaussianHistogramsHaveTheDistanceOfArithmeticWithoutRounding() {
    double[] from = gaussian(50, 10, 2.5);
    double[] to = gaussian(50, 30, 5);
    TransportPlan plan = emd.solve(from, to, line(50));
    assertThat(plan.distance()).isCloseTo(19.998898005476644, within(1e-14));
    assertThat(ExactOptimum.balanced(from, to, line(50)).excessOf(plan.distance()))
        .isCloseTo(0, within(4e-15));
    assertThat(plan.relativeGap()).isLessThan(1e-15);
  }

  @Test
  void allGaussianHistogramsAreSolved() {
    for (int k = 0; k < 400; k++) {
      double[] from = gaussian(50, k % 20 * 2.5, 0.5 + k / 20 * 0.4);
      double[] to = gaussian(50, 49 - k % 17 * 2.5, 0.5 + k % 13 * 0.5);
      assertThat(emd.solve(from, to, line(50)).relativeGap()).as("pair %d", k).isLessThan(1e-14);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void softmaxWeightsOnAGridAreSolved(boolean single) {
    int side = 25;
    DMatrixRMaj cost = new DMatrixRMaj(side * side, side * side);
    for (int i = 0; i < side * side; i++) {
      for (int j = 0; j < side * side; j++) {
        cost.set(i, j, Math.hypot(i / side - j / side, i % side - j % side));
      }
    }
    Random random = new Random(single ? 1 : 2);
    for (int round = 0; round < 4; round++) {
      double[] from = softmax(side * side, single, random);
      double[] to = softmax(side * side, single, random);
      TransportPlan plan = emd.solve(from, to, cost);
      assertThat(plan.relativeGap()).isLessThan(1e-14);
      assertThat(plan.distance()).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource({"1e-11, 1.3e8", "1e-19, 0.5", "3e-300, 1e300", "1e-320, 1"})
  void partialMatchingOfAnyRatioMovesTheSmallerSide(double supply, double demand) {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{2, 1.5}, {1, 7}});
    double[] from = {supply, 0};
    double[] to = {demand, demand};
    TransportPlan plan = partial.solve(from, to, cost);
    assertThat(plan.distance()).isCloseTo(1.5, within(1e-15));
    assertThat(plan.flowCount()).isEqualTo(1);
    assertThat(plan.flow(0)).isEqualTo(1);
    assertThat(plan.relativeGap()).isLessThan(1e-15);
  }

  @Test
  void partialMatchingToATinyTargetTakesTheNearest() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{3}, {1}});
    TransportPlan plan = partial.solve(new double[] {0.3, 0.7}, new double[] {1e-19}, cost);
    assertThat(plan.distance()).isEqualTo(1);
    assertThat(plan.flow(0)).isEqualTo(1);
    assertThat(plan.source(0)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"counts", "counts/77", "1/n", "float32"})
  void aDomainIsNextToItselfWithWeightsOfAnotherTotal(String kind) {
    int n = 3000;
    Random random = new Random(4);
    FMatrixRMaj points = Instances.gaussianPoints(n, 4, random);
    double[] supply = Instances.counts(n, 300, random);
    if (kind.equals("1/n")) {
      Arrays.fill(supply, 1);
    }
    double total = Arrays.stream(supply).sum();
    double[] demand =
        Arrays.stream(supply)
            .map(
                count ->
                    switch (kind) {
                      case "counts" -> count;
                      case "counts/77" -> count / 77;
                      case "1/n" -> 1.0 / n;
                      default -> (float) (count / total);
                    })
            .toArray();
    DMatrixRMaj cost = GroundDistances.ejml().between(points, points);
    TransportPlan plan = emd.solve(supply, demand, cost);
    double largest = Arrays.stream(cost.data).max().orElseThrow();
    assertThat(plan.distance())
        .isLessThanOrEqualTo((kind.equals("float32") ? 5.8e-8 : 1e-14) * largest);
    assertThat(plan.relativeGap()).isLessThan(1e-9);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e8, 1e9, 1e15})
  void forbiddenPairsCostWhatAnyDearPriceGives(double forbidden) {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      DMatrixRMaj cost = Instances.uniformCosts(30, 20, random);
      double[] supply = Instances.counts(30, 50, random);
      double[] demand = Instances.weights(20, random);
      DMatrixRMaj dear = cost.copy();
      for (int k = 0; k < cost.getNumElements(); k++) {
        if (random.nextInt(3) == 0) {
          cost.data[k] = forbidden;
          dear.data[k] = 50;
        }
      }
      TransportPlan plan = emd.solve(supply, demand, cost);
      assertThat(plan.distance())
          .as("seed %d", seed)
          .isCloseTo(emd.solve(supply, demand, dear).distance(), within(1e-15));
      assertThat(plan.relativeGap()).isLessThan(1e-12);
      for (double potential : plan.targetPotentials()) {
        assertThat(potential).isBetween(-20.0, 20.0);
      }
    }
  }

  @Test
  void aForcedPlanIsProvenWhateverItsCosts() {
    double[] costs = new double[12];
    Arrays.setAll(costs, k -> Math.pow(10, k - 6));
    double[] demand = new double[12];
    Arrays.setAll(demand, k -> Math.pow(10, -k));
    TransportPlan plan = emd.solve(new double[] {1}, demand, new DMatrixRMaj(1, 12, true, costs));
    assertThat(plan.relativeGap()).isLessThan(1e-15);
  }

  @Test
  void costsNearTheLargestDoubleGiveFinitePotentials() {
    DMatrixRMaj cost = Instances.uniformCosts(20, 15, new Random(6));
    for (int k = 0; k < cost.getNumElements(); k++) {
      cost.data[k] = Double.MAX_VALUE * (k % 3 == 0 ? 1 : cost.data[k]);
    }
    double[] supply = Instances.counts(20, 9, new Random(7));
    supply[3] = 0;
    double[] demand = Instances.counts(15, 9, new Random(8));
    demand[4] = 0;
    TransportPlan plan = emd.solve(supply, demand, cost);
    for (int i = 0; i < 20; i++) {
      for (int j = 0; j < 15; j++) {
        double u = plan.sourcePotentials()[i];
        double v = plan.targetPotentials()[j];
        assertThat(u).isFinite();
        assertThat(v).isFinite();
        assertThat(u + v).isLessThanOrEqualTo(cost.get(i, j));
      }
    }
    assertThat(plan.distance()).isFinite();
    assertThat(plan.relativeGap()).isLessThan(1e-14);
  }

  /** Class means of one extraction, and of the same images in another order. */
  @Test
  void domainsThatDifferByRoundingAreMeasured() {
    Random random = new Random(9);
    FMatrixRMaj means = Instances.gaussianPoints(37, 2048, random);
    FMatrixRMaj again = means.copy();
    for (int k = 0; k < again.getNumElements(); k++) {
      again.data[k] += 5e-8f * (float) random.nextGaussian();
    }
    double[] counts = Instances.counts(37, 30, random);
    Similarity similarity =
        DomainSimilarity.create().between(domain("a", means, counts), domain("b", again, counts));
    double expected = 0;
    for (int i = 0; i < 37; i++) {
      expected += counts[i] * PointSets.distance(means, i, again, i);
    }
    expected /= Arrays.stream(counts).sum();
    assertThat(similarity.emd()).isCloseTo(expected, within(1e-14 * expected));
    assertThat(similarity.plan().relativeGap()).isLessThan(1e-12);
  }

  @Test
  void fiveMillionImagesAndOneMoreAreTold() {
    FMatrixRMaj means = new FMatrixRMaj(new float[][] {{0, 0}, {0, 6}, {8, 0}});
    double[] counts = {1_000_000, 2_000_000, 2_000_000};
    double[] more = {1_000_001, 2_000_000, 2_000_000};
    Similarity similarity =
        DomainSimilarity.create().between(domain("a", means, counts), domain("b", means, more));
    // What the first class has more comes from the others, in proportion.
    double expected = (0.4 * 6 + 0.4 * 8) / 5_000_001;
    assertThat(similarity.emd()).isCloseTo(expected, within(1e-14 * expected));
    assertThat(similarity.plan().relativeGap()).isLessThan(1e-12);
  }

  private static DomainFeatures domain(String name, FMatrixRMaj means, double[] counts) {
    return DomainFeatures.of(name, Collections.nCopies(means.numRows, "class"), means, counts);
  }

  private static double[] gaussian(int bins, double middle, double width) {
    return IntStream.range(0, bins)
        .mapToDouble(i -> Math.exp(-(i - middle) * (i - middle) / (2 * width * width)))
        .toArray();
  }

  private static double[] softmax(int size, boolean single, Random random) {
    double[] logits = random.doubles(size, 0, 1000).toArray();
    double largest = Arrays.stream(logits).max().orElseThrow();
    return Arrays.stream(logits)
        .map(logit -> single ? (float) Math.exp(logit - largest) : Math.exp(logit - largest))
        .toArray();
  }

  private static DMatrixRMaj line(int bins) {
    DMatrixRMaj cost = new DMatrixRMaj(bins, bins);
    for (int i = 0; i < bins; i++) {
      for (int j = 0; j < bins; j++) {
        cost.set(i, j, Math.abs(i - j));
      }
    }
    return cost;
  }
}
