package dev.fgvc.benchmarks;

import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.Batches;
import java.io.IOException;
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
 * The time of one epoch over a folder of JPEG files with the training transform, in batches of 32.
 *
 * <p>The trap avoided: a consumer that keeps batches would measure allocation, one that computes
 * would hide the loader; batches are only closed. The first pixel of each is read, so that no batch
 * is handed out unfinished.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar BatchLoader -p threads=1,2,4,8
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class BatchLoaderBenchmark {

  /** Files in the folder, 600 x 800 pixels each. */
  @Param("128")
  int files = 128;

  /** Background threads. */
  @Param({"1", "2"})
  int threads = 2;

  /** Height and width of what comes out. */
  @Param({"299", "448", "560"})
  int side = 299;

  private record Prepared(TemporaryPhotos photos, BatchLoader loader) {}

  private Optional<Prepared> prepared = Optional.empty();

  /** Made by JMH. */
  public BatchLoaderBenchmark() {}

  /**
   * Paints the files.
   *
   * @throws IOException if they cannot be written
   */
  @Setup
  public void paint() throws IOException {
    TemporaryPhotos photos = TemporaryPhotos.paint(files, 600, 800);
    BatchLoader loader =
        BatchLoader.builder(photos.photos(), RandomCrop.of(Resolution.square(side)))
            .threads(threads)
            .build();
    prepared = Optional.of(new Prepared(photos, loader));
  }

  /** Deletes the files. */
  @TearDown
  public void delete() {
    prepared.ifPresent(
        each -> {
          each.loader.close();
          each.photos.close();
        });
  }

  /**
   * One epoch.
   *
   * @return the sum of the first pixels
   */
  @Benchmark
  public float epoch() {
    float sum = 0;
    try (Batches batches = prepared.orElseThrow().loader.epoch(0)) {
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          sum += batch.images().get(0);
        }
      }
    }
    return sum;
  }
}
