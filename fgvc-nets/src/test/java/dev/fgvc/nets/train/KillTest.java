package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training processes killed as {@code kill -9} does. {@code -Dfgvc.kills=N} kills N times at random
 * on top of the chosen moments.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class KillTest {

  private static final int RANDOM_KILLS = Integer.getInteger("fgvc.kills", 2);
  private static final int LAST_STEP = KilledRun.EPOCHS * KilledRun.STEPS_PER_EPOCH;

  @TempDir private static Path folder;

  private static List<String> uninterrupted;

  @BeforeAll
  static void runOnceToTheEnd() throws IOException, InterruptedException {
    KilledRun.dataset(folder.resolve("images"));
    Path log = folder.resolve("uninterrupted.txt");
    Process process = start(folder.resolve("uninterrupted"), log);
    assertThat(process.waitFor()).isZero();
    uninterrupted = Files.readAllLines(log);
    assertThat(uninterrupted).hasSize(LAST_STEP + 3);
  }

  @Test
  void goesOnBitByBitFromTheMiddleOfTheFirstEpochItsEndAndALaterOne() throws Exception {
    Path log = folder.resolve("chosen.txt");
    Path checkpoints = folder.resolve("chosen");
    for (int step : new int[] {3, KilledRun.STEPS_PER_EPOCH, 2 * KilledRun.STEPS_PER_EPOCH + 3}) {
      killWhen(checkpoints, log, () -> lines(log).contains("step " + step + " "));
    }
    killWhen(checkpoints, log, () -> isWriting(checkpoints));
    finish(checkpoints, log);
    assertSameRun(log);
  }

  @Test
  void goesOnBitByBitFromAnyMoment() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path log = folder.resolve("random.txt");
    Path checkpoints = folder.resolve("random");
    int lost = 0;
    for (int kill = 0; kill < RANDOM_KILLS; kill++) {
      if (lines(log).contains("weights")) {
        lost += assertSameRun(log);
        log = folder.resolve("random" + kill + ".txt");
        checkpoints = folder.resolve("random" + kill);
      }
      // From before the first step to after the last.
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(3500));
      killWhen(checkpoints, log, () -> System.nanoTime() > end);
    }
    finish(checkpoints, log);
    lost += assertSameRun(log);
    System.out.printf(
        Locale.ROOT,
        "killed %d times at random (seed %d), %d updates were made again%n",
        RANDOM_KILLS,
        seed,
        lost);
  }

  private void killWhen(Path checkpoints, Path log, BooleanSupplier moment) throws Exception {
    Process process = start(checkpoints, log);
    while (process.isAlive() && !moment.getAsBoolean()) {
      Thread.sleep(1);
    }
    process.destroyForcibly().waitFor();
  }

  private static void finish(Path checkpoints, Path log) throws Exception {
    assertThat(start(checkpoints, log).waitFor()).isZero();
  }

  private static boolean isWriting(Path checkpoints) {
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files.anyMatch(file -> file.toString().endsWith(".partial"));
    } catch (IOException e) {
      return false;
    }
  }

  private static String lines(Path log) {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      return "";
    }
  }

  /** What is left when steps made again replace those before; returns how many there were. */
  private static int assertSameRun(Path log) throws IOException {
    TreeMap<Long, String> steps = new TreeMap<>();
    List<String> end = new ArrayList<>();
    int again = 0;
    for (String line : Files.readAllLines(log)) {
      String[] words = line.split(" ");
      if (words[0].equals("resumed")) {
        again += steps.tailMap(Long.parseLong(words[1]), false).size();
        steps.tailMap(Long.parseLong(words[1]), false).clear();
      } else if (words[0].equals("step")) {
        String before = steps.put(Long.parseLong(words[1]), line);
        again += before == null ? 0 : 1;
      } else {
        end.add(line);
      }
    }
    List<String> stitched = new ArrayList<>(steps.values());
    stitched.addAll(end.subList(end.size() - 3, end.size()));
    assertThat(stitched).isEqualTo(uninterrupted);
    return again;
  }

  private static Process start(Path checkpoints, Path log) throws IOException {
    List<String> options =
        List.of(
            "-Xmx256m",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    File errors = folder.resolve("errors.txt").toFile();
    return ChildJvm.of(options, KilledRun.class, folder.resolve("images"), checkpoints, log)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(errors))
        .redirectError(ProcessBuilder.Redirect.appendTo(errors))
        .start();
  }
}
