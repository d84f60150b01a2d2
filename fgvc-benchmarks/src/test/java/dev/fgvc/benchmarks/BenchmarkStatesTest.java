package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

/** A benchmark of the wrong thing is worse than none: what each returns is checked here. */
class BenchmarkStatesTest {

  @Test
  void bothSolversReachTheSameProvenOptimum() {
    ExactEmdBenchmark benchmark = new ExactEmdBenchmark();
    benchmark.size = "120x40x16";
    benchmark.draw();
    assertThat(benchmark.dense().relativeGap()).isLessThan(1e-9);
    assertThat(benchmark.streamed().distance())
        .isCloseTo(benchmark.dense().distance(), within(1e-9))
        .isPositive();
  }

  @Test
  void bothDistancesAreTheSame() {
    GroundDistanceBenchmark benchmark = new GroundDistanceBenchmark();
    benchmark.size = "30x20x50";
    benchmark.draw();
    DMatrixRMaj blocked = benchmark.blocked();
    DMatrixRMaj direct = benchmark.direct();
    for (int k = 0; k < direct.getNumElements(); k++) {
      assertThat(blocked.data[k]).isCloseTo(direct.data[k], within(1e-6 * direct.data[k]));
    }
  }

  @Test
  void domainsAreReproducibleAndLongTailed() {
    assertThat(SyntheticDomains.classMeans(10, 8, 5).data)
        .isEqualTo(SyntheticDomains.classMeans(10, 8, 5).data)
        .isNotEqualTo(SyntheticDomains.classMeans(10, 8, 6).data);
    double[] counts = SyntheticDomains.imageCounts(1000, 1);
    java.util.Arrays.sort(counts);
    assertThat(counts[999]).isGreaterThan(5 * counts[500]);
    assertThat(counts[0]).isPositive();
  }
}
