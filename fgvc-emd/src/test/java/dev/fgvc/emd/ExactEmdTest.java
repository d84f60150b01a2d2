package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.testing.Certificates;
import dev.fgvc.emd.testing.Instances;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExactEmdTest {

  @Test
  void movesEachMassToItsNearestWhenThatIsBalanced() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{1, 9}, {9, 2}});
    TransportPlan plan = Certificates.solve(new double[] {1, 1}, new double[] {1, 1}, cost);
    assertThat(plan.distance()).isCloseTo(1.5, within(1e-15));
    assertThat(plan.flowCount()).isEqualTo(2);
    assertThat(plan.flow(0)).isEqualTo(0.5);
  }

  @Test
  void flowsCarryEachSourceAndTargetInOrderOfSourceThenTarget() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{1, 9, 2}, {9, 2, 9}});
    TransportPlan plan = Certificates.solve(new double[] {3, 1}, new double[] {2, 1, 1}, cost);
    assertThat(plan.flows())
        .containsExactly(
            new TransportPlan.Flow(0, 0, 0.5),
            new TransportPlan.Flow(0, 2, 0.25),
            new TransportPlan.Flow(1, 1, 0.25));
  }

  @Test
  void splitsASourceThatIsTooLargeForOneTarget() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{0, 4}, {10, 10}});
    TransportPlan plan = Certificates.solve(new double[] {3, 1}, new double[] {2, 2}, cost);
    assertThat(plan.distance()).isCloseTo((0 + 4 + 10) / 4.0, within(1e-14));
  }

  @Test
  void normalisesTotals() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{1, 2, 3}, {4, 1, 2}});
    TransportPlan counts = Certificates.solve(new double[] {30, 10}, new double[] {7, 7, 14}, cost);
    TransportPlan shares =
        Certificates.solve(new double[] {.75, .25}, new double[] {.25, .25, .5}, cost);
    assertThat(counts.distance()).isCloseTo(shares.distance(), within(1e-15));
  }

  @Test
  void planOfOneSourceIsForced() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{1, 2, 6}});
    TransportPlan plan = Certificates.solve(new double[] {5}, new double[] {1, 1, 1}, cost);
    assertThat(plan.distance()).isCloseTo(3, within(1e-14));
  }

  @Test
  void planOfOneTargetIsForced() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{1}, {2}, {6}});
    TransportPlan plan = Certificates.solve(new double[] {1, 1, 2}, new double[] {9}, cost);
    assertThat(plan.distance()).isCloseTo(15 / 4.0, within(1e-14));
  }

  @Test
  void zeroCostsGiveZeroDistanceAndNoGap() {
    TransportPlan plan =
        Certificates.solve(new double[] {1, 2}, new double[] {2, 3, 4}, new DMatrixRMaj(2, 3));
    assertThat(plan.distance()).isZero();
    assertThat(plan.relativeGap()).isZero();
  }

  @Test
  void zeroWeightsCarryNothing() {
    DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{1, 0, 5}, {0, 0, 0}, {7, 0, 2}});
    TransportPlan plan = Certificates.solve(new double[] {1, 0, 1}, new double[] {1, 0, 1}, cost);
    assertThat(plan.distance()).isCloseTo(1.5, within(1e-14));
    for (int k = 0; k < plan.flowCount(); k++) {
      assertThat(plan.source(k)).isNotEqualTo(1);
      assertThat(plan.target(k)).isNotEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"2,2", "3,50", "50,3", "20,20", "200,200", "300,40"})
  void randomInstancesCarryTheirProof(int rows, int columns) {
    Random random = new Random(rows * 1000L + columns);
    DMatrixRMaj cost = Instances.uniformCosts(rows, columns, random);
    Certificates.solve(
        Instances.counts(rows, 500, random), Instances.counts(columns, 500, random), cost);
    Certificates.solve(Instances.weights(rows, random), Instances.weights(columns, random), cost);
  }

  @Test
  void tiesEverywhereAreSolved() {
    DMatrixRMaj cost = new DMatrixRMaj(60, 60);
    cost.fill(3);
    double[] ones = new double[60];
    java.util.Arrays.fill(ones, 1);
    assertThat(Certificates.solve(ones, ones, cost).distance()).isCloseTo(3, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1})
  void refusesBadWeightsAndCosts(double bad) {
    DMatrixRMaj cost = new DMatrixRMaj(2, 2);
    double[] good = {1, 1};
    ExactEmd emd = ExactEmd.create();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> emd.solve(new double[] {1, bad}, good, cost))
        .withMessageContaining("supply 1 is " + bad);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> emd.solve(good, new double[] {bad, 1}, cost))
        .withMessageContaining("demand 0 is " + bad);
    DMatrixRMaj badCost = new DMatrixRMaj(new double[][] {{0, 1}, {bad, 1}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> emd.solve(good, good, badCost))
        .withMessageContaining("(1, 0) is " + bad);
  }

  @Test
  void refusesSizesThatDisagree() {
    ExactEmd emd = ExactEmd.create();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> emd.solve(new double[] {1}, new double[] {1, 1}, new DMatrixRMaj(2, 1)))
        .withMessageContaining("2x1 for 1 sources and 2 targets");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> emd.solve(new double[] {}, new double[] {1}, new DMatrixRMaj(0, 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> emd.solve(new double[] {0}, new double[] {1}, new DMatrixRMaj(1, 1)))
        .withMessageContaining("adds up to 0");
  }
}
