package dev.fgvc.emd.testing;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/**
 * The optimum of a small transportation problem as a fraction, in integer arithmetic without any
 * rounding: successive shortest paths (Dijkstra's algorithm on reduced costs) on weights and costs
 * that are scaled to integers.
 */
public final class ExactOptimum {

  private final BigInteger[][] cost;
  private final BigInteger[][] flow;
  private final BigInteger[] left;
  private final BigInteger[] wanted;
  private final BigInteger[] rowLabel;
  private final BigInteger[] columnLabel;

  private ExactOptimum(BigInteger[] supply, BigInteger[] demand, BigInteger[][] cost) {
    this.cost = cost;
    left = supply.clone();
    wanted = demand.clone();
    flow = new BigInteger[supply.length][demand.length];
    for (BigInteger[] line : flow) {
      Arrays.fill(line, BigInteger.ZERO);
    }
    rowLabel = zeros(supply.length);
    columnLabel = zeros(demand.length);
  }

  /**
   * A fraction.
   *
   * @param denominator positive
   */
  public record Fraction(BigInteger numerator, BigInteger denominator) {

    /** Whether this is at least a number. */
    public boolean isAtLeast(double number) {
      return isAtLeast(new BigDecimal(number));
    }

    public boolean isAtLeast(BigDecimal number) {
      return new BigDecimal(numerator).compareTo(number.multiply(new BigDecimal(denominator))) >= 0;
    }

    /** How far a number is above this, rounded. */
    public double excessOf(double number) {
      return excessOf(new BigDecimal(number));
    }

    public double excessOf(BigDecimal number) {
      BigDecimal scaled = number.multiply(new BigDecimal(denominator));
      return scaled
          .subtract(new BigDecimal(numerator))
          .divide(new BigDecimal(denominator), java.math.MathContext.DECIMAL64)
          .doubleValue();
    }

    public double value() {
      return -excessOf(0);
    }
  }

  /** The cost of the cheapest plan for a unit of mass, both totals normalised. */
  public static Fraction balanced(double[] supply, double[] demand, DMatrixRMaj cost) {
    Scaled from = Scaled.of(supply);
    Scaled to = Scaled.of(demand);
    Scaled costs = Scaled.of(cost.data);
    BigInteger fromTotal = sum(from.integers);
    BigInteger toTotal = sum(to.integers);
    BigInteger[][] matrix = matrix(costs.integers, supply.length, demand.length, 0, 0);
    BigInteger total =
        new ExactOptimum(times(from.integers, toTotal), times(to.integers, fromTotal), matrix)
            .solve();
    return costs.fraction(total, fromTotal.multiply(toTotal));
  }

  /** The same where only as much moves as the smaller side has. */
  public static Fraction partial(double[] supply, double[] demand, DMatrixRMaj cost) {
    double[] both = Arrays.copyOf(supply, supply.length + demand.length);
    System.arraycopy(demand, 0, both, supply.length, demand.length);
    Scaled scaled = Scaled.of(both);
    BigInteger[] from = Arrays.copyOf(scaled.integers, supply.length);
    BigInteger[] to = Arrays.copyOfRange(scaled.integers, supply.length, both.length);
    BigInteger rest = sum(from).subtract(sum(to));
    Scaled costs = Scaled.of(cost.data);
    int moreColumns = rest.signum() > 0 ? 1 : 0;
    int moreRows = rest.signum() < 0 ? 1 : 0;
    BigInteger moved = sum(from).min(sum(to));
    BigInteger[][] matrix =
        matrix(costs.integers, supply.length, demand.length, moreRows, moreColumns);
    if (moreRows > 0) {
      from = Arrays.copyOf(from, supply.length + 1);
      from[supply.length] = rest.negate();
    }
    if (moreColumns > 0) {
      to = Arrays.copyOf(to, demand.length + 1);
      to[demand.length] = rest;
    }
    return costs.fraction(new ExactOptimum(from, to, matrix).solve(), moved);
  }

  /** Numbers as integers times a power of two. */
  private record Scaled(BigInteger[] integers, int exponent) {

    static Scaled of(double[] numbers) {
      int least = 0;
      for (double number : numbers) {
        if (number != 0) {
          least = Math.min(least, Math.getExponent(number) - 52 - 1);
        }
      }
      int exponent = Math.max(-1074, least);
      BigInteger[] integers = new BigInteger[numbers.length];
      BigDecimal factor = new BigDecimal(BigInteger.ONE.shiftLeft(-exponent));
      for (int k = 0; k < numbers.length; k++) {
        integers[k] = new BigDecimal(numbers[k]).multiply(factor).toBigIntegerExact();
      }
      return new Scaled(integers, exponent);
    }

