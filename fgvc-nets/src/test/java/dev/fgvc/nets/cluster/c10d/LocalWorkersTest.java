package dev.fgvc.nets.cluster.c10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.nets.engine.ProcessGroupException;
import dev.fgvc.nets.train.SharedRun;
import dev.fgvc.nets.train.Trainer;
import dev.fgvc.nets.train.TrainingListener;
import dev.fgvc.testing.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training by real processes, some of which are killed or stopped. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class LocalWorkersTest {

  /** A checkpoint of the step before is there. */
  private static final int HELD_STEP = 3;

  @TempDir private Path folder;

  private LocalWorkers workers(int count) {
    return LocalWorkers.of(RankMain.class, count)
        .withArguments(
            List.of(folder.resolve("images").toString(), folder.toString(), "" + HELD_STEP))
        .withJvmOptions(
            List.of(
                "-Xmx256m",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"))
        .withLogs(folder.resolve("logs"));
  }

  private static void await(Path file) throws InterruptedException {
    while (!Files.exists(file)) {
      Thread.sleep(5);
    }
  }

  private String log(int rank) throws Exception {
    return Files.readString(folder.resolve("logs").resolve("rank-" + rank + ".log"));
  }

  private CompletableFuture<Void> startAndHold(LocalWorkers workers) throws Exception {
    CompletableFuture<Void> run = CompletableFuture.runAsync(workers::run);
    while (!Files.exists(folder.resolve(RankMain.HOLDING)) && !run.isDone()) {
      Thread.sleep(5);
    }
    assertThat(run).isNotDone();
    return run;
  }

  /** Sends a signal to rank 1, and lets rank 0 go on. */
  private void signal(String name) throws Exception {
    String pid = Files.readString(RankMain.pid(folder, 1));
    assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
    Files.createFile(folder.resolve(RankMain.GO));
  }

  /** The checkpoints of one process with one thread, as the ranks have. */
  private void assertSameCheckpointsAsAlone() throws Exception {
    Path alone = folder.resolve("alone");
    LocalWorkers.of(Alone.class, 1)
        .withArguments(List.of(folder.resolve("images").toString(), alone.toString()))
        .withLogs(alone)
        .run();
    for (int step = 1; step <= SharedRun.STEPS; step++) {
      String file = String.format(Locale.ROOT, "checkpoint-%012d.safetensors", step);
      assertThat(folder.resolve(RankMain.CHECKPOINTS).resolve(file))
          .hasSameBinaryContentAs(alone.resolve(file));
    }
  }

  /** One process that is in no group. */
  static final class Alone {

    private Alone() {}

    public static void main(String[] arguments) throws Exception {
      Trainer trainer =
          SharedRun.trainer(Path.of(arguments[1])).withListener(new TrainingListener() {});
      SharedRun.train(trainer, SharedRun.dataset(Path.of(arguments[0])), 1);
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aKilledRankEndsTheOthersAndARestartHasTheBitsOfOneProcess() throws Exception {
    SharedRun.dataset(folder.resolve("images"));
    CompletableFuture<Void> run = startAndHold(workers(2).withRestarts(1));

    signal("KILL");

    run.join();
    assertThat(log(0)).contains("failed: another process of the group has ended");
    assertSameCheckpointsAsAlone();
  }

  /** The process of the rank that failed lives on, as a service that trains may. */
  @Test
  void aRankThatFailsAndLivesOnEndsTheOthersInItsWords() throws Exception {
    Path images = folder.resolve("images");
    SharedRun.dataset(images);
    Files.writeString(images.resolve("7.jpg"), "no image");

    ProcessGroupException thrown =
        assertThatExceptionOfType(ProcessGroupException.class)
            .isThrownBy(
                () ->
                    LocalWorkers.of(LivingOn.class, 2)
                        .withArguments(List.of(images.toString(), folder.toString()))
                        .withLogs(folder.resolve("logs"))
                        .run())
            .actual();

    int told = log(0).contains("failed: ") ? 0 : 1;
    assertThat(thrown).hasMessageStartingWith("rank " + told + " of 2 ended with status 1");
    assertThat(log(told))
        .contains("failed: rank " + (1 - told) + " has failed and ended the group: ")
        .contains("7.jpg");
  }

  /** The rank that comes by a damaged image waits then to be stopped. */
  static final class LivingOn {

    private LivingOn() {}

    public static void main(String[] arguments) throws Exception {
      Dataset dataset = SharedRun.dataset(Path.of(arguments[0]));
      try (GlooGroup group = GlooGroup.join()) {
        try {
          SharedRun.train(
              SharedRun.trainer(Path.of(arguments[1], RankMain.CHECKPOINTS)).withGroup(group),
              dataset,
              1);
        } catch (ImageFormatException e) {
          Thread.sleep(TimeUnit.MINUTES.toMillis(10));
        }
      } catch (ProcessGroupException e) {
        System.out.println("failed: " + e.getMessage());
        throw e;
      }
    }
  }

  /** {@link GlooGroupTest} has the same among threads, in less time. */
  @Test
  @EnabledIfSystemProperty(named = "fgvc.kills", matches = "\\d+")
  void aStoppedRankEndsTheOthersWhenTheTimeIsOut() throws Exception {
    SharedRun.dataset(folder.resolve("images"));
    CompletableFuture<Void> run = startAndHold(workers(2).withTimeout(Duration.ofSeconds(20)));

    signal("STOP");

    assertThatThrownBy(run::join)
        .cause()
        .isInstanceOf(ProcessGroupException.class)
        .hasMessageStartingWith("rank 0 of 2 ended with status 1");
    assertThat(log(0)).contains("failed: another process of the group does not answer in time");
  }

  @Test
  void namesTheRankThatFailed() {
    assertThatExceptionOfType(ProcessGroupException.class)
        .isThrownBy(
            () ->
                LocalWorkers.of(Failing.class, 2)
                    .withArguments(List.of(folder.toString()))
                    .withRestarts(1)
                    .withLogs(folder.resolve("logs"))
                    .run())
        .withMessage(
            "rank 1 of 2 ended with status 7, and the others were stopped: see what they printed");
    assertThat(IntStream.range(0, 2))
        .allSatisfy(rank -> assertThat(log(rank)).isEqualTo("1 0\n1 1\n"));
  }

  /** Prints its number of threads and which attempt it is; rank 1 fails when rank 0 has printed. */
  static final class Failing {

    private Failing() {}

    public static void main(String[] arguments) throws Exception {
      String attempt = System.getProperty("fgvc.group.attempt");
      Path printed = Path.of(arguments[0], "printed-" + attempt);
      System.out.println(System.getenv("OMP_NUM_THREADS") + " " + attempt);
      if (Integer.getInteger("fgvc.group.rank") == 1) {
        await(printed);
        System.exit(7);
      }
      Files.createFile(printed);
      Thread.sleep(TimeUnit.MINUTES.toMillis(1));
    }
  }

  /** The other fails because of it, and may be noticed first. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void namesTheRankThatWasKilledBeforeThoseThatNoticed() {
    assertThatExceptionOfType(ProcessGroupException.class)
        .isThrownBy(
            () ->
                LocalWorkers.of(Noticing.class, 2)
                    .withArguments(List.of(folder.toString()))
                    .withLogs(folder.resolve("logs"))
                    .run())
        .withMessageStartingWith("rank 1 of 2 ended with status 137");
  }

  /** Rank 1 kills itself, once rank 0 knows it; that one fails when it has ended. */
  static final class Noticing {

    private Noticing() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      Path ready = folder.resolve("ready");
      Path pid = folder.resolve("pid");
      if (Integer.getInteger("fgvc.group.rank") == 1) {
        Path written = Files.writeString(folder.resolve("own"), "" + ProcessHandle.current().pid());
        Files.move(written, pid, StandardCopyOption.ATOMIC_MOVE);
        await(ready);
        new ProcessBuilder("kill", "-KILL", Files.readString(pid)).start();
        Thread.sleep(TimeUnit.MINUTES.toMillis(1));
      } else {
        await(pid);
        ProcessHandle other = ProcessHandle.of(Long.parseLong(Files.readString(pid))).orElseThrow();
        Files.createFile(ready);
        other.onExit().join();
        System.exit(1);
      }
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void namesAllThatHaveFailedTheKilledOneFirst() throws Exception {
    try (WorkerProcesses processes = new WorkerProcesses(2)) {
      Process failed = processes.start(new ProcessBuilder("sh", "-c", "exit 1"));
      Process killed = processes.start(new ProcessBuilder("sh", "-c", "kill -KILL $$"));
      failed.waitFor();
      killed.waitFor();

      assertThat(processes.await())
          .contains(
              "rank 1 of 2 ended with status 137, rank 0 with 1, and the others were stopped:"
                  + " see what they printed");
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @SuppressWarnings("try") // closed for what its closing does
  void processesThatWereStoppedHaveNotFailed() throws Exception {
    try (WorkerProcesses processes = new WorkerProcesses(1)) {
      Process sleeping = processes.start(new ProcessBuilder("sleep", "60"));
      CompletableFuture<Optional<String>> waiting = CompletableFuture.supplyAsync(processes::await);

      processes.close();

      assertThat(sleeping.exitValue()).as("status after a signal").isGreaterThan(128);
      assertThatThrownBy(waiting::get).hasCauseInstanceOf(CancellationException.class);
    }
  }

  @Test
  void aProcessThatIsEndingStartsNoOthers() throws Exception {
    Process ending =
        ChildJvm.of(List.of("-Xmx64m"), Ending.class).redirectErrorStream(true).start();
    String said = new String(ending.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(said).contains("java.util.concurrent.CancellationException: this process is ending");
  }

  /** Tries to start processes when it is asked to end. */
  static final class Ending {

    private Ending() {}

    public static void main(String[] arguments) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    try (WorkerProcesses processes = new WorkerProcesses(1)) {
                      System.out.println(processes);
                    } catch (CancellationException e) {
                      System.out.println(e);
                    }
                  }));
    }
  }

  /** It may hold the folder of the checkpoints, which the next attempt opens. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @SuppressWarnings("try") // closed for what its closing does
  void aProcessThatDoesNotListenIsGoneWhenAllAreStopped() throws Exception {
    Path ready = folder.resolve("ready");
    try (WorkerProcesses processes = new WorkerProcesses(1)) {
      Process deaf =
          processes.start(
              new ProcessBuilder(
                  "sh", "-c", "trap '' TERM; touch '" + ready + "'; while :; do sleep 1; done"));
      await(ready);

      processes.close();

      assertThat(deaf.isAlive()).isFalse();
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> processes.start(new ProcessBuilder("true")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[pair.cc:1] writev [127.0.0.1]:40000: Broken pipe",
        "[pair.cc:1] Read error [127.0.0.1]:40000: Connection reset by peer",
        "Socket closed",
        "NCCL error: ncclRemoteError: A call failed possibly due to a network error or a remote"
            + " process exiting prematurely."
      })
  void wordsOfALostConnectionAreThoseOfAProcessThatEnded(String words) {
    assertThat(C10dLibrary.failure("c10d failed", new RuntimeException(words)))
        .hasMessage("another process of the group has ended: c10d failed");
  }

  @Test
  void refusesWrongSettingsAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LocalWorkers.of(Failing.class, 0))
        .withMessage("0 processes: at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LocalWorkers.of(Failing.class, 1).withTimeout(Duration.ofDays(2)))
        .withMessageContaining("is not from a millisecond to a day");
  }
}
