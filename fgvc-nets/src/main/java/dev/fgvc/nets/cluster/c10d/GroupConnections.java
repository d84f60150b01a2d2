package dev.fgvc.nets.cluster.c10d;

import static dev.fgvc.nets.cluster.c10d.C10dLibrary.C10D;

import dev.fgvc.nets.engine.ProcessGroupException;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Backend;

/**
 * The connections of one process with the others of its group. They are closed as soon as the group
 * has ended and no exchange is under way, by which the others' exchanges fail.
 */
final class GroupConnections {

  private final Backend backend;
  private final Closing closing;
  private Optional<String> end = Optional.empty();
  private int exchanging;
  private boolean closed;

  /** Ends the work of a backend before it is freed. */
  interface Closing {

    /** The group has failed; may break off an exchange that is under way on another thread. */
    void afterFailure(Backend backend);

    /** This process leaves; no exchange is under way. */
    void beforeLeaving(Backend backend);

    /** Gloo closes its connections when it is freed, and breaks nothing off. */
    static Closing nothing() {
      return new Closing() {
        @Override
        public void afterFailure(Backend backend) {}

        @Override
        public void beforeLeaving(Backend backend) {}
      };
    }
  }

  /** Takes over a reference to a backend. */
  GroupConnections(Backend backend, Closing closing) {
    this.backend = backend;
    this.closing = closing;
  }

  /**
   * Makes an exchange.
   *
   * @throws ProcessGroupException if the group has ended, saying how
   */
  void use(Consumer<Backend> exchange) {
    begin();
    try {
      exchange.accept(backend);
    } finally {
      finish();
    }
  }

  private synchronized void begin() {
    requireGoingOn();
    exchanging++;
  }

  /**
   * Refuses what comes after the group's end.
   *
   * @throws ProcessGroupException if the group has ended, saying how
   */
  synchronized void requireGoingOn() {
    if (end.isPresent()) {
      throw new ProcessGroupException(end.get());
    }
  }

  private synchronized void finish() {
    exchanging--;
    closeOnceEnded();
  }

  synchronized boolean haveEnded() {
    return end.isPresent();
  }

  /**
   * Ends the group because something has failed, unless it has ended. Waits for no exchange.
   *
   * @return what the backend has thrown, which must not hide why the group ends
   */
  synchronized Optional<RuntimeException> fail(String reason) {
    if (end.isEmpty()) {
      end = Optional.of(reason);
      try {
        endBy(closing::afterFailure);
      } catch (RuntimeException e) {
        return Optional.of(e);
      }
    }
    return Optional.empty();
  }

  /** Leaves the group, unless it has ended. */
  synchronized void leave(String reason) {
    if (end.isEmpty()) {
      end = Optional.of(reason);
      endBy(exchanging == 0 ? closing::beforeLeaving : closing::afterFailure);
    }
  }

  private void endBy(Consumer<Backend> last) {
    try {
      C10D.run("ending a group", () -> last.accept(backend));
    } finally {
      closeOnceEnded();
    }
  }

  private void closeOnceEnded() {
    if (end.isPresent() && exchanging == 0 && !closed) {
      closed = true;
      C10D.run("closing connections", () -> backend.releaseReference());
    }
  }
}
