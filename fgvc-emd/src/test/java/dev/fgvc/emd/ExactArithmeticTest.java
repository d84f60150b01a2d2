package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.problem.DoubleDouble;
import dev.fgvc.emd.testing.Certificates;
import dev.fgvc.emd.testing.ExactOptimum;
import dev.fgvc.testing.RandomCases;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

/**
 * The solver against arithmetic without rounding, over weights and costs of every kind: {@code
 * -Dfgvc.emd.cases=100000} takes a few minutes.
 */
class ExactArithmeticTest {

  private static final int CASES = Integer.getInteger("fgvc.emd.cases", 3000);

  /** Double precision tells the result from the optimum no better than this. */
  private static final double DOUBLE = 0x1p-51;

  /** Masses are rounded to 2^-100 and less of the total; no more than this of any cost may show. */
  private static final double ROUNDED_MASSES = 0x1p-90;

  @Test
  void randomInstancesOfAllKindsAreOptimal() {
    RandomCases.check(CASES, random -> check(Instance.draw(random, 9)));
  }

  @Test
  void largerInstancesAreOptimal() {
    RandomCases.check(CASES / 50, random -> check(Instance.draw(random, 40)));
  }

  /** Bounds of an early round round as its potentials do, which may be far larger than the last. */
  @Test
  void potentialsThatShrinkLeaveNoWrongBoundBehind() {
    check(Instance.draw(new Random(-3954605755428791819L), 9));
    check(Instance.draw(new Random(-5492708246314143594L), 40));
  }

  @Test
  void nodesWithoutMassHaveFinitePotentialsAtTheLargestCosts() {
    check(Instance.draw(new Random(77 * 1000003L + 76161), 9));
  }

  static void check(Instance instance) {
    try {
      require(instance);
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError(instance.describe(), failure);
    }
  }

  private static void require(Instance instance) {
    DMatrixRMaj cost = instance.cost;
    ExactEmd emd =
        instance.partial ? ExactEmd.builder().partialMatching().build() : ExactEmd.create();
    ExactOptimum.Fraction optimum =
        instance.partial
            ? ExactOptimum.partial(instance.supply, instance.demand, cost)
            : ExactOptimum.balanced(instance.supply, instance.demand, cost);
    double largest = Arrays.stream(cost.data).max().orElseThrow();
    TransportPlan plan;
    try {
      plan = emd.solve(instance.supply, instance.demand, cost);
    } catch (ArithmeticException refused) {
      // Rounded masses do not tell so small a distance beside such a cost.
      assertThat(optimum.value()).as(refused.getMessage()).isLessThan(ROUNDED_MASSES * largest);
      return;
    }
    double allowed = DOUBLE * optimum.value() + ROUNDED_MASSES * largest + 9 * Double.MIN_VALUE;
    assertThat(optimum.isAtLeast(plan.lowerBound()))
        .as("%s is a lower bound of %s", plan.lowerBound(), optimum.value())
        .isTrue();
    assertThat(optimum.excessOf(plan.lowerBound())).as("lower bound").isBetween(-allowed, 0.0);
    assertThat(optimum.excessOf(plan.distance())).as("distance").isBetween(-allowed, allowed);
    assertThat(plan.lowerBound()).isLessThanOrEqualTo(plan.distance());
    assertThat(plan.relativeGap()).isBetween(0.0, Certificates.GAP);
    requireFlows(instance, plan);
    requirePotentials(instance, plan, optimum);
  }

  private static void requireFlows(Instance instance, TransportPlan plan) {
    double[] sent = new double[instance.supply.length];
    double[] received = new double[instance.demand.length];
    double total = 0;
    for (int k = 0; k < plan.flowCount(); k++) {
      assertThat(plan.flow(k)).isPositive().isLessThanOrEqualTo(1);
      sent[plan.source(k)] += plan.flow(k);
      received[plan.target(k)] += plan.flow(k);
      total += plan.flow(k);
    }
    assertThat(total).as("all flows").isBetween(1 - 1e-14, 1 + 1e-14);
    double supply = DoubleStream.of(instance.supply).sum();
    double demand = DoubleStream.of(instance.demand).sum();
    requireMarginals(
        sent,
        instance.supply,
        instance.partial ? Math.min(supply, demand) : supply,
        instance.partial && supply > demand);
    requireMarginals(
        received,
        instance.demand,
        instance.partial ? Math.min(supply, demand) : demand,
        instance.partial && demand > supply);
  }

