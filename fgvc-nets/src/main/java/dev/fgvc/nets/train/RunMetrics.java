package dev.fgvc.nets.train;

import static com.google.common.base.Strings.lenientFormat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Keeps the figures of one run in a file. A run that is tried again in the same process may use the
 * same listener again; another run may not, as its steps would take the place of the first one's.
 */
abstract class RunMetrics implements TrainingListener, AutoCloseable {

  final Path file;
  FileChannel channel;

  private Optional<String> task = Optional.empty();

  /** The step from which the run goes on, until a step tells that it is the same run. */
  private OptionalLong pending = OptionalLong.empty();

  RunMetrics(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Writes the figures of a step. */
  abstract void write(TrainingStep step) throws IOException;

  /** Makes void what was kept of later steps. */
  abstract void dropAfter(long step) throws IOException;

  @Override
  public final void started() {
    resumed(0, "");
  }

  /**
   * Drops what is newer than the checkpoint.
   *
   * @param step the checkpoint's
   * @param state not used
   */
  @Override
  public final void resumed(long step, String state) {
    if (task.isPresent()) {
      pending = OptionalLong.of(step);
      return;
    }
    try {
      dropAfter(step);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public final void step(TrainingStep step) {
    requireSameRun(step.task());
    try {
      if (pending.isPresent()) {
        dropAfter(pending.getAsLong());
        pending = OptionalLong.empty();
      }
      write(step);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void requireSameRun(String other) {
    if (pending.isPresent() && !task.equals(Optional.of(other))) {
      throw new IllegalStateException(
          lenientFormat(
              "%s holds the figures of '%s', and '%s' is another run: give it metrics of its own",
              file, task.orElseThrow(), other));
    }
    task = Optional.of(other);
  }

  /** Forces the figures to the disk before a checkpoint counts on them; keeps nothing in it. */
  @Override
  public final String state() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "";
  }

  @Override
  public final void close() throws IOException {
    channel.close();
  }
}
