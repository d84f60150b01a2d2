package dev.fgvc.benchmarks;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.Weights;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time of one training step with the paper's options: forward, backward, RMSProp, weight decay
 * and the moving average of all variables.
 *
 * <p>The traps avoided: the loss is read back in each step, so a device cannot fall behind; the
 * learning rate is so small that no run diverges into infinities, which compute at another speed.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar TrainingStep -p architecture=INCEPTION_V3 -p batch=32
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx3g",
      "-XX:+IgnoreUnrecognizedVMOptions",
      "--enable-native-access=ALL-UNNAMED"
    })
public class TrainingStepBenchmark {

  private static final double RATE = 1e-6;

  /** One of the eight. */
  @Param({"INCEPTION_V3", "RESNET_V2_50"})
  String architecture = "INCEPTION_V3";

  /** Height and width of the images. */
  @Param({"299", "448"})
  int side = 299;

  /** Images at once. */
  @Param("8")
  int batch = 8;

  /** The number format of the maps; weights are FP32. */
  @Param({"FP32", "BF16"})
  String precision = "FP32";

  /** {@code torch} or {@code nd4j}. */
  @Param("torch")
  String engine = "torch";

  /** {@code cpu}, {@code cuda} or {@code cuda:1}. */
  @Param("cpu")
  String device = "cpu";

  /** Factor of all channel counts; 1 is the paper's. */
  @Param("1")
  double width = 1;

  private record Prepared(TrainableNetwork network, Images images, int[] labels) {}

  private Optional<Prepared> prepared = Optional.empty();

  /** Made by JMH. */
  public TrainingStepBenchmark() {}

  /** Compiles the network and draws a batch. */
  @Setup
  public void compile() {
    NetworkGraph graph = Networks.graph(architecture, width);
    TrainingOptions options =
        TrainingOptions.paper().toBuilder()
            .device(Device.named(device))
            .bfloat16(Precision.valueOf(precision) == Precision.BF16)
            .build();
    TrainableNetwork network =
        Networks.orSkip(
            engine + " on " + device + " in " + precision,
            () ->
                Networks.engine(engine)
                    .compileForTraining(graph, Weights.initialize(graph, 1), options));
    prepared =
        Optional.of(
            new Prepared(network, Networks.floats(batch, side, 2), Networks.labels(batch, 3)));
  }

  /** Frees the network. */
  @TearDown
  public void close() {
    prepared.ifPresent(each -> each.network.close());
  }

  /**
   * One step.
   *
   * @return its loss
   */
  @Benchmark
  public StepLoss step() {
    return prepared
        .orElseThrow()
        .network
        .step(prepared.orElseThrow().images, prepared.orElseThrow().labels, RATE);
  }
}
