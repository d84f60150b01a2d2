package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Pattern READY = Pattern.compile("ready at \\d+");

  @TempDir private Path folder;
  private List<Daemon> started = List.of();

  /** Says that it is ready, and ends when it is asked to, unless it is told to stay or to fail. */
  static final class Working {

    private Working() {}

    public static void main(String[] arguments) throws InterruptedException {
      if (arguments[0].equals("fails")) {
        System.err.println("no port is free");
        System.exit(3);
      }
      if (arguments[0].equals("stays")) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(new CountDownLatch(1))));
      }
      System.out.println("ready at 7077");
      await(new CountDownLatch(1));
    }

    private static void await(CountDownLatch never) {
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Daemon start(String behaviour) throws IOException {
    Daemon daemon =
        Daemon.start(
            "the daemon",
            ChildJvm.of(List.of("-Xmx32m"), Working.class, behaviour),
            folder.resolve("log"));
    started = List.of(daemon);
    return daemon;
  }

  @AfterEach
  void kill() {
    started.forEach(daemon -> daemon.process().destroyForcibly());
  }

  @Test
  void givesWhatItSays() throws Exception {
    Daemon daemon = start("works");

    assertThat(daemon.await(READY, LONG)).isEqualTo("ready at 7077");
    assertThatCode(daemon::requireRunning).doesNotThrowAnyException();
  }

  @Test
  void saysWhyItHasEnded() throws Exception {
    Daemon daemon = start("fails");

    assertThatIllegalStateException()
        .isThrownBy(() -> daemon.await(READY, LONG))
        .withMessageStartingWith("the daemon has ended with status 3")
        .withMessageContaining("no port is free");
    assertThatIllegalStateException()
        .isThrownBy(daemon::requireRunning)
        .withMessageContaining("no port is free");
  }

  @Test
  void waitsNoLongerThanTheLimit() throws Exception {
    Daemon daemon = start("works");
    daemon.await(READY, LONG);

    assertThatIllegalStateException()
        .isThrownBy(() -> daemon.await(Pattern.compile("registered"), Duration.ofMillis(200)))
        .withMessageStartingWith("the daemon has not said 'registered' in 0.2 s")
        .withMessageContaining("ready at 7077");
  }

  @Test
  void isGoneWhenItWasEnded() throws Exception {
    Daemon daemon = start("works");
    daemon.await(READY, LONG);

    Daemon.end(LONG, started);

    assertThat(daemon.process().isAlive()).isFalse();
    assertThat(daemon.process().exitValue()).as("SIGTERM").isEqualTo(128 + 15);
  }

  @Test
  void isForcedWhereItDoesNotEnd() throws Exception {
    Daemon daemon = start("stays");
    daemon.await(READY, LONG);

    Daemon.end(Duration.ofSeconds(3), started);

    assertThat(daemon.process().isAlive()).isFalse();
    assertThat(daemon.process().exitValue()).as("SIGKILL").isEqualTo(128 + 9);
  }
}