  private static void requireMarginals(
      double[] moved, double[] weights, double unit, boolean atMost) {
    for (int k = 0; k < moved.length; k++) {
      double share = weights[k] / unit;
      assertThat(moved[k]).as("mass of %d", k).isLessThanOrEqualTo(share + 1e-14);
      if (!atMost) {
        assertThat(moved[k]).as("mass of %d", k).isGreaterThanOrEqualTo(share - 1e-14);
      }
      if (weights[k] == 0) {
        assertThat(moved[k]).as("mass of nothing").isZero();
      }
    }
  }

  /** Potentials prove nearly as much when rounded to doubles, whatever costs the plan avoids. */
  private static void requirePotentials(
      Instance instance, TransportPlan plan, ExactOptimum.Fraction optimum) {
    double[] u = plan.sourcePotentials();
    double[] v = plan.targetPotentials();
    for (int i = 0; i < u.length; i++) {
      for (int j = 0; j < v.length; j++) {
        double c = instance.cost.get(i, j);
        double sum = u[i] + v[j];
        assertThat(sum).as("u_%d + v_%d", i, j).isLessThanOrEqualTo(c);
        assertThat(sum == c && DoubleDouble.lost(u[i], v[j], sum) > 0).isFalse();
      }
      assertThat(u[i]).isFinite();
    }
    double used = 0;
    for (int k = 0; k < plan.flowCount(); k++) {
      used = Math.max(used, instance.cost.get(plan.source(k), plan.target(k)));
    }
    BigDecimal objective = objective(instance.supply, u).add(objective(instance.demand, v));
    if (instance.partial) {
      return;
    }
    assertThat(optimum.excessOf(objective))
        .as("objective of the potentials")
        .isGreaterThanOrEqualTo(
            -1e-14 * (u.length + v.length) * used
                - ROUNDED_MASSES * Arrays.stream(instance.cost.data).max().orElseThrow()
                - 100 * Double.MIN_VALUE);
  }

  private static BigDecimal objective(double[] weights, double[] potentials) {
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal sum = BigDecimal.ZERO;
    for (int k = 0; k < weights.length; k++) {
      BigDecimal weight = new BigDecimal(weights[k]);
      total = total.add(weight);
      sum = sum.add(weight.multiply(new BigDecimal(potentials[k])));
    }
    return sum.divide(total, new java.math.MathContext(60));
  }

  /** A transportation problem. */
  record Instance(
      double[] supply, double[] demand, DMatrixRMaj cost, boolean partial, String kind) {

    static Instance draw(Random random, int most) {
      int rows = RandomCases.between(random, 1, most);
      int columns = RandomCases.between(random, 1, most);
      int weights = random.nextInt(Weight.values().length);
      int costs = random.nextInt(Cost.values().length);
      double[] supply = Weight.values()[weights].draw(rows, random);
      Weight other =
          random.nextInt(3) == 0
              ? Weight.values()[random.nextInt(Weight.values().length)]
              : Weight.values()[weights];
      double[] demand = other.draw(columns, random);
      DMatrixRMaj cost = Cost.values()[costs].draw(rows, columns, random);
      boolean partial = random.nextInt(4) == 0;
      if (partial && random.nextBoolean()) {
        double factor = Math.pow(10, 40 * random.nextDouble() - 20);
        supply = Arrays.stream(supply).map(weight -> weight * factor).toArray();
      } else if (!partial && random.nextInt(6) == 0) {
        // A domain against itself, or nearly, with weights of another total.
        columns = rows;
        cost = Cost.values()[costs].draw(rows, rows, random);
        for (int i = 0; i < rows; i++) {
          cost.set(i, i, random.nextInt(8) == 0 ? 1e-6 * cost.get(i, i) : 0);
        }
        double divisor = random.nextBoolean() ? 77 : Math.max(1e-300, Arrays.stream(supply).sum());
        boolean single = random.nextBoolean();
        demand =
            Arrays.stream(supply)
                .map(weight -> single ? (float) (weight / divisor) : weight / divisor)
                .toArray();
      }
      if (!(Arrays.stream(supply).sum() > 0) || !(Arrays.stream(demand).sum() > 0)) {
        return draw(random, most);
      }
      return new Instance(
          supply,
          demand,
          cost,
          partial,
          Weight.values()[weights] + ", " + other + ", " + Cost.values()[costs]);
    }

    String describe() {
      return kind
          + (partial ? ", partial: " : ": ")
          + Arrays.toString(supply)
          + " to "
          + Arrays.toString(demand)
          + " at "
          + Arrays.toString(cost.data);
    }
  }

