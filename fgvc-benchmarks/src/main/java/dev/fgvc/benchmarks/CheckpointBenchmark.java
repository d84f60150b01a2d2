package dev.fgvc.benchmarks;

import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
 * The time to write all weights of a network to a file, durably, and to read them back.
 *
 * <p>What is measured: writing includes forcing the bytes to the disk and the rename; reading is
 * mostly from the page cache, as the file was just written. Compare with {@code dd} on the same
 * folder to know the disk.
 *
 * <p>To run:
 *
 * <pre>
 *   java -jar fgvc-benchmarks/target/benchmarks.jar Checkpoint
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
public class CheckpointBenchmark {

  /** One of the eight. */
  @Param({"INCEPTION_V3", "INCEPTION_RESNET_V2"})
  String architecture = "INCEPTION_V3";

  /** Factor of all channel counts; 1 is the paper's. */
  @Param("1")
  double width = 1;

  private Weights weights = Weights.of(Map.of());
  private Path folder = Path.of("");
  private Path written = Path.of("");

  /** Made by JMH. */
  public CheckpointBenchmark() {}

  /**
   * Draws weights and writes them once.
   *
   * @throws IOException if there is no room
   */
  @Setup
  public void draw() throws IOException {
    weights = Weights.initialize(Networks.graph(architecture, width), 1);
    folder = Files.createTempDirectory("checkpoint-benchmark");
    written = folder.resolve("written.safetensors");
    weights.write(written);
  }

  /**
   * Deletes the files.
   *
   * @throws IOException if they cannot be deleted
   */
  @TearDown
  public void delete() throws IOException {
    TemporaryPhotos.delete(folder);
  }

  /**
   * Writes a file over the one before.
   *
   * @return the file
   * @throws IOException if there is no room
   */
  @Benchmark
  public Path write() throws IOException {
    Path file = folder.resolve("again.safetensors");
    weights.write(file);
    return file;
  }

  /**
   * Reads the file of the set-up.
   *
   * @return its weights
   * @throws IOException if it cannot be read
   */
  @Benchmark
  public Weights read() throws IOException {
    return Weights.read(written);
  }
}
