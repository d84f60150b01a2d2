package dev.fgvc.benchmarks;

import dev.fgvc.emd.RankedClass;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * The time to rank every source class by its similarity to a target domain, section 4.2 of the
 * paper: from two sets of class means to the sorted list.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar SourceRanking
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsAppend = "-Xmx3g")
public class SourceRankingBenchmark {

  /** Sources x targets x dimension. */
  @Param({"1000x100x2048", "5089x200x2048", "6089x555x2048"})
  String size = "1000x100x2048";

  private DomainFeatures[] domains = {};

  /** Made by JMH. */
  public SourceRankingBenchmark() {}

  /** Draws the two domains. */
  @Setup
  public void draw() {
    int[] parts = SyntheticDomains.size(size);
    domains =
        new DomainFeatures[] {
          domain("source", parts[0], parts[2], 1), domain("target", parts[1], parts[2], 2)
        };
  }

  private static DomainFeatures domain(String name, int classes, int dimension, long seed) {
    return DomainFeatures.of(
        name,
        IntStream.range(0, classes).mapToObj(c -> "class " + c).toList(),
        SyntheticDomains.classMeans(classes, dimension, seed),
        SyntheticDomains.imageCounts(classes, seed + 2));
  }

  /**
   * Ranks all source classes.
   *
   * @return the most similar first
   */
  @Benchmark
  public List<RankedClass> rank() {
    return SourceSelection.create().rank(domains[0], domains[1]);
  }
}
