package dev.fgvc.nets.cluster.c10d;

import static dev.fgvc.nets.cluster.c10d.C10dLibrary.C10D;

import dev.fgvc.nets.engine.ProcessGroupException;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.ProcessGroupGloo;

/**
 * The connections of one process with the others of its group. They are closed as soon as the group
 * has ended and no exchange is under way, by which the others' exchanges fail at once: Gloo has no
 * way to break off one of this process's own.
 */
final class GlooConnections {

  private final ProcessGroupGloo group;
  private Optional<String> end = Optional.empty();
  private int exchanging;
  private boolean closed;

  /** Takes over a reference to a group. */
  GlooConnections(ProcessGroupGloo group) {
    this.group = group;
  }

  /**
   * Makes an exchange.
   *
   * @throws ProcessGroupException if the group has ended, saying how
   */
  void use(Consumer<ProcessGroupGloo> exchange) {
    begin();
    try {
      exchange.accept(group);
    } finally {
      finish();
    }
  }

  private synchronized void begin() {
    if (end.isPresent()) {
      throw new ProcessGroupException(end.get());
    }
    exchanging++;
  }

  private synchronized void finish() {
    exchanging--;
    closeOnceEnded();
  }

  synchronized boolean haveEnded() {
    return end.isPresent();
  }

  /** Ends the group, unless it has ended. Waits for no exchange. */
  synchronized void end(String reason) {
    if (end.isEmpty()) {
      end = Optional.of(reason);
      closeOnceEnded();
    }
  }

  private void closeOnceEnded() {
    if (end.isPresent() && exchanging == 0 && !closed) {
      closed = true;
      C10D.run("closing connections", () -> group.releaseReference());
    }
  }
}
