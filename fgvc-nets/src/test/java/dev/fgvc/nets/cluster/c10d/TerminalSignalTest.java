package dev.fgvc.nets.cluster.c10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A terminal sends its signals, such as that of Ctrl-C, to all processes that it has started. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class TerminalSignalTest {

  private static final int RANKS = 2;

  @TempDir private Path folder;

  /**
   * Puts a process into a group of its own, where a terminal's signals have their default effect:
   * who builds in the background may have switched them off.
   */
  private static final List<String> OWN_GROUP =
      List.of("env", "--default-signal=INT,TERM,HUP", "setsid");

  private static void requireCommands() throws InterruptedException {
    List<String> command = new ArrayList<>(OWN_GROUP);
    command.add("true");
    try {
      assumeTrue(new ProcessBuilder(command).start().waitFor() == 0, "env and setsid of Linux");
    } catch (IOException e) {
      assumeTrue(false, "there are no such commands: " + e.getMessage());
    }
  }

  private Optional<Process> launched = Optional.empty();

  /** They are in a group of their own, and would outlive a test that fails. */
  @AfterEach
  void endAll() {
    launched.ifPresent(
        launcher -> {
          launcher.descendants().forEach(ProcessHandle::destroyForcibly);
          launcher.destroyForcibly();
        });
  }

  private Process launch(Path log) throws IOException {
    List<String> command = new ArrayList<>(OWN_GROUP);
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    command.addAll(
        ChildJvm.of(List.of("-Xmx64m", "-Djava.io.tmpdir=" + temporary), Launching.class, folder)
            .command());
    Process launcher =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    launched = Optional.of(launcher);
    return launcher;
  }

  private Path pid(int rank) {
    return folder.resolve("pid-" + rank);
  }

  private List<ProcessHandle> awaitRanks(Process launcher) throws Exception {
    List<ProcessHandle> ranks = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      while (!Files.exists(pid(rank))) {
        assertThat(launcher.isAlive()).isTrue();
        Thread.sleep(5);
      }
      ranks.add(ProcessHandle.of(Long.parseLong(Files.readString(pid(rank)))).orElseThrow());
    }
    return ranks;
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aSignalToAllEndsThemWithoutAWord(String signal, int status) throws Exception {
    requireCommands();
    Path log = folder.resolve("log");
    Process launcher = launch(log);
    List<ProcessHandle> ranks = awaitRanks(launcher);

    Process kill = new ProcessBuilder("kill", "-" + signal, "--", "-" + launcher.pid()).start();

    assertThat(kill.waitFor()).isZero();
    assertThat(launcher.waitFor()).isEqualTo(status);
    for (ProcessHandle rank : ranks) {
      rank.onExit().get();
    }
    assertThat(Files.readString(log)).doesNotContainIgnoringCase("exception");
    try (Stream<Path> left = Files.list(folder.resolve("temporary"))) {
      assertThat(left).filteredOn(path -> path.toString().contains("fgvc-group")).isEmpty();
    }
  }

  /** The launcher alone, as by a service's supervisor; it ends the ranks. */
  @Test
  void aSignalToTheLauncherEndsAllWithoutAWord() throws Exception {
    requireCommands();
    Path log = folder.resolve("log");
    Process launcher = launch(log);
    List<ProcessHandle> ranks = awaitRanks(launcher);

    Process kill = new ProcessBuilder("kill", "-INT", "" + launcher.pid()).start();

    assertThat(kill.waitFor()).isZero();
    assertThat(launcher.waitFor()).isEqualTo(130);
    for (ProcessHandle rank : ranks) {
      rank.onExit().get();
    }
    assertThat(Files.readString(log)).doesNotContainIgnoringCase("exception");
  }

  /** Starts ranks that it would start again if they failed. */
  static final class Launching {

    private Launching() {}

    public static void main(String[] arguments) {
      LocalWorkers.of(Exchanging.class, RANKS)
          .withArguments(List.of(arguments))
          .withJvmOptions(
              List.of(
                  "-Xmx64m",
                  "-XX:+IgnoreUnrecognizedVMOptions",
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow"))
          .withRestarts(3)
          .run();
    }
  }

  /** Exchanges for long, and tells its process once it has begun. */
  static final class Exchanging {

    private Exchanging() {}

    public static void main(String[] arguments) throws IOException {
      Path folder = Path.of(arguments[0]);
      try (GlooGroup group = GlooGroup.join()) {
        ByteBuffer own = ByteBuffer.allocateDirect(1);
        ByteBuffer all = ByteBuffer.allocateDirect(RANKS);
        group.allGather(own, all);
        Path written =
            Files.writeString(
                folder.resolve("own-" + group.rank()), "" + ProcessHandle.current().pid());
        Files.move(written, folder.resolve("pid-" + group.rank()));
        // Not for ever, should nobody end this process.
        IntStream.range(0, 10_000_000).forEach(any -> group.allGather(own, all));
      }
    }
  }
}
