package dev.fgvc.benchmarks;

import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.GroundDistances;
import dev.fgvc.emd.TransportPlan;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time of one exact Earth Mover's Distance, from weights and costs to a proven plan.
 *
 * <p>What is measured: {@code dense} takes a finished cost matrix, as other solvers do; {@code
 * streamed} takes features and computes costs on the way, several times over, in little memory.
 *
 * <p>The traps avoided: random costs without geometry make every solver look alike, so costs are
 * distances between clustered points with long-tailed weights, of the paper's shape among others
 * (6089 source classes, 555 target classes). The plan is returned, so that no work is dead; its gap
 * is checked in the set-up, so that no fast wrong answer counts. Allocation belongs to the work:
 * run with {@code -prof gc} to see it.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar ExactEmd
 *   java -jar fgvc-benchmarks/target/benchmarks.jar ExactEmdBenchmark.dense -p size=6089x555x64 -prof gc
 * </pre>
 *
 * Times on a shared machine drift: compare ratios of one run, and take more than one fork.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "-Xmx6g",
      "-XX:+IgnoreUnrecognizedVMOptions",
      "--enable-native-access=ALL-UNNAMED"
    })
public class ExactEmdBenchmark {

  /** Sources x targets x dimension. */
  @Param({
    "200x200x64",
    "1000x100x64",
    "5089x200x64",
    "6089x555x64",
    "1000x1000x64",
    "5000x5000x64",
    "10000x10000x64"
  })
  String size = "200x200x64";

  private FMatrixRMaj sources = new FMatrixRMaj(1, 1);
  private FMatrixRMaj targets = new FMatrixRMaj(1, 1);
  private double[] supply = {1};
  private double[] demand = {1};
  private DMatrixRMaj cost = new DMatrixRMaj(1, 1);

  /** Made by JMH. */
  public ExactEmdBenchmark() {}

  /** Draws the two domains and checks that they are solved to a proven optimum. */
  @Setup
  public void draw() {
    drawFeatures();
    cost = GroundDistances.ejml().between(sources, targets);
    if (dense().relativeGap() > 1e-9) {
      throw new IllegalStateException("no proven optimum at " + size);
    }
  }

  /** All that {@link #streamed} needs. */
  void drawFeatures() {
    int[] parts = SyntheticDomains.size(size);
    int rows = parts[0];
    int columns = parts[1];
    int dimension = parts[2];
    sources = SyntheticDomains.classMeans(rows, dimension, 1);
    targets = SyntheticDomains.classMeans(columns, dimension, 2);
    supply = SyntheticDomains.imageCounts(rows, 3);
    demand = SyntheticDomains.imageCounts(columns, 4);
  }

  /** The same where each point is an image of its own and weighs as much as any other. */
  void drawImages() {
    drawFeatures();
    Arrays.fill(supply, 1);
    Arrays.fill(demand, 1);
  }

  /**
   * From a finished cost matrix.
   *
   * @return the plan
   */
  @Benchmark
  public TransportPlan dense() {
    return ExactEmd.create().solve(supply, demand, cost);
  }

  /**
   * From features, without a cost matrix.
   *
   * @return the plan
   */
  @Benchmark
  public TransportPlan streamed() {
    return ExactEmd.create().solveEuclidean(supply, demand, sources, targets);
  }
}
