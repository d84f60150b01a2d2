package dev.fgvc.nets.cluster.c10d;

import static dev.fgvc.nets.cluster.c10d.C10dLibrary.C10D;

import dev.fgvc.concurrent.Tasks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Store;

/**
 * The reason for which a process has ended its group, which it leaves in the store for the others
 * to read when their exchanges fail. The store may be gone by then, or belong to a process that was
 * stopped and never answers.
 */
final class LastWord {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Store store;
  private final String key;
  private boolean closed;
  private CompletableFuture<String> answer = CompletableFuture.completedFuture("");

  /**
   * The word of one attempt.
   *
   * @param store with a reference that this takes over
   */
  LastWord(Store store, int attempt) {
    this.store = store;
    this.key = "attempt-" + attempt + "/last-word";
  }

  /**
   * Leaves a word if there is none.
   *
   * @param word to leave; empty to read alone
   * @return the one that is there then; empty if the store does not answer, or is closed
   */
  synchronized String leave(String word) {
    if (closed) {
      return "";
    }
    answer =
        CompletableFuture.supplyAsync(
            () -> C10D.call("asking the store of the group", () -> first(word)),
            task -> Tasks.daemons("fgvc-last-word").newThread(task).start());
    return answer
        .copy()
        .completeOnTimeout("", PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(failure -> "")
        .join();
  }

  /** An empty word counts as none, for those that read. */
  @SuppressWarnings("try") // the pointer scope is opened for what its closing does
  private String first(String word) {
    try (PointerScope temporaries = new PointerScope()) {
      return store.compareSet(bytes(key), bytes(""), bytes(word)).getString(StandardCharsets.UTF_8);
    }
  }

  private static BytePointer bytes(String text) {
    return new BytePointer(text, StandardCharsets.UTF_8);
  }

  /** Frees the store, once it has answered. */
  synchronized void close() {
    closed = true;
    answer.whenComplete(
        (word, failure) -> C10D.run("closing the store", () -> store.releaseReference()));
  }
}
