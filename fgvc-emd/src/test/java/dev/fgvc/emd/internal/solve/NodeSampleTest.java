package dev.fgvc.emd.internal.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.internal.cost.CancellableCosts;
import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.cost.FloatCosts;
import dev.fgvc.emd.internal.cost.PaddedCosts;
import dev.fgvc.emd.internal.cost.PassProgress;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Masses.Padding;
import dev.fgvc.emd.internal.problem.Potentials;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Problems of many nodes, whose potentials come from a sample. */
class NodeSampleTest {

  private static final int ROWS = 1700;
  private static final int COLUMNS = 1600;

  private final Random random = new Random(11);

  @ParameterizedTest
  @CsvSource({
    "1500, 1500",
    "1501, 1500",
    "5000, 1500",
    "8999, 1500",
    "9000, 2250",
    "15000, 3750",
    "16000, 4000",
    "600000, 4000"
  })
  void aQuarterOfManyNodesIsDrawnWithinLimits(int size, int drawn) {
    assertThat(NodeSample.draw(size, false, random))
        .hasSize(drawn)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void whatAPartialMatchingAddsIsAlwaysDrawn() {
    for (int time = 0; time < 20; time++) {
      assertThat(NodeSample.draw(5000, true, random)).hasSize(1500).isSorted().endsWith(4999);
    }
  }

  @Test
  void fewNodesHaveNoSample() {
    Masses masses = Masses.balanced(counts(1500), counts(20));
    assertThat(NodeSample.of(new DenseCosts(new DMatrixRMaj(1500, 20)), masses)).isEmpty();
  }

  /** Far clusters, each with its share of the mass on either side. */
  @ParameterizedTest
  @EnumSource
  void clustersKeepTheirMass(Padding padding) {
    double[] supply = counts(ROWS);
    double[] demand = counts(COLUMNS);
    if (padding == Padding.ONE_MORE_ROW) {
      demand[0] += Arrays.stream(supply).sum() + 20;
    } else if (padding == Padding.ONE_MORE_COLUMN) {
      supply[0] += Arrays.stream(demand).sum() + 20;
    }
    Masses masses =
        padding == Padding.NONE ? Masses.balanced(supply, demand) : Masses.partial(supply, demand);
    assertThat(masses.padding()).isEqualTo(padding);
    DenseCosts matrix = new DenseCosts(clusters());
    CostMatrix costs =
        padding == Padding.NONE ? matrix : new PaddedCosts(matrix, padding == Padding.ONE_MORE_ROW);

    NodeSample sample = NodeSample.of(costs, masses).orElseThrow();

    assertThat(sample.masses().padding()).isEqualTo(padding);
    int[] rows = sample.rows();
    assertThat(rows).hasSize(1500);
    assertThat(sample.costs().columns()).isEqualTo(1500);
    for (int cluster = 0; cluster < 4; cluster++) {
      int which = cluster;
      assertThat(
              IntStream.range(0, rows.length)
                  .filter(k -> rows[k] < ROWS && rows[k] % 4 == which)
                  .mapToDouble(k -> sample.masses().supplyShare()[k])
                  .sum())
          .isCloseTo(
              IntStream.range(0, ROWS)
                  .filter(i -> i % 4 == which)
                  .mapToDouble(i -> masses.supplyShare()[i])
                  .sum(),
              within(1e-3));
    }
  }

  /**
   * A thousandth of the mass goes from one cluster to another, spread over many pairs that are
   * alike: smoothing puts their potentials off by far more than the costs within a cluster differ.
   */
  @Test
  void potentialsOfFarClustersAreNearlyRight() {
    CostMatrix costs = new DenseCosts(clusters());
    double[] supply = counts(ROWS);
    double[] demand = counts(COLUMNS);
    double[] wanted = {1.004, 0.999, 0.998, 0.999};
    for (int cluster = 0; cluster < 4; cluster++) {
      level(supply, cluster, 10_000_000);
      level(demand, cluster, 10_000_000 * wanted[cluster]);
    }
    Masses masses = Masses.balanced(supply, demand);
    NodeSample sample = NodeSample.of(costs, masses).orElseThrow();

    Solution part = solve(sample.costs(), sample.masses(), new ArrayList<>());
    Potentials guess = new Potentials(ROWS, COLUMNS);
    sample.setPotentials(costs, part.sourcePotentials(), guess);
    Solution whole = solve(costs, masses, new ArrayList<>());

    double[] off = new double[COLUMNS];
    Arrays.setAll(off, j -> guess.v(j) - whole.targetPotentials()[j]);
    double mean = Arrays.stream(off).average().orElseThrow();
    assertThat(Arrays.stream(off).map(each -> Math.abs(each - mean)).max().orElseThrow())
        .isLessThan(0.5);
  }

  @Test
  void aProblemWithManyNodesOnBothSidesHasAPart() {
    List<String> tasks = new ArrayList<>();
    CostMatrix costs = new DenseCosts(clusters());
    Solution solution = solve(costs, Masses.balanced(counts(ROWS), counts(COLUMNS)), tasks);
    assertThat(solution.proof().relativeGap()).isLessThan(1e-14);
    assertThat(tasks)
        .startsWith("earth mover's distance of a part")
        .endsWith("earth mover's distance");
  }

  @Test
  void costsInSinglePrecisionAreTheRoundedOnesOfTheirRows() {
    DMatrixRMaj matrix = clusters();
    int[] rows = {1699, 3, 700};
    CostMatrix some = FloatCosts.copyOf(new DenseCosts(matrix), rows);
    assertThat(some.rows()).isEqualTo(3);
    assertThat(some.columns()).isEqualTo(COLUMNS);
    some.visit(
        new int[] {2, 0},
        0,
        2,
        (row, values, offset) -> {
          for (int j = 0; j < COLUMNS; j++) {
            assertThat(values[offset + j]).isEqualTo((float) matrix.get(rows[row], j));
            assertThat(some.get(row, j)).isEqualTo(values[offset + j]);
          }
        });
  }

  private static Solution solve(CostMatrix costs, Masses masses, List<String> tasks) {
    Progress progress = (task, done, total, note) -> tasks.add(task);
    CancellableCosts watched =
        new CancellableCosts(costs, () -> false, new PassProgress(Progress.none()));
    return TransportSolver.solve(watched, 200, masses, watched, progress);
  }

  /** Scales the masses of every fourth node to a total. */
  private static void level(double[] masses, int which, double total) {
    double sum = 0;
    for (int k = which; k < masses.length; k += 4) {
      sum += masses[k];
    }
    for (int k = which; k < masses.length; k += 4) {
      masses[k] *= total / sum;
    }
  }

  private double[] counts(int size) {
    return random.ints(size, 1, 40).asDoubleStream().toArray();
  }

  /** Four clusters; costs from one to another are 100 or more. */
  private DMatrixRMaj clusters() {
    DMatrixRMaj matrix = new DMatrixRMaj(ROWS, COLUMNS);
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        matrix.set(i, j, 100 * Math.abs(i % 4 - j % 4) + 1 + random.nextDouble());
      }
    }
    return matrix;
  }
}
