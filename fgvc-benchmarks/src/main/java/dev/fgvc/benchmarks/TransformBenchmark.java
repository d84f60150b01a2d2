package dev.fgvc.benchmarks;

import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
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
 * The time of one JPEG file on one thread, from the file to a network's numbers.
 *
 * <p>The traps avoided: a picture of one colour decodes in a fraction of a photo's time, so the
 * file has shapes of many sizes; random crops differ from call to call, from one seed, so that the
 * mean is that of training.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar Transform -p photo=600x800
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class TransformBenchmark {

  /** Height x width of the file. */
  @Param({"375x500", "600x800"})
  String photo = "375x500";

  /** Height and width of what comes out. */
  @Param({"299", "448", "560"})
  int side = 299;

  private Optional<TemporaryPhotos> photos = Optional.empty();
  private FloatBuffer target = FloatBuffer.allocate(0);
  private SplittableRandom random = new SplittableRandom(1);

  /** Made by JMH. */
  public TransformBenchmark() {}

  /**
   * Paints the file.
   *
   * @throws IOException if it cannot be written
   */
  @Setup
  public void paint() throws IOException {
    photos =
        Optional.of(TemporaryPhotos.paint(1, new Settings(Map.of("photo", photo)).size("photo")));
    random = new SplittableRandom(1);
    target =
        ByteBuffer.allocateDirect(3 * side * side * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
  }

  /** Deletes the file. */
  @TearDown
  public void delete() {
    photos.ifPresent(
        each -> {
          each.close();
        });
  }

  /**
   * The evaluation transform.
   *
   * @return the numbers
   * @throws IOException if the file cannot be read
   */
  @Benchmark
  public FloatBuffer centralCrop() throws IOException {
    CentralCrop.of(Resolution.square(side))
        .apply(photos.orElseThrow().first(), random, target.clear());
    return target;
  }

  /**
   * The training transform.
   *
   * @return the numbers
   * @throws IOException if the file cannot be read
   */
  @Benchmark
  public FloatBuffer randomCrop() throws IOException {
    RandomCrop.of(Resolution.square(side))
        .apply(photos.orElseThrow().first(), random, target.clear());
    return target;
  }
}
