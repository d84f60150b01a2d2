package dev.fgvc.benchmarks;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time of one batch through a network.
 *
 * <p>What is measured: {@code logits} takes normalised floats, as the batch loader gives them;
 * {@code features} takes a decoder's bytes and gives what domain similarity needs. Copying images
 * to the device and results back is part of both, and so is waiting for the device: a result is a
 * matrix in the Java heap.
 *
 * <p>The trap avoided: weights of zeros or images of zeros let processors skip work and denormal
 * numbers slow it down, so weights are initialised as for training and pixels are uniform.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar Inference -p architecture=INCEPTION_V3
 *   java -jar fgvc-benchmarks/target/benchmarks.jar Inference -p device=cuda -p precision=BF16 -p batch=64
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx3g",
      "-XX:+IgnoreUnrecognizedVMOptions",
      "--enable-native-access=ALL-UNNAMED"
    })
public class InferenceBenchmark {

  /** One of the eight. */
  @Param({
    "RESNET_V2_50",
    "RESNET_V2_101",
    "RESNET_V2_152",
    "INCEPTION_V3",
    "INCEPTION_V4",
    "INCEPTION_RESNET_V2",
    "INCEPTION_V3_SE",
    "INCEPTION_RESNET_V2_SE"
  })
  String architecture = "INCEPTION_V3";

  /** Height and width of the images. */
  @Param({"299", "448", "560"})
  int side = 299;

  /** The number format of the products. */
  @Param({"FP32", "BF16"})
  String precision = "FP32";

  /** Images at once. */
  @Param("8")
  int batch = 8;

  /** {@code torch} or {@code nd4j}. */
  @Param("torch")
  String engine = "torch";

  /** {@code cpu}, {@code cuda} or {@code cuda:1}. */
  @Param("cpu")
  String device = "cpu";

  /** Factor of all channel counts; 1 is the paper's. */
  @Param("1")
  double width = 1;

  private record Prepared(Network network, Images floats, ImageBatch bytes) {}

  private Optional<Prepared> prepared = Optional.empty();

  /** Made by JMH. */
  public InferenceBenchmark() {}

  /** Compiles the network and draws the images. */
  @Setup
  public void compile() {
    NetworkGraph graph = Networks.graph(architecture, width);
    Network network = Networks.compile(graph, engine, device, precision);
    prepared =
        Optional.of(
            new Prepared(network, Networks.floats(batch, side, 2), Networks.bytes(batch, side, 3)));
  }

  /** Frees the network. */
  @TearDown
  public void close() {
    prepared.ifPresent(each -> each.network.close());
  }

  /**
   * Class scores from floats.
   *
   * @return images x classes
   */
  @Benchmark
  public FMatrixRMaj logits() {
    return prepared.orElseThrow().network.logits(prepared.orElseThrow().floats);
  }

  /**
   * Pooled features from bytes.
   *
   * @return images x feature dimension
   */
  @Benchmark
  public FMatrixRMaj features() {
    return prepared.orElseThrow().network.features(prepared.orElseThrow().bytes);
  }
}
