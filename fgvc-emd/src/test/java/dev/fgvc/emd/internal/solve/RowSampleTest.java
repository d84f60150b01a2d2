package dev.fgvc.emd.internal.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.internal.cost.CancellableCosts;
import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.cost.PaddedCosts;
import dev.fgvc.emd.internal.cost.PassProgress;
import dev.fgvc.emd.internal.cost.SelectedRows;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Masses.Padding;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large problems whose columns' potentials come from some of the rows. */
class RowSampleTest {

  private static final int ROWS = 2400;
  private static final int COLUMNS = 60;
  private static final long ALWAYS = 0;
  private static final Thresholds SOME_FIRST = new Thresholds(ALWAYS, Integer.MAX_VALUE);
  private static final Thresholds ALL_AT_ONCE = new Thresholds(Long.MAX_VALUE, Integer.MAX_VALUE);

  private final Random random = new Random(7);

  @Test
  void someRowsFirstGiveTheSameDistanceAsAllAtOnce() {
    Masses masses = Masses.balanced(counts(ROWS), counts(COLUMNS));
    CostMatrix costs = new DenseCosts(distances());

    Solution some = solve(costs, masses, SOME_FIRST, new ArrayList<>());
    Solution all = solve(costs, masses, ALL_AT_ONCE, new ArrayList<>());

    assertThat(some.proof().distance())
        .isCloseTo(all.proof().distance(), within(1e-14 * all.proof().distance()));
    assertThat(some.proof().relativeGap()).isLessThan(1e-14);
  }

  @Test
  void soDoesAPartialMatchingWhoseRestIsARowOrAColumn() {
    DMatrixRMaj matrix = distances();
    for (double more : new double[] {0.01, 300}) {
      double[] demand = counts(COLUMNS);
      demand[0] += more * 10_000;
      Masses masses = Masses.partial(counts(ROWS), demand);
      CostMatrix costs =
          new PaddedCosts(new DenseCosts(matrix), masses.padding() == Masses.Padding.ONE_MORE_ROW);

      Solution some = solve(costs, masses, SOME_FIRST, new ArrayList<>());
      Solution all = solve(costs, masses, ALL_AT_ONCE, new ArrayList<>());

      assertThat(some.proof().distance())
          .as("%s", masses.padding())
          .isCloseTo(all.proof().distance(), within(1e-14 * all.proof().distance()));
    }
  }

  @Test
  void smallerProblemsAreToldApart() {
    List<String> tasks = new ArrayList<>();

    solve(
        new DenseCosts(distances()),
        Masses.balanced(counts(ROWS), counts(COLUMNS)),
        SOME_FIRST,
        tasks);

    assertThat(tasks)
        .contains("earth mover's distance of a part", "earth mover's distance")
        .startsWith("earth mover's distance of a part")
        .endsWith("earth mover's distance");
  }

  /** Two far clusters, of which the smaller one has 3 rows in 10. */
  @ParameterizedTest
  @EnumSource
  void clustersOfRowsKeepTheirMass(Padding padding) {
    DMatrixRMaj matrix = new DMatrixRMaj(ROWS, COLUMNS);
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        // Near the first ten columns, so that no group is so small that no row of it is drawn.
        matrix.set(i, j, i % 10 < 3 == j % 10 < 3 ? j / 10 + random.nextDouble() : 100);
      }
    }
    CostMatrix costs = new DenseCosts(matrix);
    double[] supply = counts(ROWS);
    double[] demand = counts(COLUMNS);
    if (padding == Padding.ONE_MORE_ROW) {
      // The row of zeros has no large mass.
      demand[0] += Arrays.stream(supply).sum() - Arrays.stream(demand).sum() + 20;
    }
    Masses masses =
        padding == Padding.NONE ? Masses.balanced(supply, demand) : Masses.partial(supply, demand);
    assertThat(masses.padding()).isEqualTo(padding);
    if (padding != Padding.NONE) {
      costs = new PaddedCosts(costs, padding == Padding.ONE_MORE_ROW);
    }

    RowSample sample = RowSample.of(costs, masses, ALWAYS).orElseThrow();

    int[] chosen = ((SelectedRows) sample.costs()).chosen();
    double[] share = sample.masses().supplyShare();
    assertThat(sample.masses().padding()).isEqualTo(padding);
    if (padding == Padding.ONE_MORE_ROW) {
      int last = chosen.length - 1;
      assertThat(chosen[last]).isEqualTo(ROWS);
      assertThat(share[last]).isCloseTo(masses.supplyShare()[ROWS], within(1e-6));
    }
    assertThat(
            IntStream.range(0, chosen.length)
                .filter(k -> chosen[k] < ROWS && chosen[k] % 10 < 3)
                .mapToDouble(k -> share[k])
                .sum())
        .isCloseTo(
            IntStream.range(0, ROWS)
                .filter(i -> i % 10 < 3)
                .mapToDouble(i -> masses.supplyShare()[i])
                .sum(),
            within(1e-6));
  }

  @Test
  void rowsOfLargeMassTakePartWithTheirOwnMass() {
    double[] supply = counts(ROWS);
    supply[17] = 100_000;
    Masses masses = Masses.balanced(supply, counts(COLUMNS));

    RowSample sample = RowSample.of(new DenseCosts(distances()), masses, ALWAYS).orElseThrow();

    int rows = sample.costs().rows();
    assertThat(rows).isEqualTo((ROWS - 1) / 8 + 1);
    assertThat(Arrays.stream(sample.masses().supplyShare()).max().orElseThrow())
        .isCloseTo(masses.supplyShare()[17], within(1e-6));
  }

  @Test
  void fewRowsOrFewPairsAreSolvedAtOnce() {
    Masses masses = Masses.balanced(counts(ROWS), counts(COLUMNS));
    CostMatrix costs = new DenseCosts(distances());

    assertThat(RowSample.of(costs, masses, RowSample.PAIRS)).isEmpty();
    int[] few = new int[6 * COLUMNS];
    Masses fewMasses = Masses.balanced(counts(few.length), counts(COLUMNS));
    DMatrixRMaj square = new DMatrixRMaj(few.length, COLUMNS);
    assertThat(RowSample.of(new DenseCosts(square), fewMasses, ALWAYS)).isEmpty();
  }

  private static Solution solve(
      CostMatrix costs, Masses masses, Thresholds thresholds, List<String> tasks) {
    Progress progress = (task, done, total, note) -> tasks.add(task);
    CancellableCosts watched =
        new CancellableCosts(costs, () -> false, new PassProgress(Progress.none()));
    return TransportSolver.solve(watched, 10, masses, thresholds, watched, progress);
  }

  private double[] counts(int size) {
    return random.ints(size, 1, 40).asDoubleStream().toArray();
  }

  /** Distances of points in a cube of three dimensions. */
  private DMatrixRMaj distances() {
    double[][] sources = points(ROWS);
    double[][] targets = points(COLUMNS);
    DMatrixRMaj distances = new DMatrixRMaj(ROWS, COLUMNS);
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        double square = 0;
        for (int k = 0; k < 3; k++) {
          square += (sources[i][k] - targets[j][k]) * (sources[i][k] - targets[j][k]);
        }
        distances.set(i, j, Math.sqrt(square));
      }
    }
    return distances;
  }

  private double[][] points(int count) {
    return Stream.generate(() -> random.doubles(3).toArray()).limit(count).toArray(double[][]::new);
  }
}
