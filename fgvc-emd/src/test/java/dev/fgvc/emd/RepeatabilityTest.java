package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.internal.start.NativeFlow;
import dev.fgvc.emd.testing.Instances;
import dev.fgvc.testing.ChildJvm;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A plan depends neither on threads nor on an interrupt nor on a native library. */
@Timeout(900)
class RepeatabilityTest {

  @Test
  void thePlanIsTheSameBitByBitForAnyNumberOfThreads() throws Exception {
    String threads = "-Djava.util.concurrent.ForkJoinPool.common.parallelism=";
    List<String> alone = run(threads + 1, "all", true);
    assertThat(alone).hasSize(Problem.values().length);
    assertThat(run(threads + 6, "all", true)).isEqualTo(alone);
  }

  @Test
  void neitherAnInterruptNorALackOfNativeLibrariesShows() throws Exception {
    String interrupted = run("-Dnatives", "interrupted", true).get(0);
    assertThat(interrupted).endsWith("natives true");
    String without = run("-Dnone", "large", false).get(0);
    assertThat(without).endsWith("natives false");
    assertThat(distance(without)).isEqualTo(distance(interrupted));
  }

  private static String distance(String line) {
    return line.split(" ")[1];
  }

  /** Solves in a virtual machine of its own, and returns what it says. */
  private static List<String> run(String option, String what, boolean withNatives)
      throws Exception {
    ProcessBuilder builder = ChildJvm.of(List.of("-Xmx1g", option), RepeatabilityTest.class, what);
    if (!withNatives) {
      builder.command().replaceAll(RepeatabilityTest::withoutOrToolsNatives);
    }
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
  }

  private static String withoutOrToolsNatives(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator))
        .filter(entry -> !entry.matches(".*ortools-(linux|darwin|win32)-[^/]*[.]jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private enum Problem {
    POINTS(2500, 400),
    TIES(600, 500),
    WEIGHTS(900, 700),
    LINE(1500, 200),
    LARGE(11_500, 600),
    WIDE_WEIGHTS(500, 1700),
    WIDE_POINTS(400, 2500),
    PARTIAL_POINTS(1700, 1600);

    final int rows;
    final int columns;

    Problem(int rows, int columns) {
      this.rows = rows;
      this.columns = columns;
    }

    TransportPlan solve() {
      Random random = new Random(rows);
      double[] supply = Instances.counts(rows, 50, random);
      double[] demand = Instances.counts(columns, 50, random);
      FMatrixRMaj sources = Instances.gaussianPoints(rows, 8, random);
      FMatrixRMaj targets = Instances.gaussianPoints(columns, 8, random);
      if (EnumSet.of(POINTS, LARGE, WIDE_POINTS).contains(this)) {
        return ExactEmd.create().solveEuclidean(supply, demand, sources, targets);
      }
      if (this == PARTIAL_POINTS) {
        return ExactEmd.builder()
            .partialMatching()
            .build()
            .solveEuclidean(supply, demand, sources, targets);
      }
      DMatrixRMaj cost = GroundDistances.ejml().between(sources, targets);
      if (this == TIES) {
        Arrays.setAll(cost.data, k -> Math.floor(cost.data[k]));
      } else if (this == LINE) {
        Arrays.setAll(
            cost.data,
            k -> Math.abs(sources.data[k / columns * 8] - targets.data[k % columns * 8]));
      } else {
        supply = Instances.weights(rows, random);
        demand = Instances.weights(columns, random);
      }
      return ExactEmd.create().solve(supply, demand, cost);
    }
  }

  /**
   * Prints what was found.
   *
   * @param arguments one word: all, large or interrupted
   */
  public static void main(String[] arguments) {
    if (arguments[0].equals("interrupted")) {
      Thread.currentThread().interrupt();
    }
    Problem[] problems =
        arguments[0].equals("all") ? Problem.values() : new Problem[] {Problem.LARGE};
    for (Problem problem : problems) {
      TransportPlan plan = problem.solve();
      System.out.println(
          problem
              + " "
              + plan.distance()
              + " "
              + hash(plan)
              + " natives "
              + NativeFlow.isAvailable());
    }
    if (arguments[0].equals("interrupted") && !Thread.interrupted()) {
      throw new IllegalStateException("the interrupt is lost");
    }
  }

  private static int hash(TransportPlan plan) {
    int count = plan.flowCount();
    return Arrays.hashCode(
        new int[] {
          Arrays.hashCode(plan.sourcePotentials()),
          Arrays.hashCode(plan.targetPotentials()),
          Arrays.hashCode(IntStream.range(0, count).map(plan::source).toArray()),
          Arrays.hashCode(IntStream.range(0, count).map(plan::target).toArray()),
          Arrays.hashCode(IntStream.range(0, count).mapToDouble(plan::flow).toArray()),
          plan.statistics().hashCode()
        });
  }
}
