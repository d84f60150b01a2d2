package dev.fgvc.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
@SuppressWarnings("try") // locks are held for what others see of them
class CacheLockTest {

  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofSeconds(500);

  @TempDir Path folder;

  @Test
  void waitsForAnotherProcessUntilItIsKilled() throws Exception {
    Process holder =
        ChildJvm.of(List.of(), CacheLockTest.class, folder).redirectErrorStream(true).start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      assertThatIOException()
          .isThrownBy(() -> CacheLock.acquire(folder, SHORT))
          .withMessageContaining(folder.toString())
          .withMessageContaining("another process");
    } finally {
      holder.destroyForcibly();
    }
    CacheLock.acquire(folder, LONG).close();
  }

  /** Holds a folder's lock until it is killed. */
  public static void main(String[] arguments) throws IOException {
    try (CacheLock lock = CacheLock.acquire(Path.of(arguments[0]), SHORT)) {
      System.out.println("held");
      Uninterruptibles.sleepUninterruptibly(LONG);
    }
  }

  /** Another class loader's copy of the class is not kept away by a lock of Java's. */
  @Test
  void waitsForAnotherCopyInThisProcess() throws Exception {
    CompletableFuture<Void> second;
    try (CacheLock first = CacheLock.acquire(folder, SHORT)) {
      second =
          CompletableFuture.runAsync(
              () -> {
                try {
                  CacheLock.acquire(folder, LONG).close();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      Thread.sleep(SHORT.toMillis());
      assertThat(second).isNotDone();
    }
    second.get();
  }

  @Test
  void goesOnWithoutALockWhereNoneCanBeHad() throws IOException {
    CacheLock.acquire(folder.resolve("missing"), SHORT).close();
    Files.createDirectory(folder.resolve(".fgvc.lock"));
    CacheLock.acquire(folder, SHORT).close();
  }

  @Test
  void readersOfAnotherUsersLockShareIt() throws IOException {
    Path file = Files.createFile(folder.resolve(".fgvc.lock"));
    assertThat(file.toFile().setReadOnly()).isTrue();
    assumeFalse(Files.isWritable(file), "this user may write whatever the permissions say");
    CacheLock.acquire(folder, SHORT).close();
  }
}
