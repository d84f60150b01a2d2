package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.reflect.TypeToken;
import com.sun.management.ThreadMXBean;
import dev.fgvc.emd.SolveStatistics;
import dev.fgvc.emd.TransportPlan;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/**
 * Compares the steps and the heap memory that fixed inputs take with a record of earlier ones: a
 * regression shows without a quiet machine.
 *
 * <p>A number that falls fails too, so that the record stays true. Where a change is meant, run
 * this test with {@code mvn -Dfgvc.benchmarks.record=FILE}, look at the file and put it in the
 * place of {@code work-records.json}.
 */
class WorkRecordTest {

  /** Sums round differently with other vector lengths, which moves ties between equal steps. */
  private static final double STEPS_TOLERANCE = 0.15;

  /** Objects differ in size and escape analysis in luck between virtual machines. */
  private static final double BYTES_TOLERANCE = 0.25;

  /** Threads of libraries and of the test runner allocate a little beside the work. */
  private static final long STRAY_BYTES = 100_000;

  /**
   * Vectors are objects of the heap until the second compiler has been through the loops that hold
   * them, which takes seconds on a busy machine.
   */
  private static final Duration COMPILATION = Duration.ofSeconds(20);

  private static final String BYTES = "allocatedBytes";
  private static final int REPETITIONS = 7;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Map<String, Map<String, Long>> measured = new TreeMap<>();
  private Map<String, Map<String, Long>> recorded = Map.of();

  @Test
  void hotPathsCostWhatIsRecorded() throws Exception {
    String target = System.getProperty("fgvc.benchmarks.record", "");
    if (target.isEmpty()) {
      recorded = recorded();
    }
    transport();
    images();
    distances();
    photos();
    networks();
    if (!target.isEmpty()) {
      Gson gson = new GsonBuilder().setPrettyPrinting().create();
      Files.writeString(Path.of(target), gson.toJson(measured) + "\n");
      return;
    }
    assertThat(measured.keySet()).isEqualTo(recorded.keySet());
    measured.forEach(
        (work, numbers) ->
            numbers.forEach(
                (name, value) ->
                    requireNear(work + ", " + name, value, recorded.get(work).get(name), name)));
  }

  private static void requireNear(String what, long value, long expected, String name) {
    double allowed =
        name.equals(BYTES) ? allowedBytes(expected) : Math.max(1, STEPS_TOLERANCE * expected);
    assertThat((double) Math.abs(value - expected))
        .as("%s: now %d, recorded %d; if that is meant, record it again", what, value, expected)
        .isLessThanOrEqualTo(allowed);
  }

  private static double allowedBytes(long expected) {
    return BYTES_TOLERANCE * expected + STRAY_BYTES;
  }

  private static Map<String, Map<String, Long>> recorded() throws IOException {
    try (Reader reader =
        new InputStreamReader(
            Objects.requireNonNull(
                WorkRecordTest.class.getResourceAsStream("work-records.json"),
                "the resource work-records.json"),
            StandardCharsets.UTF_8)) {
      return new Gson().fromJson(reader, new TypeToken<Map<String, Map<String, Long>>>() {});
    }
  }

  private void transport() throws Exception {
    ExactEmdBenchmark benchmark = new ExactEmdBenchmark();
    benchmark.size = "600x200x32";
    benchmark.draw();
    solve("exact EMD 600x200 from costs", benchmark::dense);
    solve("exact EMD 600x200x32 from features", benchmark::streamed);
    for (String size : List.of("200x200x64", "1000x100x64", "1000x1000x64", "2500x400x64")) {
      benchmark.size = size;
      benchmark.draw();
      solve(
          "exact EMD " + size.substring(0, size.lastIndexOf('x')) + " from costs",
          benchmark::dense);
    }
  }

  /** Two source images for each target image: potentials settle in several rounds. */
  private void images() {
    ExactEmdBenchmark benchmark = new ExactEmdBenchmark();
    benchmark.size = "4000x2000x64";
    benchmark.drawImages();
    measured.put("exact EMD of 4000x2000 images", steps(benchmark.streamed()));
  }

