package dev.fgvc.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedUseTest {

  private final SharedUse use = new SharedUse("the library's memory");
  private final AtomicInteger releases = new AtomicInteger();

  @Test
  void closingReleasesOnceAndRefusesLaterUse() {
    assertThat(use.<Integer>whileOpen(() -> use.whileOpen(() -> 7))).isEqualTo(7);

    use.close(releases::incrementAndGet);
    use.close(releases::incrementAndGet);

    assertThat(releases).hasValue(1);
    assertThatIllegalStateException()
        .isThrownBy(() -> use.whileOpen(() -> 7))
        .withMessage("the library's memory is closed");
  }

  @Test
  void closingWaitsForAllUsers() throws InterruptedException {
    CountDownLatch used = new CountDownLatch(2);
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger releasesSeen = new AtomicInteger(-1);
    Thread[] users = new Thread[2];
    for (int i = 0; i < users.length; i++) {
      users[i] =
          new Thread(
              () ->
                  use.whileOpen(
                      () -> {
                        used.countDown();
                        await(end);
                        releasesSeen.set(releases.get());
                        return true;
                      }));
      users[i].start();
    }
    await(used);
    Thread closing = new Thread(() -> use.close(releases::incrementAndGet));
    closing.start();
    closing.join(50);
    assertThat(closing.isAlive()).isTrue();
    end.countDown();
    for (Thread user : users) {
      user.join();
    }
    closing.join();

    assertThat(releasesSeen).hasValue(0);
    assertThat(releases).hasValue(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
