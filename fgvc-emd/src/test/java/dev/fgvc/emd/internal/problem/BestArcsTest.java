package dev.fgvc.emd.internal.problem;

import static java.util.Comparator.comparingDouble;
import static java.util.Comparator.comparingInt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class BestArcsTest {

  @RepeatedTest(60)
  void findsWhatSortingFinds(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int rows = 1 + random.nextInt(90);
    int columns = 1 + random.nextInt(20);
    // Whole numbers: many arcs are equal, and single precision has them exactly.
    DMatrixRMaj costs = new DMatrixRMaj(rows, columns);
    for (int k = 0; k < costs.data.length; k++) {
      costs.data[k] = random.nextInt(30);
    }
    Potentials potentials = new Potentials(rows, columns);
    for (int j = 0; j < columns; j++) {
      potentials.v()[j] = random.nextInt(5);
    }
    int[] perRow = random.ints(rows, 1, 5).map(count -> Math.min(count, columns)).toArray();
    int[] perColumn = random.ints(columns, 1, 40).map(count -> Math.min(count, rows)).toArray();
    double below = random.nextBoolean() ? Double.POSITIVE_INFINITY : 6;

    CostMatrix exact = new DenseCosts(costs);
    long[] expected = sorted(costs, potentials.v(), perRow, perColumn, below);
    for (CostMatrix matrix : new CostMatrix[] {exact, new OnlyBounds(exact)}) {
      long[] found = BestArcs.ofAll(matrix, potentials, perRow, perColumn, below);
      assertThat(Arrays.stream(found).sorted().distinct()).containsExactly(box(expected));
    }
  }

  private static Long[] box(long[] values) {
    return Arrays.stream(values).boxed().toArray(Long[]::new);
  }

  private static long[] sorted(
      DMatrixRMaj costs, double[] v, int[] perRow, int[] perColumn, double below) {
    int columns = costs.numCols;
    double[][] reduced = new double[costs.numRows][columns];
    for (int i = 0; i < costs.numRows; i++) {
      double u = Double.POSITIVE_INFINITY;
      for (int j = 0; j < columns; j++) {
        u = Math.min(u, costs.get(i, j) - v[j]);
      }
      for (int j = 0; j < columns; j++) {
        reduced[i][j] = costs.get(i, j) - v[j] - u;
      }
    }
    TreeSet<Long> keys = new TreeSet<>();
    for (int i = 0; i < costs.numRows; i++) {
      int row = i;
      IntStream.range(0, columns)
          .filter(j -> reduced[row][j] < below)
          .boxed()
          .sorted(
              comparingDouble((Integer j) -> reduced[row][j]).thenComparing(comparingInt(j -> j)))
          .limit(perRow[row])
          .forEach(j -> keys.add((long) row * columns + j));
    }
    for (int j = 0; j < columns; j++) {
      int column = j;
      IntStream.range(0, costs.numRows)
          .filter(i -> reduced[i][column] < below)
          .boxed()
          .sorted(
              comparingDouble((Integer i) -> reduced[i][column])
                  .thenComparing(comparingInt(i -> i)))
          .limit(perColumn[column])
          .forEach(i -> keys.add((long) i * columns + column));
    }
    return keys.stream().mapToLong(key -> key).toArray();
  }

  /** The same costs, but given as bounds. */
  private record OnlyBounds(CostMatrix costs) implements CostMatrix {

    @Override
    public int rows() {
      return costs.rows();
    }

    @Override
    public int columns() {
      return costs.columns();
    }

    @Override
    public double get(int row, int column) {
      return costs.get(row, column);
    }

    @Override
    public boolean visitsExactly() {
      return false;
    }

    @Override
    public void visit(int[] rows, int from, int to, RowVisitor visitor) {
      costs.visit(rows, from, to, visitor);
    }
  }
}
