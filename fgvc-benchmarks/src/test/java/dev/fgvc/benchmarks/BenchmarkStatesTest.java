package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(strings = {"ejml", "nd4j", "torch"})
  void allDistancesAreTheSame(String engine) {
    GroundDistanceBenchmark benchmark = new GroundDistanceBenchmark();
    benchmark.size = "30x20x50";
    benchmark.engine = engine;
    benchmark.draw();
    DMatrixRMaj blocked = benchmark.blocked();
    DMatrixRMaj direct = benchmark.direct();
    for (int k = 0; k < direct.getNumElements(); k++) {
      assertThat(blocked.data[k]).isCloseTo(direct.data[k], within(1e-6 * direct.data[k]));
    }
  }

  @Test
  void rankingIsOfEverySourceClass() {
    SourceRankingBenchmark benchmark = new SourceRankingBenchmark();
    benchmark.size = "30x10x16";
    benchmark.draw();
    assertThat(benchmark.rank()).hasSize(30);
  }

  @Test
  void transformsFillTheirTarget() throws IOException {
    TransformBenchmark benchmark = new TransformBenchmark();
    benchmark.photo = "60x80";
    benchmark.side = 32;
    benchmark.paint();
    try {
      assertThat(benchmark.centralCrop().remaining()).isZero();
      assertThat(benchmark.randomCrop().remaining()).isZero();
    } finally {
      benchmark.delete();
    }
  }

  @Test
  void anEpochReadsEveryBatch() throws IOException {
    BatchLoaderBenchmark benchmark = new BatchLoaderBenchmark();
    benchmark.files = 3;
    benchmark.side = 32;
    benchmark.paint();
    try {
      assertThat(benchmark.epoch()).isNotZero().isEqualTo(benchmark.epoch());
    } finally {
      benchmark.delete();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void networksGiveScoresAndFeatures(String engine) {
    InferenceBenchmark benchmark = new InferenceBenchmark();
    benchmark.engine = engine;
    benchmark.side = 96;
    benchmark.batch = 2;
    benchmark.width = 0.125;
    benchmark.compile();
    try {
      assertThat(benchmark.logits().numCols).isEqualTo(1000);
      assertThat(benchmark.features().numCols).isEqualTo(2048 / 8);
    } finally {
      benchmark.close();
    }
  }

  @Test
  void aTrainingStepHasALoss() {
    TrainingStepBenchmark benchmark = new TrainingStepBenchmark();
    benchmark.architecture = "RESNET_V2_50";
    benchmark.side = 64;
    benchmark.batch = 2;
    benchmark.width = 0.125;
    benchmark.compile();
    try {
      assertThat(benchmark.step().crossEntropy()).isBetween(1.0, 100.0);
    } finally {
      benchmark.close();
    }
  }

  @Test
  void checkpointsAreReadAsWritten() throws IOException {
    CheckpointBenchmark benchmark = new CheckpointBenchmark();
    benchmark.width = 0.125;
    benchmark.draw();
    try {
      assertThat(Files.size(benchmark.write())).isPositive();
      assertThat(benchmark.read().names()).isNotEmpty();
    } finally {
      benchmark.delete();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FP32", "BF16"})
  void ceilingsCountWhatTheyDo(String precision) {
    CeilingsBenchmark benchmark = new CeilingsBenchmark();
    benchmark.size = 64;
    benchmark.precision = precision;
    benchmark.fill();
    WorkRates rates = new WorkRates();
    try {
      // Sums of 64 products of numbers between 0 and 1; on the diagonal, of squares.
      assertThat(benchmark.product(rates)).isBetween(10f, 35f);
      assertThat(benchmark.copy(rates)).isBetween(0f, 1f);
    } finally {
      benchmark.free();
    }
    assertThat(rates.billionFlop).isCloseTo(2e-9 * 64 * 64 * 64, within(1e-12));
    assertThat(rates.gigabytes)
        .isCloseTo(1e-9 * 64 * 64 * (precision.equals("FP32") ? 4 : 2), within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"torch, FP32", "torch, BF16", "nd4j, FP32"})
  void theHotPathCountsWhatItDoes(String engine, String precision) {
    HotPathBenchmark benchmark = new HotPathBenchmark();
    benchmark.engine = engine;
    benchmark.precision = precision;
    benchmark.architecture = "RESNET_V2_50";
    benchmark.width = 0.125;
    benchmark.side = 64;
    benchmark.batch = 2;
    benchmark.batches = 3;
    benchmark.classes = 4;
    benchmark.targets = 5;
    benchmark.compile();
    WorkRates rates = new WorkRates();
    try {
      DomainFeatures domain = benchmark.domain(rates);
      assertThat(domain.classCount()).isEqualTo(4);
      assertThat(domain.dimension()).isEqualTo(2048 / 8);
      assertThat(rates.images).isEqualTo(6);
      assertThat(rates.gigabytes).isCloseTo(1e-9 * 6 * 3 * 64 * 64, within(1e-15));
      long products = Networks.graph("RESNET_V2_50", 0.125).multiplyAdds(Resolution.square(64));
      assertThat(rates.billionFlop).isCloseTo(2e-9 * 6 * products, within(1e-9));

      WorkRates ofDistances = new WorkRates();
      DMatrixRMaj distances = benchmark.distances(ofDistances);
      assertThat(distances.numRows).isEqualTo(4);
      assertThat(distances.numCols).isEqualTo(5);
      assertThat(ofDistances.billionFlop).isCloseTo(2e-9 * 4 * 5 * 256, within(1e-15));
    } finally {
      benchmark.close();
    }
  }

  @Test
  void skipsWhatIsNotThereByName() {
    InferenceBenchmark benchmark = new InferenceBenchmark();
    benchmark.device = "cuda:100";
    benchmark.width = 0.125;
    assertThatThrownBy(benchmark::compile)
        .isInstanceOf(SkippedBenchmark.class)
        .hasMessageContaining("skipped, torch on cuda:100")
        .hasMessageContaining("CUDA");
    GroundDistanceBenchmark distance = new GroundDistanceBenchmark();
    distance.engine = "torch";
    distance.device = "cuda:100";
    assertThatThrownBy(distance::draw)
        .isInstanceOf(SkippedBenchmark.class)
        .hasMessageContaining("skipped, torch on cuda:100");
    CeilingsBenchmark ceilings = new CeilingsBenchmark();
    ceilings.device = "cuda:100";
    assertThatThrownBy(ceilings::fill).isInstanceOf(SkippedBenchmark.class);
    for (String engineOfHotPath : List.of("torch", "nd4j")) {
      HotPathBenchmark hotPath = new HotPathBenchmark();
      hotPath.engine = engineOfHotPath;
      hotPath.device = "cuda:100";
      hotPath.width = 0.125;
      assertThatThrownBy(hotPath::compile)
          .isInstanceOf(SkippedBenchmark.class)
          .hasMessageContaining("skipped, " + engineOfHotPath + " on cuda:100");
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