    Fraction fraction(BigInteger total, BigInteger mass) {
      return new Fraction(total, mass.shiftLeft(-exponent));
    }
  }

  private BigInteger solve() {
    for (int i = 0; i < left.length; i++) {
      while (left[i].signum() > 0) {
        augment(i);
      }
    }
    BigInteger total = BigInteger.ZERO;
    for (int i = 0; i < left.length; i++) {
      for (int j = 0; j < wanted.length; j++) {
        total = total.add(flow[i][j].multiply(cost[i][j]));
      }
    }
    return total;
  }

  /** Sends as much as fits along the cheapest way from a row to a column that wants more. */
  private void augment(int source) {
    int rows = left.length;
    int columns = wanted.length;
    BigInteger[] rowDistance = new BigInteger[rows];
    BigInteger[] columnDistance = new BigInteger[columns];
    int[] rowFrom = new int[rows];
    int[] columnFrom = new int[columns];
    boolean[] rowDone = new boolean[rows];
    boolean[] columnDone = new boolean[columns];
    rowDistance[source] = BigInteger.ZERO;
    int end = -1;
    BigInteger reach = BigInteger.ZERO;
    while (end < 0) {
      int row = nearest(rowDistance, rowDone);
      int column = nearest(columnDistance, columnDone);
      if (column < 0 || (row >= 0 && rowDistance[row].compareTo(columnDistance[column]) <= 0)) {
        rowDone[row] = true;
        for (int j = 0; j < columns; j++) {
          if (!columnDone[j]) {
            BigInteger reduced = cost[row][j].add(rowLabel[row]).subtract(columnLabel[j]);
            BigInteger distance = rowDistance[row].add(reduced);
            if (columnDistance[j] == null || distance.compareTo(columnDistance[j]) < 0) {
              columnDistance[j] = distance;
              columnFrom[j] = row;
            }
          }
        }
      } else {
        columnDone[column] = true;
        reach = columnDistance[column];
        if (wanted[column].signum() > 0) {
          end = column;
          break;
        }
        for (int i = 0; i < rows; i++) {
          if (!rowDone[i] && flow[i][column].signum() > 0) {
            BigInteger reduced =
                columnLabel[column].subtract(rowLabel[i]).subtract(cost[i][column]);
            BigInteger distance = columnDistance[column].add(reduced);
            if (rowDistance[i] == null || distance.compareTo(rowDistance[i]) < 0) {
              rowDistance[i] = distance;
              rowFrom[i] = column;
            }
          }
        }
      }
    }
    raise(rowLabel, rowDistance, reach);
    raise(columnLabel, columnDistance, reach);
    BigInteger amount = left[source].min(wanted[end]);
    for (int j = end, i = columnFrom[j]; i != source; j = rowFrom[i], i = columnFrom[j]) {
      amount = amount.min(flow[i][rowFrom[i]]);
    }
    int j = end;
    while (true) {
      int i = columnFrom[j];
      flow[i][j] = flow[i][j].add(amount);
      if (i == source) {
        break;
      }
      j = rowFrom[i];
      flow[i][j] = flow[i][j].subtract(amount);
    }
    left[source] = left[source].subtract(amount);
    wanted[end] = wanted[end].subtract(amount);
  }

  private static int nearest(BigInteger[] distance, boolean[] done) {
    int best = -1;
    for (int k = 0; k < done.length; k++) {
      if (!done[k]
          && distance[k] != null
          && (best < 0 || distance[k].compareTo(distance[best]) < 0)) {
        best = k;
      }
    }
    return best;
  }

  private static void raise(BigInteger[] label, BigInteger[] distance, BigInteger reach) {
    for (int k = 0; k < label.length; k++) {
      BigInteger known = distance[k] == null ? reach : distance[k].min(reach);
      label[k] = label[k].add(known);
    }
  }

  private static BigInteger[][] matrix(
      BigInteger[] costs, int rows, int columns, int moreRows, int moreColumns) {
    BigInteger[][] matrix = new BigInteger[rows + moreRows][columns + moreColumns];
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < matrix[i].length; j++) {
        matrix[i][j] = i < rows && j < columns ? costs[i * columns + j] : BigInteger.ZERO;
      }
    }
    return matrix;
  }

  private static BigInteger[] zeros(int size) {
    BigInteger[] zeros = new BigInteger[size];
    Arrays.fill(zeros, BigInteger.ZERO);
    return zeros;
  }

  private static BigInteger sum(BigInteger[] values) {
    return Arrays.stream(values).reduce(BigInteger.ZERO, BigInteger::add);
  }

  private static BigInteger[] times(BigInteger[] values, BigInteger factor) {
    return Arrays.stream(values).map(value -> value.multiply(factor)).toArray(BigInteger[]::new);
  }
}
