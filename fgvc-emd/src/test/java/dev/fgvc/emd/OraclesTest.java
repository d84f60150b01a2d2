package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.ortools.linearsolver.MPConstraint;
import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPVariable;
import dev.fgvc.emd.internal.start.NativeFlow;
import dev.fgvc.emd.testing.Certificates;
import dev.fgvc.emd.testing.Instances;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The solver against other ways to the same number; each plan proves itself besides. */
class OraclesTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void agreesWithAllPermutations(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    for (int seed = 0; seed < 20; seed++) {
      DMatrixRMaj cost = Instances.uniformCosts(n, n, new Random(seed));
      double best = cheapest(cost, 0, new boolean[n]) / n;
      assertThat(Certificates.solve(ones, ones, cost).distance())
          .as("seed %d", seed)
          .isCloseTo(best, within(1e-12));
    }
  }

  private static double cheapest(DMatrixRMaj cost, int row, boolean[] taken) {
    if (row == cost.numRows) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int j = 0; j < cost.numCols; j++) {
      if (!taken[j]) {
        taken[j] = true;
        best = Math.min(best, cost.get(row, j) + cheapest(cost, row + 1, taken));
        taken[j] = false;
      }
    }
    return best;
  }

  @Test
  void agreesWithALinearProgrammingSolver() {
    assertThat(NativeFlow.isAvailable()).isTrue();
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int m = 1 + random.nextInt(12);
      int n = 1 + random.nextInt(12);
      // Few different costs and counts make ties and degenerate plans.
      DMatrixRMaj cost = new DMatrixRMaj(m, n);
      for (int k = 0; k < m * n; k++) {
        cost.data[k] = seed % 2 == 0 ? random.nextInt(4) : random.nextDouble();
      }
      double[] supply = Instances.counts(m, seed % 3 == 0 ? 1 : 9, random);
      double[] demand = Instances.counts(n, seed % 3 == 0 ? 2 : 9, random);
      assertThat(Certificates.solve(supply, demand, cost).distance())
          .as("seed %d", seed)
          .isCloseTo(linearProgram(supply, demand, cost), within(1e-6));
    }
  }

  private static double linearProgram(double[] supply, double[] demand, DMatrixRMaj cost) {
    MPSolver solver = MPSolver.createSolver("GLOP");
    double supplyTotal = Arrays.stream(supply).sum();
    double demandTotal = Arrays.stream(demand).sum();
    MPConstraint[] rows = new MPConstraint[supply.length];
    MPConstraint[] columns = new MPConstraint[demand.length];
    Arrays.setAll(
        rows, i -> solver.makeConstraint(supply[i] / supplyTotal, supply[i] / supplyTotal));
    Arrays.setAll(
        columns, j -> solver.makeConstraint(demand[j] / demandTotal, demand[j] / demandTotal));
    for (int i = 0; i < supply.length; i++) {
      for (int j = 0; j < demand.length; j++) {
        MPVariable flow = solver.makeNumVar(0, 1, "");
        rows[i].setCoefficient(flow, 1);
        columns[j].setCoefficient(flow, 1);
        solver.objective().setCoefficient(flow, cost.get(i, j));
      }
    }
    solver.objective().setMinimization();
    assertThat(solver.solve()).isEqualTo(MPSolver.ResultStatus.OPTIMAL);
    double value = solver.objective().value();
    solver.delete();
    return value;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 40, 500, 2000})
  void agreesWithSortedQuantilesOnALine(int n) {
    Random random = new Random(n);
    int m = n - n / 3;
    double[] from = random.doubles(m).sorted().toArray();
    double[] to = random.doubles(n).sorted().toArray();
    double[] supply = Instances.counts(m, 50, random);
    double[] demand = Instances.counts(n, 50, random);
    DMatrixRMaj cost = new DMatrixRMaj(m, n);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        cost.set(i, j, Math.abs(from[i] - to[j]));
      }
    }
    assertThat(Certificates.solve(supply, demand, cost).distance())
        .isCloseTo(onALine(from, supply, to, demand), within(1e-12));
  }

  /** The area between the two cumulative distributions. */
  private static double onALine(double[] from, double[] supply, double[] to, double[] demand) {
    double supplyTotal = Arrays.stream(supply).sum();
    double demandTotal = Arrays.stream(demand).sum();
    double area = 0;
    double ahead = 0;
    double at = 0;
    int i = 0;
    int j = 0;
    while (i < from.length || j < to.length) {
      boolean source = j == to.length || (i < from.length && from[i] <= to[j]);
      double next = source ? from[i] : to[j];
      area += Math.abs(ahead) * (next - at);
      at = next;
      ahead += source ? supply[i++] / supplyTotal : -demand[j++] / demandTotal;
    }
    return area;
  }

  @Test
  void thousandsOfSmallInstancesOfAllShapesProveThemselves() {
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      int m = 1 + random.nextInt(20);
      int n = 1 + random.nextInt(20);
      DMatrixRMaj cost = new DMatrixRMaj(m, n);
      int kind = random.nextInt(4);
      for (int k = 0; k < m * n; k++) {
        cost.data[k] =
            switch (kind) {
              case 0 -> random.nextInt(2);
              case 1 -> random.nextDouble();
              case 2 -> 1000 + random.nextDouble();
              default -> random.nextInt(10) == 0 ? 1e4 * random.nextDouble() : random.nextDouble();
            };
      }
      double[] supply = random.nextBoolean() ? masses(m, random) : Instances.weights(m, random);
      double[] demand = random.nextBoolean() ? masses(n, random) : Instances.weights(n, random);
      try {
        Certificates.solve(supply, demand, cost);
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed + " (" + m + "x" + n + ")", failure);
      }
    }
  }

  private static double[] masses(int size, Random random) {
    double[] counts = random.ints(size, 0, 4).asDoubleStream().toArray();
    counts[random.nextInt(size)]++;
    return counts;
  }

  @Test
  void streamedAndDenseCostsAgreeOnLargerInstances() {
    Random random = new Random(17);
    FMatrixRMaj a = Instances.gaussianPoints(2200, 6, random);
    FMatrixRMaj b = Instances.gaussianPoints(700, 6, random);
    DMatrixRMaj cost = GroundDistances.ejml().between(a, b);
    double[] supply = Instances.counts(2200, 300, random);
    double[] demand = Instances.counts(700, 300, random);
    TransportPlan dense = Certificates.solve(supply, demand, cost);
    TransportPlan streamed = ExactEmd.create().solveEuclidean(supply, demand, a, b);
    Certificates.check(streamed, supply, demand, cost);
    assertThat(streamed.distance()).isCloseTo(dense.distance(), within(1e-12));
    double[] ones = new double[2200];
    Arrays.fill(ones, 1);
    DMatrixRMaj square = GroundDistances.ejml().between(a, a);
    assertThat(Certificates.solve(ones, ones, square).distance()).isZero();
  }

  /** All distances within a cluster are below what single precision tells of the clusters. */
  @Test
  void looseBoundsTakeFewRounds() {
    Random random = new Random(18);
    FMatrixRMaj a = farClusters(600, random);
    FMatrixRMaj b = farClusters(400, random);
    DMatrixRMaj cost = GroundDistances.ejml().between(a, b);
    double[] supply = Instances.counts(600, 300, random);
    double[] demand = Instances.counts(400, 300, random);
    TransportPlan dense = Certificates.solve(supply, demand, cost);
    TransportPlan streamed = ExactEmd.create().solveEuclidean(supply, demand, a, b);
    Certificates.check(streamed, supply, demand, cost);
    assertThat(streamed.distance()).isCloseTo(dense.distance(), within(1e-12 * dense.distance()));
    assertThat(streamed.statistics().rounds()).isLessThan(2 * dense.statistics().rounds() + 10);
  }

  private static FMatrixRMaj farClusters(int count, Random random) {
    FMatrixRMaj points = Instances.gaussianPoints(count, 64, random);
    for (int i = 0; i < count; i++) {
      points.data[64 * i] += i % 2 == 0 ? 100_000 : -100_000;
    }
    return points;
  }
}