  private enum Weight {
    COUNTS,
    FEW_COUNTS,
    UNIFORM,
    ONES,
    GAUSSIAN,
    SOFTMAX,
    SINGLE_SOFTMAX,
    TINY,
    ANY_SIZE,
    TENTHS;

    double[] draw(int size, Random random) {
      double[] weights = new double[size];
      double middle = size * random.nextDouble();
      double width = size * (0.05 + random.nextDouble() / 4);
      double heat = 1000 * random.nextDouble();
      for (int k = 0; k < size; k++) {
        double z = (k - middle) / width;
        weights[k] =
            switch (this) {
              case COUNTS -> 1 + random.nextInt(1000);
              case FEW_COUNTS -> random.nextInt(3);
              case UNIFORM -> random.nextDouble();
              case ONES -> 1;
              case GAUSSIAN -> Math.exp(-z * z / 2);
              case SOFTMAX -> Math.exp(-heat * random.nextDouble());
              case SINGLE_SOFTMAX -> (float) Math.exp(-0.1 * heat * random.nextDouble());
              case TINY -> random.nextInt(3) == 0 ? 1e-17 * random.nextDouble() : 0.1;
              case ANY_SIZE -> Math.pow(10, 60 * random.nextDouble() - 30);
              case TENTHS -> random.nextInt(4) / 10.0;
            };
      }
      if (this == TENTHS || this == FEW_COUNTS) {
        weights[random.nextInt(size)] += this == TENTHS ? 0.1 : 1;
      }
      return weights;
    }
  }

  private enum Cost {
    UNIFORM,
    FEW_INTEGERS,
    CLOSE_TO_A_THOUSAND,
    LINE,
    CONCAVE,
    FAR_CLUSTERS,
    FORBIDDEN,
    BLOCKS,
    ANY_SIZE,
    HUGE,
    TINY,
    EQUAL;

    DMatrixRMaj draw(int rows, int columns, Random random) {
      double[] x = random.doubles(rows).toArray();
      double[] y = random.doubles(columns).toArray();
      double forbidden = Math.pow(10, 3 + random.nextInt(7));
      int blocks = 1 + random.nextInt(4);
      DMatrixRMaj cost = new DMatrixRMaj(rows, columns);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          double d = Math.abs(x[i] - y[j]);
          cost.set(
              i,
              j,
              switch (this) {
                case UNIFORM -> random.nextDouble();
                case FEW_INTEGERS -> random.nextInt(4);
                case CLOSE_TO_A_THOUSAND -> 1000 + random.nextDouble();
                case LINE -> d;
                case CONCAVE -> 4 - d * d;
                case FAR_CLUSTERS -> d + (i % 2 == j % 2 ? 0 : 1e6);
                case FORBIDDEN -> random.nextInt(3) == 0 ? forbidden : d;
                case BLOCKS -> i % blocks == j % blocks ? d : forbidden;
                case ANY_SIZE -> Math.pow(10, 12 * random.nextDouble() - 6);
                case HUGE -> Double.MAX_VALUE * random.nextDouble();
                case TINY -> 1e-305 * random.nextDouble();
                case EQUAL -> 3;
              });
        }
      }
      return cost;
    }
  }
}
