package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractionTimesTest {

  @TempDir private Path folder;

  /** Computes for a quarter of a second between what it says, and ends at once after it. */
  static final class Extracting {

    private Extracting() {}

    public static void main(String[] arguments) throws IOException {
      ExtractionTimes.sayKept();
      if (arguments.length > 0) {
        System.err.println("no more memory");
        System.exit(3);
      }
      long end = System.nanoTime() + 250_000_000;
      int turns = 0;
      while (System.nanoTime() - end < 0) {
        turns++;
      }
      ExtractionTimes.sayExtracted(turns > 0 ? 0.25 : 0);
    }
  }

  private ExtractionTimes times(Supplier<Stream<ProcessHandle>> others, Object... arguments)
      throws IOException, InterruptedException {
    Path errors = folder.resolve("errors");
    ProcessBuilder builder = ChildJvm.of(List.of("-Xmx32m"), Extracting.class, arguments);
    builder.redirectError(errors.toFile());
    return ExtractionTimes.of("the child", builder::start, errors, others);
  }

  private static Process ended() throws IOException, InterruptedException {
    Process process = ChildJvm.of(List.of("-version"), Extracting.class).start();
    process.waitFor();
    return process;
  }

  /** Looks late, when a process that does not wait would have ended. */
  @Test
  void aProcessWaitsUntilItsTimeWasRead() throws Exception {
    ExtractionTimes times =
        times(
            () -> {
              try {
                Thread.sleep(1500);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return Stream.empty();
            });

    assertThat(times.extraction()).isEqualTo(0.25);
    assertThat(times.whole()).isPositive();
    assertThat(times.cpu()).isPositive();
  }

  @Test
  void refusesAProcessWhoseTimeIsNotKnown() throws Exception {
    Process ended = ended();

    assertThatIllegalStateException()
        .isThrownBy(() -> times(() -> Stream.of(ended.toHandle())))
        .withMessage(
            "the processor time of process " + ended.pid() + " is missing: the process has ended");
  }

  @Test
  void refusesALookWithoutAProcessOfTheFirst() {
    ProcessHandle own = ProcessHandle.current();
    Queue<Stream<ProcessHandle>> looks =
        new ArrayDeque<>(List.of(Stream.of(own), Stream.<ProcessHandle>empty()));

    assertThatIllegalStateException()
        .isThrownBy(() -> times(looks::remove))
        .withMessage(
            "the processor time of process "
                + own.pid()
                + " is missing: it was there at the first look and has gone by the second");
  }

  @Test
  void saysWhyAProcessHasFailed() {
    assertThatIllegalStateException()
        .isThrownBy(() -> times(Stream::empty, "fails"))
        .withMessageStartingWith("the child has failed, ")
        .withMessageContaining("exitValue=3")
        .withMessageContaining("no more memory");
  }

  @Test
  void aNewProcessCountsFromItsStart() {
    ProcessHandle own = ProcessHandle.current();
    CpuTimes first = new CpuTimes(Map.of());
    CpuTimes second = new CpuTimes(Map.of(own, Duration.ofMillis(1500)));
    CpuTimes third = new CpuTimes(Map.of(own, Duration.ofMillis(1750)));

    assertThat(second.secondsSince(first)).isEqualTo(1.5);
    assertThat(third.secondsSince(second)).isEqualTo(0.25);
  }
}
