package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training processes killed as {@code kill -9} does, started again until they end: every file they
 * leave is that of a run which was never interrupted. {@code -Dfgvc.kills=N} kills N times at
 * random on top of the chosen moments.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class KillTest {

  private static final int RANDOM_KILLS = Integer.getInteger("fgvc.kills", 2);
  private static final int KEPT = 2;

  /** Another interval for each process: the files must not depend on it. */
  private static final int LARGEST_INTERVAL = 3;

  @TempDir private static Path folder;

  private static Path uninterrupted;
  private static Map<String, List<String>> scalars;

  /** Keeps a checkpoint of every step, to compare any other with. */
  @BeforeAll
  static void runOnceToTheEnd() throws IOException, InterruptedException {
    KilledRun.dataset(folder.resolve("images"));
    uninterrupted = folder.resolve("uninterrupted");
    assertThat(start(uninterrupted, 1, KilledRun.LAST_STEP).waitFor()).isZero();
    assertThat(steps(uninterrupted))
        .isEqualTo(IntStream.rangeClosed(1, KilledRun.LAST_STEP).boxed().toList());
    scalars = EventFiles.in(uninterrupted.resolve(KilledRun.EVENTS)).scalars;
    assertThat(scalars.get("loss")).hasSize(KilledRun.LAST_STEP);
    assertThat(scalars.get("epoch_loss")).hasSize(KilledRun.EPOCHS);
  }

  @Test
  void aKillBeforeTheFirstCheckpointLeavesTheSameFiles() throws Exception {
    Path run = folder.resolve("early");
    killWhen(run, LARGEST_INTERVAL, () -> steps(run).size() >= 2);
    finish(run, LARGEST_INTERVAL);
    assertSameFiles(run);
  }

  @Test
  void killsAtTheEndOfAnEpochAndWhileACheckpointIsWrittenLeaveTheSameFiles() throws Exception {
    Path run = folder.resolve("chosen");
    killWhen(run, 2, () -> steps(run).contains(KilledRun.STEPS_PER_EPOCH));
    killWhen(run, 1, () -> isWriting(run));
    finish(run, 2);
    assertSameFiles(run);
  }

  @Test
  void randomMomentsLeaveTheSameFiles() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path run = folder.resolve("random");
    int kills = 0;
    int runs = 1;
    int again = 0;
    int writing = 0;
    while (kills < RANDOM_KILLS) {
      if (Files.exists(run.resolve(KilledRun.LOSSES))) {
        again += assertSameFiles(run);
        run = folder.resolve("random" + runs++);
      }
      boolean killed =
          killWhen(run, 1 + random.nextInt(LARGEST_INTERVAL), randomMoment(run, random));
      kills += killed ? 1 : 0;
      writing += isWriting(run) ? 1 : 0;
    }
    finish(run, LARGEST_INTERVAL);
    again += assertSameFiles(run);
    System.out.printf(
        Locale.ROOT,
        "%d runs killed %d times at random (seed %d), %d times while a file was written;"
            + " %d updates were made again%n",
        runs,
        kills,
        seed,
        writing,
        again);
  }

  /** Soon after the start, while a file is written, or a little after one of the next steps. */
  private static BooleanSupplier randomMoment(Path run, Random random) {
    long now = System.nanoTime();
    int kind = random.nextInt(8);
    if (kind == 0) {
      long end = now + TimeUnit.MILLISECONDS.toNanos(random.nextInt(3000));
      return () -> System.nanoTime() > end;
    }
    int before = starts(run).size();
    int target = steps(run).size() + random.nextInt(6);
    BooleanSupplier due = () -> starts(run).size() > before && steps(run).size() >= target;
    if (kind < 4) {
      return () -> due.getAsBoolean() && isWriting(run);
    }
    long delay = TimeUnit.MICROSECONDS.toNanos(random.nextInt(60_000));
    long[] since = {0};
    return () -> {
      if (since[0] == 0 && due.getAsBoolean()) {
        since[0] = System.nanoTime();
      }
      return since[0] != 0 && System.nanoTime() - since[0] > delay;
    };
  }

  /** Whether the process was killed before it ended by itself. */
  private static boolean killWhen(Path run, int every, BooleanSupplier moment) throws Exception {
    Process process = start(run, every, KEPT);
    while (process.isAlive() && !moment.getAsBoolean()) {
      Thread.sleep(1);
    }
    int status = process.destroyForcibly().waitFor();
    if (status != 0) {
      // 128 + 9: nothing but the kill may end a process.
      assertThat(status).as(errors(run)).isEqualTo(137);
    }
    return status != 0;
  }

  private static void finish(Path run, int every) throws Exception {
    assertThat(start(run, every, KEPT).waitFor()).as(errors(run)).isZero();
  }

  private static boolean isWriting(Path run) {
    try (Stream<Path> files = Files.walk(run)) {
      return files.anyMatch(file -> file.toString().endsWith(".partial"));
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  private static List<Integer> steps(Path run) {
    List<String> rows = lines(run.resolve(KilledRun.METRICS));
    return rows.stream().skip(1).map(row -> Integer.valueOf(row.split(",", 2)[0])).toList();
  }

  private static List<String> starts(Path run) {
    return lines(run.resolve(KilledRun.STARTS));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Compares every file; returns how many updates were made more than once. */
  private static int assertSameFiles(Path run) throws IOException {
    for (String file :
        List.of(KilledRun.METRICS, KilledRun.WEIGHTS, KilledRun.AVERAGES, KilledRun.LOSSES)) {
      assertThat(run.resolve(file)).hasSameBinaryContentAs(uninterrupted.resolve(file));
    }
    List<Path> checkpoints = files(run.resolve(KilledRun.CHECKPOINTS));
    assertThat(checkpoints).hasSize(KEPT + 1);
    for (Path file : checkpoints) {
      assertThat(file)
          .hasSameBinaryContentAs(
              uninterrupted.resolve(KilledRun.CHECKPOINTS).resolve(file.getFileName()));
    }
    assertThat(EventFiles.in(run.resolve(KilledRun.EVENTS)).scalars).isEqualTo(scalars);
    assertThat(files(run))
        .extracting(file -> file.getFileName().toString())
        .containsExactlyInAnyOrder(
            KilledRun.CHECKPOINTS,
            KilledRun.METRICS,
            KilledRun.EVENTS,
            KilledRun.WEIGHTS,
            KilledRun.AVERAGES,
            KilledRun.LOSSES,
            KilledRun.STARTS);
    return madeAgain(run);
  }

  /** Steps in the event files, less those of a run without interruption. */
  private static int madeAgain(Path run) throws IOException {
    int written = 0;
    for (Path file : files(run.resolve(KilledRun.EVENTS))) {
      written += EventFiles.of(file).scalars.getOrDefault("loss", List.of()).size();
    }
    return written - KilledRun.LAST_STEP;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(files.sorted().toList());
    }
  }

  private static String errors(Path run) throws IOException {
    return Files.readString(log(run));
  }

  private static Path log(Path run) {
    return run.resolveSibling(run.getFileName() + ".log");
  }

  private static Process start(Path run, int every, int keep) throws IOException {
    List<String> options =
        List.of(
            "-Xmx256m",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    File log = log(run).toFile();
    return ChildJvm.of(options, KilledRun.class, folder.resolve("images"), run, every, keep)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
        .redirectError(ProcessBuilder.Redirect.appendTo(log))
        .start();
  }
}
