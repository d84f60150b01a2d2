package dev.fgvc.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TasksTest {

  private final CompletableFuture<Integer> first = new CompletableFuture<>();
  private final CompletableFuture<Integer> second = new CompletableFuture<>();

  @AfterEach
  void clearInterrupt() {
    Thread.interrupted();
  }

  @Test
  void givesResultsInTheOrderOfTheTasks() {
    second.complete(2);
    first.complete(1);

    assertThat(Tasks.await(List.<Future<Integer>>of(first, second))).containsExactly(1, 2);
    assertThat(Tasks.awaitUninterruptibly(second)).isEqualTo(2);
  }

  @Test
  void throwsUncheckedExceptionsOfTasksAsTheyAre() {
    RuntimeException exception = new RuntimeException("the task's own");
    Error error = new AssertionError("the task's own");
    first.completeExceptionally(exception);
    second.completeExceptionally(error);

    assertThatThrownBy(() -> Tasks.await(List.<Future<Integer>>of(first, second)))
        .isSameAs(exception);
    assertThatThrownBy(() -> Tasks.awaitUninterruptibly(second)).isSameAs(error);
  }

  @Test
  void throwsCheckedExceptionsOfTasksAsCauses() {
    IOException exception = new IOException("the task's own");
    first.completeExceptionally(exception);

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> Tasks.await(List.<Future<Integer>>of(first)))
        .withCause(exception);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> Tasks.awaitUninterruptibly(first))
        .withCause(exception);
  }

  @Test
  void anInterruptEndsTheWaitAndStays() {
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> Tasks.await(List.<Future<Integer>>of(first)));

    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  @Test
  void anInterruptDoesNotEndTheWaitForOneAndStays() {
    Thread.currentThread().interrupt();
    first.complete(1);

    assertThat(Tasks.awaitUninterruptibly(first)).isEqualTo(1);

    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  @Test
  void noThreadIsLeftWhereTasksWereStopped() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CountDownLatch busy = new CountDownLatch(2);
    CountDownLatch never = new CountDownLatch(1);
    for (int i = 0; i < 3; i++) {
      threads.submit(
          () -> {
            busy.countDown();
            never.await();
            return 0;
          });
    }
    busy.await();
    Thread.currentThread().interrupt();

    Tasks.stop(threads);

    assertThat(threads.isTerminated()).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }
}