  private void solve(String work, Callable<TransportPlan> solver) throws Exception {
    Map<String, Long> steps = steps(solver.call());
    steps.put(BYTES, allocated(work, solver));
    measured.put(work, steps);
  }

  private static Map<String, Long> steps(TransportPlan plan) {
    SolveStatistics steps = plan.statistics();
    return new TreeMap<>(
        Map.of(
            "rounds",
            (long) steps.rounds(),
            "arcs",
            (long) steps.arcs(),
            "pivots",
            steps.pivots(),
            "rowsPriced",
            steps.rowsPriced()));
  }

  private void distances() throws Exception {
    GroundDistanceBenchmark distance = new GroundDistanceBenchmark();
    distance.size = "300x200x256";
    distance.draw();
    heap("distances 300x200x256", distance::blocked);
    SourceRankingBenchmark ranking = new SourceRankingBenchmark();
    ranking.size = "300x200x256";
    ranking.draw();
    heap("ranking 300x200x256", ranking::rank);
  }

  private void photos() throws Exception {
    TransformBenchmark transform = new TransformBenchmark();
    transform.side = 224;
    transform.paint();
    try {
      heap("central crop of a photo of 375x500", transform::centralCrop);
      heap("random crop of a photo of 375x500", transform::randomCrop);
    } finally {
      transform.delete();
    }
  }

  private void networks() throws Exception {
    InferenceBenchmark inference = new InferenceBenchmark();
    inference.side = 96;
    inference.batch = 4;
    inference.width = 0.125;
    inference.compile();
    TrainingStepBenchmark training = new TrainingStepBenchmark();
    training.architecture = "RESNET_V2_50";
    training.side = 64;
    training.batch = 4;
    training.width = 0.125;
    training.compile();
    CheckpointBenchmark checkpoint = new CheckpointBenchmark();
    checkpoint.width = 0.125;
    checkpoint.draw();
    try {
      heap("logits of 4 images from floats", inference::logits);
      heap("features of 4 images from bytes", inference::features);
      heap("training step of 4 images", training::step);
      heap("checkpoint written", checkpoint::write);
      heap("checkpoint read", checkpoint::read);
    } finally {
      inference.close();
      training.close();
      checkpoint.delete();
    }
  }

  private void heap(String work, Callable<?> call) throws Exception {
    measured.put(work, new TreeMap<>(Map.of(BYTES, allocated(work, call))));
  }

  /** The bytes that a call allocates once its loops are compiled. */
  private long allocated(String work, Callable<?> call) throws Exception {
    long deadline = System.nanoTime() + COMPILATION.toNanos();
    long bytes;
    do {
      bytes = median(call);
    } while (isMoreThanRecorded(work, bytes) && System.nanoTime() < deadline);
    return bytes;
  }

  /** True of all numbers while a record is written, so that each has its time to settle. */
  private boolean isMoreThanRecorded(String work, long bytes) {
    Map<String, Long> numbers = recorded.get(work);
    return numbers == null || bytes - numbers.get(BYTES) > allowedBytes(numbers.get(BYTES));
  }

  /**
   * The median of some repetitions, so that what happens once does not count: kernels that are
   * fitted, or the end of a thread that fitted some, with which its bytes go.
   */
  private static long median(Callable<?> call) throws Exception {
    long[] bytes = new long[REPETITIONS];
    for (int k = 0; k < REPETITIONS; k++) {
      long before = ofAllThreads();
      assertThat(call.call()).isNotNull();
      bytes[k] = ofAllThreads() - before;
    }
    Arrays.sort(bytes);
    return bytes[REPETITIONS / 2];
  }

  private static long ofAllThreads() {
    // Threads that have ended are not counted, so no work here may end some each time.
    long[] bytes = THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds());
    return Arrays.stream(bytes).filter(count -> count > 0).sum();
  }
}
