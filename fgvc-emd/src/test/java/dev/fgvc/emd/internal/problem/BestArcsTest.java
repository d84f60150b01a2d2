package dev.fgvc.emd.internal.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class BestArcsTest {

  @RepeatedTest(60)
  void findsWhatSortingFinds(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    // The largest are read by several threads.
    boolean large = repetition.getCurrentRepetition() % 20 == 0;
    int rows = large ? 3000 : 1 + random.nextInt(90);
    int columns = large ? 100 : 1 + random.nextInt(20);
    // Whole numbers: many arcs are equal, and single precision has them exactly.
    DMatrixRMaj costs = new DMatrixRMaj(rows, columns);
    for (int k = 0; k < costs.data.length; k++) {
      costs.data[k] = random.nextInt(30);
    }
    double[] v = new double[columns];
    for (int j = 0; j < columns; j++) {
      v[j] = random.nextInt(5);
    }
    Counts counts = Counts.random(rows, columns, random);
    double below = random.nextBoolean() ? Double.POSITIVE_INFINITY : 6;

    double[][] reduced = new double[rows][columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        reduced[i][j] = costs.get(i, j) - v[j];
      }
      double least = Arrays.stream(reduced[i]).min().orElseThrow();
      Arrays.setAll(reduced[i], row(reduced[i], least));
    }
    CostMatrix exact = new DenseCosts(costs);
    requireBest(exact, v, counts, below, reduced);
    requireBest(new OnlyBounds(exact, 1), v, counts, below, reduced);
  }

  @RepeatedTest(20)
  void findsWhatSortingFindsOfBoundsOfAnyUnit(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int rows = 300;
    int columns = 40;
    double unit = (1 - 0x1p-22) * Math.exp(9 * random.nextGaussian());
    DMatrixRMaj costs = new DMatrixRMaj(rows, columns);
    Arrays.setAll(costs.data, k -> 1 + random.nextDouble());
    double[] v = random.doubles(columns).toArray();
    OnlyBounds bounds = new OnlyBounds(new DenseCosts(costs), unit);

    double[][] reduced = new double[rows][columns];
    bounds.visitBounds(
        bounds.allRows(),
        0,
        rows,
        (i, values, start) -> {
          float[] differences = new float[columns];
          float least = Float.POSITIVE_INFINITY;
          for (int j = 0; j < columns; j++) {
            differences[j] = values[start + j] - (float) (v[j] / unit);
            least = Math.min(least, differences[j]);
          }
          for (int j = 0; j < columns; j++) {
            reduced[i][j] = (differences[j] - least) * unit;
          }
        });
    requireBest(bounds, v, Counts.random(rows, columns, random), 0.8, reduced);
  }

  private static IntToDoubleFunction row(double[] values, double less) {
    double[] before = values.clone();
    return j -> before[j] - less;
  }

  private static void requireBest(
      CostMatrix costs, double[] v, Counts counts, double below, double[][] reduced) {
    Potentials potentials = new Potentials(costs.rows(), costs.columns());
    System.arraycopy(v, 0, potentials.v(), 0, v.length);
    long[] found =
        BestArcs.ofAll(
            costs, potentials, counts.perRow, counts.perColumn, below, (row, line) -> {});
    assertThat(Arrays.stream(found).sorted().distinct().toArray())
        .isEqualTo(sorted(reduced, counts, below));
  }

  /** The keys of the best arcs, in order. */
  private static long[] sorted(double[][] reduced, Counts counts, double below) {
    int columns = reduced[0].length;
    TreeSet<Long> keys = new TreeSet<>();
    for (int i = 0; i < reduced.length; i++) {
      int row = i;
      best(columns, counts.perRow[i], below, j -> reduced[row][j])
          .forEach(j -> keys.add((long) row * columns + j));
    }
    for (int j = 0; j < columns; j++) {
      int column = j;
      best(reduced.length, counts.perColumn[j], below, i -> reduced[i][column])
          .forEach(i -> keys.add((long) i * columns + column));
    }
    return keys.stream().mapToLong(key -> key).toArray();
  }

  private static Stream<Integer> best(
      int size, int count, double below, IntToDoubleFunction reduced) {
    return IntStream.range(0, size)
        .filter(k -> reduced.applyAsDouble(k) < below)
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer k) -> reduced.applyAsDouble(k))
                .thenComparing(Comparator.naturalOrder()))
        .limit(count);
  }

  /** How many arcs to find; for a column more than there are rows, too. */
  private record Counts(int[] perRow, int[] perColumn) {

    static Counts random(int rows, int columns, Random random) {
      return new Counts(
          random.ints(rows, 1, 5).map(count -> Math.min(count, columns)).toArray(),
          random.ints(columns, 1, 2 * Math.min(rows, 40) + 1).toArray());
    }
  }

  /** The same costs, but given as bounds. */
  private record OnlyBounds(CostMatrix costs, double unit) implements CostMatrix {

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
    public double boundUnit() {
      return unit;
    }

    @Override
    public void visit(int[] rows, int from, int to, RowVisitor visitor) {
      costs.visit(rows, from, to, visitor);
    }

    @Override
    public void visitBounds(int[] rows, int from, int to, BoundVisitor visitor) {
      float[] bounds = new float[columns()];
      visit(
          rows,
          from,
          to,
          (row, values, offset) -> {
            for (int j = 0; j < bounds.length; j++) {
              bounds[j] = (float) (values[offset + j] / unit);
            }
            visitor.accept(row, bounds, 0);
          });
    }
  }
}
