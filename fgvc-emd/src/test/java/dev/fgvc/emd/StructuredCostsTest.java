package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.testing.Instances;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Costs whose neighbours look alike need more rounds than costs at random. They may take three
 * times the work, which is counted, so that no quiet machine is needed to see it.
 */
class StructuredCostsTest {

  private static final int ROWS = 3000;
  private static final int COLUMNS = 300;

  /** Passes over all costs that the start takes, which no count tells. */
  private static final int PASSES = 6;

  /** A pivot takes as long as reading this many costs, measured at this size. */
  private static final int PIVOT = 200;

  private static final double MOST = 3;

  private enum Costs {
    CONCAVE {
      @Override
      double of(double[] x, double[] y, int i, int j) {
        return 4 - (x[i] - y[j]) * (x[i] - y[j]);
      }
    },
    ONE_DIMENSIONAL {
      @Override
      double of(double[] x, double[] y, int i, int j) {
        return Math.abs(x[i] - y[j]);
      }
    },
    TWO_CLUSTERS {
      @Override
      double of(double[] x, double[] y, int i, int j) {
        return Math.hypot(
            (i % 2 - j % 2) * 1000 + x[i] - y[j],
            x[(i + ROWS / 2) % ROWS] - y[(j + COLUMNS / 2) % COLUMNS]);
      }
    };

    abstract double of(double[] x, double[] y, int i, int j);
  }

  @ParameterizedTest
  @EnumSource(Costs.class)
  void takeAtMostThreeTimesTheWorkOfUniformCosts(Costs costs) {
    Random random = new Random(11);
    double uniform = work(k -> random.nextDouble());
    double[] x = random.doubles(ROWS, 0, 2).toArray();
    double[] y = random.doubles(COLUMNS, 0, 2).toArray();
    double structured = work(k -> costs.of(x, y, k / COLUMNS, k % COLUMNS));
    assertThat(structured / uniform).as("work beside uniform costs").isLessThan(MOST);
  }

  private static double work(IntToDoubleFunction costs) {
    DMatrixRMaj matrix = new DMatrixRMaj(ROWS, COLUMNS);
    for (int k = 0; k < matrix.getNumElements(); k++) {
      matrix.data[k] = costs.applyAsDouble(k);
    }
    Random random = new Random(12);
    SolveStatistics steps =
        ExactEmd.create()
            .solve(
                Instances.counts(ROWS, 100, random), Instances.counts(COLUMNS, 100, random), matrix)
            .statistics();
    return (PASSES * (double) ROWS + steps.rowsPriced()) * COLUMNS
        + PIVOT * (double) steps.pivots();
  }
}
