package dev.fgvc.benchmarks;

import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.Network;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
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
 * From a decoder's bytes to a domain's class means and their distances, on one device. The columns
 * {@code billionFlop}, {@code gigabytes} and {@code images} are rates for each second; {@link
 * CeilingsBenchmark} gives the first two's limits on the same device and in the same precision.
 *
 * <p>What is measured: {@code domain} copies some batches of bytes to the device, normalises them
 * there, passes them through the network, adds up the pooled features by class and copies the means
 * back; {@code distances} takes one matrix product of the means with a target's. FLOPs are those of
 * convolutions, fully connected layers and the product as they are written down, bytes those of the
 * pixels. In float32 on the CPU, libtorch's engine multiplies less than that, so its rate may lie
 * above the product's.
 *
 * <p>The traps avoided: a GPU is given work faster than it does it, so the result is copied back
 * before the time is taken, which waits for all batches; but after several of them, as waiting for
 * each would hide that copies overlap computations. A GPU wants many: with 4 of them and 5089
 * classes the copy of the means took three quarters of the time. Batches differ, so that no cache
 * holds one.
 *
 * <p>On the CPU, set GOMP_SPINCOUNT=5000 in the environment for {@code distances}: with its
 * default, two libraries' threads wait for each other in loops and times vary several times over.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar HotPath
 *   java -jar fgvc-benchmarks/target/benchmarks.jar 'HotPath|Ceilings' -p device=cuda -p precision=BF16 -p batch=64 -p batches=64 -p size=8192
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx3g",
      "-XX:+IgnoreUnrecognizedVMOptions",
      "--enable-native-access=ALL-UNNAMED"
    })
public class HotPathBenchmark {

  /** One of the eight. */
  @Param("INCEPTION_V3")
  String architecture = "INCEPTION_V3";

  /** Height and width of the images. */
  @Param("299")
  int side = 299;

  /** Images at once. */
  @Param("32")
  int batch = 32;

  /** Batches before a result is asked for. */
  @Param("4")
  int batches = 4;

  /** {@code torch} or {@code nd4j}; the latter knows FP32 only. */
  @Param("torch")
  String engine = "torch";

  /** {@code cpu}, {@code cuda} or {@code cuda:1}. */
  @Param("cpu")
  String device = "cpu";

  /** The number format of the products in the network; sums and distances are doubles. */
  @Param({"FP32", "BF16"})
  String precision = "FP32";

  /** Classes of the domain; CUB200 has 200, iNaturalist 5089. */
  @Param("200")
  int classes = 200;

  /** Classes of the target; NABirds has 555. */
  @Param("555")
  int targets = 555;

  /** Factor of all channel counts; 1 is the paper's. */
  @Param("1")
  double width = 1;

  private record Prepared(
      Network network,
      DeviceClassMeans means,
      List<ByteImages> images,
      DomainFeatures target,
      double flopOfImage) {}

  private Optional<Prepared> prepared = Optional.empty();
  private List<String> names = List.of();

  /** Where the next label is taken from, so that all classes come in turn. */
  private int nextLabel;

  /** Made by JMH. */
  public HotPathBenchmark() {}

  /** Compiles the network, draws images and target, and gives each class an image. */
  @Setup
  public void compile() {
    NetworkGraph graph = Networks.graph(architecture, width);
    Network network = Networks.compile(graph, engine, device, precision);
    DeviceClassMeans means = network.classMeans(classes);
    List<ByteImages> images =
        IntStream.range(0, batches).mapToObj(seed -> Networks.bytes(batch, side, seed)).toList();
    DomainFeatures target =
        DomainFeatures.of(
            "target",
            Collections.nCopies(targets, ""),
            SyntheticDomains.classMeans(targets, graph.featureDimension(), 1),
            SyntheticDomains.imageCounts(targets, 2));
    names = Collections.nCopies(classes, "");
    prepared =
        Optional.of(
            new Prepared(
                network, means, images, target, 2.0 * graph.multiplyAdds(Resolution.square(side))));
    giveEachClassAnImage();
  }

  /** Tiny images, as their number and not their content matters here. */
  private void giveEachClassAnImage() {
    int tiny = Math.min(side, 96);
    ByteImages images = Networks.bytes(batch, tiny, 3);
    for (int done = 0; done < classes; done += batch) {
      prepared.orElseThrow().means.add(images, labels());
    }
  }

  private int[] labels() {
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = nextLabel;
      nextLabel = (nextLabel + 1) % classes;
    }
    return labels;
  }

  /** Frees sums and network. */
  @TearDown
  public void close() {
    prepared.ifPresent(
        each -> {
          each.means.close();
          each.network.close();
        });
  }

  /**
   * Bytes to class means.
   *
   * @param rates counts operations, bytes and images
   * @return the domain so far
   */
  @Benchmark
  public DomainFeatures domain(WorkRates rates) {
    Prepared it = prepared.orElseThrow();
    for (ByteImages images : it.images) {
      it.means.add(images, labels());
      rates.images += batch;
      rates.gigabytes += 1e-9 * images.pixels().remaining();
      rates.billionFlop += 1e-9 * batch * it.flopOfImage;
    }
    return it.means.toDomain("gathered", names);
  }

  /**
   * Class means to ground distances.
   *
   * @param rates counts operations
   * @return classes x targets
   */
  @Benchmark
  public DMatrixRMaj distances(WorkRates rates) {
    Prepared it = prepared.orElseThrow();
    rates.billionFlop += 2e-9 * classes * targets * it.target.dimension();
    return it.means.distancesTo(it.target);
  }
}
