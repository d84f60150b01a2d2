package dev.fgvc.benchmarks;

import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.torch.TorchDistances;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
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
 * Measures the ceilings of a device, to be set beside {@link HotPathBenchmark}: FLOPs per second of
 * a large matrix product, and bytes per second of a large copy from the host. The columns {@code
 * billionFlop} and {@code gigabytes} are rates for each second.
 *
 * <p>The trap avoided: a GPU is given work faster than it does it, so an element of each result is
 * read back before the time is taken.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar Ceilings
 *   java -jar fgvc-benchmarks/target/benchmarks.jar Ceilings -p device=cuda -p size=16384
 * </pre>
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"})
public class CeilingsBenchmark {

  /** Rows and columns of the matrices. */
  @Param("4096")
  int size = 4096;

  /** {@code cpu}, {@code cuda} or {@code cuda:1}. */
  @Param("cpu")
  String device = "cpu";

  /** The number format of the matrices. */
  @Param({"FP32", "BF16"})
  String precision = "FP32";

  private record Prepared(Tensor onHost, Tensor left, Tensor right) {}

  /** No tensor before the engine, which loads libtorch so that it finds a GPU. */
  private Optional<Prepared> prepared = Optional.empty();

  /** Made by JMH. */
  public CeilingsBenchmark() {}

  /** Fills the matrices. */
  @Setup
  public void fill() {
    dev.fgvc.nets.engine.Device wanted = dev.fgvc.nets.engine.Device.named(device);
    Networks.orSkip("torch on " + device, () -> TorchDistances.on(wanted));
    boolean onGpu = wanted.kind() == dev.fgvc.nets.engine.Device.Kind.CUDA;
    Device place = new Device(onGpu ? "cuda:" + wanted.index() : "cpu");
    boolean half = Precision.valueOf(precision) == Precision.BF16;
    ScalarType type = half ? ScalarType.BFloat16 : ScalarType.Float;
    try (PointerScope scope = new PointerScope()) {
      Tensor host =
          torch.rand(new long[] {size, size}, new TensorOptions(ScalarType.Float)).to(type);
      // Pinned pages are what a GPU copies fastest.
      Tensor onHost = onGpu ? host.pin_memory() : host;
      Tensor left = host.to(place, type).clone();
      Tensor right = host.t().contiguous().to(place, type).clone();
      prepared =
          Optional.of(
              new Prepared(
                  onHost.retainReference(), left.retainReference(), right.retainReference()));
    }
  }

  /** Frees the matrices. */
  @TearDown
  public void free() {
    prepared.ifPresent(
        it -> {
          it.onHost.close();
          it.left.close();
          it.right.close();
        });
  }

  /**
   * A matrix product.
   *
   * @param rates counts its operations
   * @return its last element
   */
  @Benchmark
  public float product(WorkRates rates) {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope scope = new PointerScope()) {
      Tensor result = torch.mm(prepared.orElseThrow().left, prepared.orElseThrow().right);
      rates.billionFlop += 2e-9 * size * size * size;
      return last(result);
    }
  }

  /**
   * A copy from the host to the device.
   *
   * @param rates counts its bytes
   * @return the copy's last element
   */
  @Benchmark
  public float copy(WorkRates rates) {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope scope = new PointerScope()) {
      Prepared it = prepared.orElseThrow();
      it.left.copy_(it.onHost);
      rates.gigabytes += 1e-9 * size * size * it.onHost.element_size();
      return last(it.left);
    }
  }

  private static float last(Tensor matrix) {
    return matrix.select(0, -1).select(0, -1).item().toFloat();
  }
}
