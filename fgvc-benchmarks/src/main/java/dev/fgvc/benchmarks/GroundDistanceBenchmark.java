package dev.fgvc.benchmarks;

import dev.fgvc.emd.GroundDistance;
import dev.fgvc.emd.GroundDistances;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.TorchDistances;
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
 * The time of a Euclidean distance matrix between two domains.
 *
 * <p>What is measured: {@code blocked} is the library's way on EJML or ND4J, or the same formula in
 * libtorch on any device; {@code direct} three plain loops in double precision, which is the result
 * it has to match and what it has to beat.
 *
 * <p>The trap avoided: points drawn without a common offset hide the cost of handling cancellation,
 * and points that all coincide would send every pair down the slow way; clustered non-negative
 * features are what networks give. The matrix is returned, so that no work is dead. Both ways use
 * the same features; only the first uses more than one thread.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar GroundDistance
 *   java -jar fgvc-benchmarks/target/benchmarks.jar GroundDistanceBenchmark.blocked -p size=6089x555x2048
 *   java -jar fgvc-benchmarks/target/benchmarks.jar GroundDistanceBenchmark.blocked -p size=20000x20000x2048 -p engine=torch -p device=cuda
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xmx6g")
public class GroundDistanceBenchmark {

  /** Sources x targets x dimension. */
  @Param({"500x200x2048", "2000x2000x64", "6089x555x2048"})
  String size = "500x200x2048";

  /** {@code ejml}, {@code nd4j}, or {@code torch} in float64. */
  @Param({"ejml", "nd4j", "torch"})
  String engine = "ejml";

  /** {@code cpu} or {@code cuda}; only {@code torch} knows the latter. */
  @Param("cpu")
  String device = "cpu";

  private GroundDistance distance = GroundDistances.ejml();

  private FMatrixRMaj sources = new FMatrixRMaj(1, 1);
  private FMatrixRMaj targets = new FMatrixRMaj(1, 1);

  /** Made by JMH. */
  public GroundDistanceBenchmark() {}

  /** Draws the features. */
  @Setup
  public void draw() {
    distance =
        switch (engine) {
          case "ejml" -> GroundDistances.ejml();
          case "nd4j" -> GroundDistances.nd4j();
          case "torch" ->
              Networks.orSkip("torch on " + device, () -> TorchDistances.on(Device.named(device)))
                  ::between;
          default -> throw new IllegalArgumentException("no engine is called " + engine);
        };
    int[] parts = SyntheticDomains.size(size);
    sources = SyntheticDomains.classMeans(parts[0], parts[2], 1);
    targets = SyntheticDomains.classMeans(parts[1], parts[2], 2);
  }

  /**
   * By matrix multiplication, on the engine that is asked for.
   *
   * @return the distances
   */
  @Benchmark
  public DMatrixRMaj blocked() {
    return distance.between(sources, targets);
  }

  /**
   * By plain loops on one thread.
   *
   * @return the distances
   */
  @Benchmark
  public DMatrixRMaj direct() {
    int dimension = sources.numCols;
    DMatrixRMaj distances = new DMatrixRMaj(sources.numRows, targets.numRows);
    for (int i = 0; i < sources.numRows; i++) {
      for (int j = 0; j < targets.numRows; j++) {
        double sum = 0;
        for (int k = 0; k < dimension; k++) {
          double difference =
              (double) sources.data[i * dimension + k] - targets.data[j * dimension + k];
          sum += difference * difference;
        }
        distances.data[i * targets.numRows + j] = Math.sqrt(sum);
      }
    }
    return distances;
  }
}
